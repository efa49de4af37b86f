/**
 * DMA of a fake device: reads and writes by IOVA, translated page by page through a {@link DmaPort}, which is the device's
 * IOMMU. A refused page aborts the access, makes the device request the page, or stalls the access, as the port decides.
 * The class doc of {@link Dma} says what has been transferred in each case.
 */
import { iommu_hwpt_pgfault_flags, iommu_hwpt_pgfault_perm, type OwnBytes } from '@iommufd/uapi';
import type { FaultResponse, PageRequest } from '../iommu/page-fault.js';
import { PAGE, PAGE_MASK, ULONG_MAX } from '../process/page.js';
import { DmaFault, type DmaFaultReason } from './dma-fault.js';
import { GroupIndexes, IndexWaiter } from './group-indexes.js';
import type { RefusalOutcome, Place, Refusal, Stall, Transaction, Translation } from './transaction.js';

const { IOMMU_PGFAULT_FLAGS_LAST_PAGE, IOMMU_PGFAULT_FLAGS_PASID_VALID } = iommu_hwpt_pgfault_flags;
const { IOMMU_PGFAULT_PERM_READ, IOMMU_PGFAULT_PERM_WRITE } = iommu_hwpt_pgfault_perm;

/** The most page requests in a group. */
const MOST_REQUESTS = 32;

/** The connection from a device to its IOMMU. */
export interface DmaPort {
  /** Number of PASIDs. */
  readonly maxPasids: number;
  /** Translates a transaction, without accessing memory. May be called more than once for an access. @internal */
  translate(transaction: Transaction): Translation;
  /** Handles a refused transaction. An event, if there is one, has been reported when this returns. @internal */
  refused(transaction: Transaction, refusal: Refusal): RefusalOutcome;
  /** Sends a page request. @returns false if there is no fault handler @internal */
  reportFault(request: PageRequest): boolean;
}

/** Options of an access. */
export interface DmaOptions {
  /** The PASID of the access; none by default. */
  readonly pasid?: number | undefined;
}

/** An access of consecutive bytes, one transaction per page. */
interface Access {
  readonly iova: bigint;
  readonly write: boolean;
  readonly pasid: number | undefined;
  /** The data to write, or the buffer to read into. */
  readonly bytes: Uint8Array;
}

/** A part of an access that goes to one place. */
interface Part {
  readonly place: Place;
  readonly length: number;
}

/** The refused transaction at which an access stopped. */
interface RefusedAt {
  readonly transaction: Transaction;
  readonly refusal: Refusal;
}

/** A stalled transaction at which an access stopped. The pages before it have been transferred. */
interface Held extends RefusedAt, Stall {
  /** The part of the access in its page, end exclusive. */
  readonly part: readonly [start: bigint, end: bigint];
}

/**
 * Memory access by a device. Without a fault, an access has completed before the promise is returned. If page faults go to
 * a queue, the device requests the missing pages, up to 32 per group, and retries after the answer. If the IOMMU stalls a
 * transaction, the access waits; the pages before it have been transferred.
 */
export class Dma {
  private readonly indexes = new GroupIndexes();
  /** Accesses that wait for an answer, by the last request of their group. */
  private readonly waiting = new Map<PageRequest, IndexWaiter<FaultResponse>>();

  /** Called when the device has written to memory. @internal */
  onWrite: ((iova: bigint, length: number) => void) | undefined;

  /** @internal */
  constructor(private readonly port: DmaPort) {}

  /**
   * Reads memory.
   * @param iova the first byte
   * @param length in bytes, at least 1
   * @param options of the access
   * @param options.pasid the PASID of the access; none by default
   * @throws DmaFault if the access was aborted
   * @throws RangeError if the range is empty or exceeds 64 bits, or the device does not support the PASID
   */
  async read(iova: bigint, length: number, options: DmaOptions = {}): Promise<OwnBytes> {
    const pasid = this.check(iova, length, 'length', options);
    const bytes = new Uint8Array(length);
    await this.run({ iova, write: false, pasid, bytes });
    return bytes;
  }

