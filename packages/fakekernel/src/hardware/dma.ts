import { iommu_hwpt_pgfault_flags, iommu_hwpt_pgfault_perm } from '@iommufd/uapi';
import type { FaultGroup, FaultResponse, PageRequest } from '../iommu/page-fault.js';
import { PAGE, PAGE_MASK, PAGE_SIZE, ULONG_MAX } from '../process/page.js';
import { DmaFault, type DmaFaultReason } from './dma-fault.js';
import { GroupIndexes } from './group-indexes.js';
import type { RefusalOutcome, Place, Refusal, Stall, Transaction, Translation } from './transaction.js';

const { IOMMU_PGFAULT_FLAGS_LAST_PAGE, IOMMU_PGFAULT_FLAGS_PASID_VALID } = iommu_hwpt_pgfault_flags;
const { IOMMU_PGFAULT_PERM_READ, IOMMU_PGFAULT_PERM_WRITE } = iommu_hwpt_pgfault_perm;

/** The most page requests that a device puts into one group. */
const MOST_REQUESTS = 32;

/** The way from a device to its IOMMU. */
export interface DmaPort {
  /** PASIDs are below this. */
  readonly maxPasids: number;
  /** Translates a transaction. Nothing has happened yet: it may be asked about again. @internal */
  translate(transaction: Transaction): Translation;
  /** What the IOMMU does about a transaction that it refused. If that is to report it, it has been when this returns. @internal */
  refused(transaction: Transaction, refusal: Refusal): RefusalOutcome;
  /** Asks for a page. @returns false if no queue takes the request @internal */
  reportFault(request: PageRequest): boolean;
}

/** How an access differs from the usual one. */
export interface DmaOptions {
  /** The process address space that it is made in. */
  readonly pasid?: number | undefined;
}

/** An access to memory: bytes from `iova` on, one transaction for each page. */
interface Access {
  readonly iova: bigint;
  readonly write: boolean;
  readonly pasid: number | undefined;
  /** What is written, or where to put what is read. */
  readonly bytes: Uint8Array;
}

/** A part of an access, all of which goes to one place. */
interface Part {
  readonly place: Place;
  readonly length: number;
}

/** The transaction at which an access stopped. */
interface RefusedAt {
  readonly transaction: Transaction;
  readonly refusal: Refusal;
}

/** The same where the IOMMU holds it. What comes before the part of its page was transferred. */
interface Held extends RefusedAt, Stall {
  /** What is wanted of the page: its first byte, and one beyond the last. */
  readonly part: readonly [start: bigint, end: bigint];
}

/**
 * Access to memory by a device. Without a fault it is over before the promise is returned. Where page faults go to a
 * queue, the device asks there for the pages that it misses, 32 to a group, and tries again when it is answered. Where the
 * IOMMU holds a transaction, the access waits; what comes before it has been transferred.
 */
export class Dma {
  private readonly indexes = new GroupIndexes();
  /** Those who wait for an answer, by the last request of their group. */
  private readonly waiting = new Map<PageRequest, (response: FaultResponse) => void>();

  /** @internal */
  constructor(private readonly port: DmaPort) {}

  /**
   * Reads memory, as far as it gets.
   * @param iova where it begins
   * @param length bytes, 1 or more
   * @param options how it differs from the usual access
   * @param options.pasid the process address space that it is made in
   * @throws DmaFault if the access was aborted
   * @throws RangeError for addresses beyond 64 bits, no bytes, and a PASID that the device does not have
   */
  async read(iova: bigint, length: number, options: DmaOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const pasid = this.check(iova, length, 'length', options);
    const bytes = new Uint8Array(length);
    await this.run({ iova, write: false, pasid, bytes });
    return bytes;
  }

  /**
   * Writes memory. If it is aborted, the pages before the one of the fault have been written.
   * @param iova where it begins
   * @param bytes what is written, of which it takes a copy
   * @param options how it differs from the usual access
   * @param options.pasid the process address space that it is made in
   * @throws DmaFault if the access was aborted
   * @throws RangeError as {@link read}
   */
  async write(iova: bigint, bytes: Uint8Array, options: DmaOptions = {}): Promise<void> {
    const pasid = this.check(iova, bytes.length, 'bytes', options);
    // The device has what it writes: the caller may use the buffer for something else while it waits.
    await this.run({ iova, write: true, pasid, bytes: bytes.slice() });
  }

  private check(iova: bigint, length: number, name: string, { pasid }: DmaOptions): number | undefined {
    if (iova < 0n || iova > ULONG_MAX) throw new RangeError(`iova is ${iova}, and not an address of 64 bits`);
    if (!Number.isSafeInteger(length) || length <= 0)
      throw new RangeError(`${name}: ${length} is no number of bytes to access`);
    if (iova + BigInt(length) - 1n > ULONG_MAX)
      throw new RangeError(`${name}: ${length} bytes from 0x${iova.toString(16)} on go beyond 64 bits`);
    const { maxPasids } = this.port;
    if (pasid !== undefined && !(Number.isInteger(pasid) && pasid >= 0 && pasid < maxPasids))
      throw new RangeError(`pasid is ${pasid}, and the device has ${maxPasids > 1 ? maxPasids : 'none'}`);
    return pasid;
  }

  /** The device was told how a group of page requests was answered. @internal */
  answered({ requests }: FaultGroup, response: FaultResponse): void {
    const last = requests.at(-1);
    if (last === undefined) return;
    const resolve = this.waiting.get(last);
    this.waiting.delete(last);
    resolve?.(response);
  }