  /**
   * Writes memory. If the access is aborted, the pages before the faulting one have been written.
   * @param iova the first byte
   * @param bytes the data, copied at once
   * @param options of the access
   * @param options.pasid the PASID of the access; none by default
   * @throws DmaFault if the access was aborted
   * @throws RangeError as {@link read}
   */
  async write(iova: bigint, bytes: Uint8Array, options: DmaOptions = {}): Promise<void> {
    const pasid = this.check(iova, bytes.length, 'bytes', options);
    // Copied, so that the caller may reuse the buffer while the access waits.
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

  /** Called when a group of page requests is answered. @internal */
  answered(requests: readonly PageRequest[], response: FaultResponse): void {
    const last = requests.at(-1);
    if (last === undefined) return;
    const waiter = this.waiting.get(last);
    this.waiting.delete(last);
    if (waiter === undefined) return;
    if (waiter.answer !== undefined) waiter.answer(response);
    else this.indexes.giveBack(waiter.index);
  }

  /** Makes an access; waits for stalls and requests missing pages until it completes. */
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
            // Mappings may have changed meanwhile, so the access is attempted again.
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
   * Attempts an access once.
   * @returns undefined when it completed; else where it waits: for pages, with nothing transferred, or at a stall
   * @throws DmaFault if it was aborted; the pages before the faulting one have been transferred
   */
  private attempt(access: Access): RefusedAt | Held | undefined {
    const parts: Part[] = [];
    const last = access.iova + BigInt(access.bytes.length);
    for (let start = access.iova, end = start; start < last; start = end) {
      end = endOfPage(start, last);
      const stop = this.translatePage(access, start, end, parts);
      if (stop === undefined) continue;
      const { transaction, refusal } = stop;
      const outcome = this.port.refused(transaction, refusal);
      if (outcome === 'page request') return stop;
      this.complete(access, parts);
      if (outcome !== 'abort') return { ...stop, ...outcome, part: [start, end] };
      throw faultOf(transaction, refusal.reason);
    }
    this.complete(access, parts);
    return undefined;
  }

  private complete(access: Access, parts: readonly Part[]): void {
    const length = transfer(access, parts);
    if (access.write && length > 0) this.onWrite?.(access.iova, length);
  }

  /** Translates an access's part of a page, and appends it to `parts` unless it is refused. */
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

  /** The missing pages of an access that stopped at the first of them, as many as fit into a group. */
  private missing(access: Access, { transaction: { iova } }: RefusedAt): bigint[] {
    const first = iova & PAGE_MASK;
    const pages = [first];
    const last = access.iova + BigInt(access.bytes.length);
    for (let start = first + PAGE, end = start; start < last; start = end) {
      if (pages.length === MOST_REQUESTS) break;
      end = endOfPage(start, last);
      if (this.translatePage(access, start, end, []) !== undefined) pages.push(start);
    }
    return pages;
  }

  /** Requests pages in one group. @returns the answer */
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
        // The answer may arrive before the report returns.
        if (isLast) this.waiting.set(request, new IndexWaiter(grpid, resolve));
        if (this.port.reportFault(request) || !isLast) continue;
        this.waiting.delete(request);
        resolve('invalid');
      }
    });
  }
}

/** Where the part of an access ends that begins at `start` and is in one page; ends are exclusive. */
function endOfPage(start: bigint, end: bigint): bigint {
  const next = (start & PAGE_MASK) + PAGE;
  return next < end ? next : end;
}

/** Copies between the device and memory. @returns the number of bytes */
function transfer({ write, bytes }: Access, parts: readonly Part[]): number {
  let done = 0;
  for (const { place, length } of parts) {
    if (write) place.written?.(length);
    const piece = length === bytes.length ? bytes : bytes.subarray(done, done + length);
    if (write) place.object.write(place.byte, piece);
    else place.object.read(place.byte, piece);
    done += length;
  }
  return done;
}

/** Waits for a stalled transaction. @returns the rest of the access @throws DmaFault if it was aborted */
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