  /** Makes an access, and waits or asks for pages until all are there. */
  private async run(whole: Access): Promise<void> {
    let access = whole;
    let index: number | undefined;
    try {
      for (let stop = this.attempt(access); stop !== undefined; stop = this.attempt(access)) {
        if ('stalled' in stop) {
          access = await resume(access, stop);
          continue;
        }
        if (index === undefined) {
          index = this.indexes.take();
          if (index === undefined) {
            // Much may have changed when there is one.
            index = await this.indexes.wait();
            continue;
          }
        }
        const response = await this.request(index, access, this.missing(access, stop));
        if (response === 'invalid') throw faultOf(stop.transaction, 'answered as invalid');
      }
    } finally {
      if (index !== undefined) this.indexes.giveBack(index);
    }
  }

  /**
   * Makes an access as far as it is let through.
   * @returns where it stopped, if it waits there: if that is for pages, nothing was transferred
   * @throws DmaFault if it was aborted; what comes before the page of the fault was transferred then
   */
  private attempt(access: Access): RefusedAt | Held | undefined {
    const parts: Part[] = [];
    for (const [start, end] of pagesOf(access, access.iova)) {
      const stop = this.translatePage(access, start, end, parts);
      if (stop === undefined) continue;
      const { transaction, refusal } = stop;
      const outcome = this.port.refused(transaction, refusal);
      if (outcome === 'page request') return stop;
      transfer(access, parts);
      if (outcome !== 'abort') return { ...stop, ...outcome, part: [start, end] };
      throw faultOf(transaction, refusal.reason);
    }
    transfer(access, parts);
    return undefined;
  }

  /** Translates what an access wants of a page, and adds where it is to `parts` if it gets all of that. */
  private translatePage(
    { write, pasid }: Access,
    start: bigint,
    end: bigint,
    parts: Part[],
  ): RefusedAt | undefined {
    const before = parts.length;
    for (let iova = start; iova < end;) {
      const transaction: Transaction = { iova, write, pasid };
      const place = this.port.translate(transaction);
      if ('reason' in place) {
        parts.length = before;
        return { transaction, refusal: place };
      }
      const length = Math.min(place.length, Number(end - iova));
      parts.push({ place, length });
      iova += BigInt(length);
    }
    return undefined;
  }

  /** The pages that an access misses, as many as fit into a group. It stopped at the first of them. */
  private missing(access: Access, { transaction: { iova } }: RefusedAt): bigint[] {
    const first = iova & PAGE_MASK;
    const pages = [first];
    for (const [start, end] of pagesOf(access, first + PAGE)) {
      if (pages.length === MOST_REQUESTS) break;
      if (this.translatePage(access, start, end, []) !== undefined) pages.push(start);
    }
    return pages;
  }

  /** Asks for pages, all in one group. @returns how that was answered */
  private async request(
    grpid: number,
    { write, pasid }: Access,
    pages: readonly bigint[],
  ): Promise<FaultResponse> {
    const perm = write ? IOMMU_PGFAULT_PERM_WRITE : IOMMU_PGFAULT_PERM_READ;
    const valid = pasid === undefined ? 0 : IOMMU_PGFAULT_FLAGS_PASID_VALID;
    return new Promise((resolve) => {
      for (const [i, addr] of pages.entries()) {
        const isLast = i === pages.length - 1;
        const flags = valid | (isLast ? IOMMU_PGFAULT_FLAGS_LAST_PAGE : 0);
        const request: PageRequest = { flags, pasid: pasid ?? 0, grpid, perm, addr };
        // The answer may come before the report returns.
        if (isLast) this.waiting.set(request, resolve);
        if (this.port.reportFault(request) || !isLast) continue;
        this.waiting.delete(request);
        resolve('invalid');
      }
    });
  }
}

/** The pages of an access from `from` on, each with the part of it that is wanted: its first byte, and one beyond the last. */
function* pagesOf({ iova, bytes }: Access, from: bigint): Generator<[start: bigint, end: bigint]> {
  const end = iova + BigInt(bytes.length);
  for (let start = from; start < end;) {
    const next = (start & PAGE_MASK) + PAGE;
    yield [start, next < end ? next : end];
    start = next;
  }
}

/** Copies between the device and memory. */
function transfer({ write, bytes }: Access, parts: readonly Part[]): void {
  let done = 0;
  for (const { place, length } of parts) {
    if (write) place.written?.(length);
    const end = done + length;
    for (let byte = place.byte; done < end;) {
      const offset = byte % PAGE_SIZE;
      const page = place.object.page(Math.floor(byte / PAGE_SIZE));
      const piece = page.subarray(offset, Math.min(PAGE_SIZE, offset + end - done));
      if (write) piece.set(bytes.subarray(done, done + piece.length));
      else bytes.set(piece, done);
      byte += piece.length;
      done += piece.length;
    }
  }
}

/** Waits until a transaction goes on. @returns what is left of the access @throws DmaFault if it was aborted */
async function resume(
  access: Access,
  { stalled, part: [start, end], transaction, refusal }: Held,
): Promise<Access> {
  const how = await stalled;
  if (how === 'abort') throw faultOf(transaction, refusal.reason);
  const restFrom = (iova: bigint): Access => ({
    ...access,
    iova,
    bytes: access.bytes.subarray(Number(iova - access.iova)),
  });
  if (how === 'retry') return restFrom(start);
  if (!access.write) access.bytes.fill(0, Number(start - access.iova), Number(end - access.iova));
  return restFrom(end);
}

function faultOf({ iova, write, pasid }: Transaction, reason: DmaFaultReason): DmaFault {
  return new DmaFault(iova, write ? 'write' : 'read', pasid, reason);
}
