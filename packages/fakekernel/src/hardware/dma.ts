/**
 * DMA of a fake device: reads and writes by IOVA, translated page by page through a {@link DmaPort}, which is the device's IOMMU.
 * For a refused page, the port decides: the access is aborted, or the device requests the page, or the access stalls. The
 * documentation of {@link Dma} describes what has been transferred in each case.
 */
import { iommu_hwpt_pgfault_flags, iommu_hwpt_pgfault_perm, type OwnBytes } from '@iommufd/uapi';
import type { FaultResponse, PageRequest } from '../iommu/page-fault.js';
import { PAGE, PAGE_MASK, ULONG_MAX } from '../process/page.js';
import { DmaFault, type DmaFaultReason } from './dma-fault.js';
import { GroupIndexes, IndexWaiter } from './group-indexes.js';
import type {
  RefusalOutcome,
  MemoryTarget,
  Refusal,
  Resumption,
  Stall,
  Transaction,
  Translation,
} from './transaction.js';

const { IOMMU_PGFAULT_FLAGS_LAST_PAGE, IOMMU_PGFAULT_FLAGS_PASID_VALID } = iommu_hwpt_pgfault_flags;
const { IOMMU_PGFAULT_PERM_READ, IOMMU_PGFAULT_PERM_WRITE } = iommu_hwpt_pgfault_perm;

/** The largest number of page requests in a group. */
const MOST_REQUESTS = 32;

/** The connection from a device to its IOMMU. */
export interface DmaPort {
  /** Number of PASIDs. */
  readonly maxPasids: number;
  /** Translates a transaction without accessing memory. May be called several times for one access. @internal */
  translate(transaction: Transaction): Translation;
  /** Handles a refused transaction. If an event must be reported, it has been reported when this returns. @internal */
  refused(transaction: Transaction, refusal: Refusal): RefusalOutcome;
  /** Sends a page request. @returns false if there is no fault handler @internal */
  reportFault(request: PageRequest): boolean;
}

/** Options of an access. */
export interface DmaOptions {
  /** The PASID of the access. Default: no PASID. */
  readonly pasid?: number | undefined;
}

/** An access to consecutive bytes, with one transaction for each page. */
interface Access {
  readonly iova: bigint;
  readonly write: boolean;
  readonly pasid: number | undefined;
  /** The data to write, or the buffer to read into. */
  readonly bytes: Uint8Array;
}

/** An access that a device has started: {@link Dma.begin}. */
export interface DmaAccess {
  /** `waits`: it waits for the response to a page request, or for a stalled transaction. Otherwise it has ended. */
  readonly state: 'waits' | 'done' | 'aborted';
  /** The reason why it was aborted; undefined if it was not. */
  readonly fault: DmaFault | undefined;
  /** The bytes to write, or the bytes that were read. */
  readonly bytes: OwnBytes;
}

/** An access with the state that it needs while it runs. */
class Running implements DmaAccess {
  state: DmaAccess['state'] = 'waits';
  /** The error that aborted it: a {@link DmaFault}, unless the IOMMU has a bug. */
  error: unknown;
  /** Index of its group of page requests, once it has requested pages. */
  index: number | undefined;
  /** Called when it has ended. */
  whenOver: (() => void) | undefined;
  /** The remaining part of the access. */
  rest: Access;

  constructor(
    whole: Access,
    readonly bytes: OwnBytes,
  ) {
    this.rest = whole;
  }

  get fault(): DmaFault | undefined {
    return this.error instanceof DmaFault ? this.error : undefined;
  }
}

/** A part of an access that has one target. */
interface Part {
  readonly place: MemoryTarget;
  readonly length: number;
}

/** The refused transaction at which an access has stopped. */
interface RefusedAt {
  readonly transaction: Transaction;
  readonly refusal: Refusal;
}

/** A stalled transaction at which an access has stopped. The pages before it have been transferred. */
interface Held extends RefusedAt, Stall {
  /** The part of the access in this page, end exclusive. */
  readonly part: readonly [start: bigint, end: bigint];
}

/**
 * Memory access by a device. Without a fault, an access has completed before the promise is returned. If page faults are reported
 * to a queue, the device requests the missing pages, up to 32 in a group, and retries after the response. If the IOMMU stalls a
 * transaction, the access waits; the pages before it have been transferred.
 */
export class Dma {
  private readonly indexes = new GroupIndexes();
  /** Accesses that wait for a response, by the last request of their group. */
  private readonly waiting = new Map<PageRequest, IndexWaiter<FaultResponse>>();
  /** Work that continues when the current call has ended, in the order of the responses. */
  private readonly ready: (() => void)[] = [];

  /** Called after each write to memory. @internal */
  onWrite: ((iova: bigint, length: number) => void) | undefined;

  /** @internal */
  constructor(private readonly port: DmaPort) {}

  /**
   * Reads memory.
   * @param iova address of the first byte
   * @param length in bytes, at least 1
   * @param options of the access
   * @param options.pasid the PASID of the access. Default: no PASID
   * @throws DmaFault if the access was aborted
   * @throws RangeError if the range is empty or exceeds 64 bits, or the device does not support the PASID
   */
  async read(iova: bigint, length: number, options: DmaOptions = {}): Promise<OwnBytes> {
    const running = this.start(iova, length, options);
    await over(running);
    return running.bytes;
  }

  /**
   * Writes memory. If the access is aborted, the pages before the faulting one have been written.
   * @param iova address of the first byte
   * @param bytes the data, which is copied before the call returns
   * @param options of the access
   * @param options.pasid the PASID of the access. Default: no PASID
   * @throws DmaFault if the access was aborted
   * @throws RangeError as {@link read}
   */
  async write(iova: bigint, bytes: Uint8Array, options: DmaOptions = {}): Promise<void> {
    await over(this.start(iova, bytes, options));
  }

  /**
   * Starts an access, for a caller that does not wait for its end. The access returns its state at once. If it waits, it
   * continues after the response, in a microtask or when {@link settle} is called.
   * @param iova address of the first byte
   * @param data the data to write, which is copied before the call returns; or the number of bytes to read
   * @param options of the access
   * @param options.pasid the PASID of the access. Default: no PASID
   * @throws RangeError as {@link read}
   */
  begin(iova: bigint, data: Uint8Array | number, options: DmaOptions = {}): DmaAccess {
    return this.start(iova, data, options);
  }

  /** Continues the accesses that have their response. */
  settle(): void {
    for (let next = this.ready.shift(); next !== undefined; next = this.ready.shift()) next();
  }

  private start(iova: bigint, data: Uint8Array | number, options: DmaOptions): Running {
    const write = typeof data !== 'number';
    const pasid = write
      ? this.check(iova, data.length, 'bytes', options)
      : this.check(iova, data, 'length', options);
    // A copy, so that the caller may reuse the buffer while the access waits.
    const bytes = write ? data.slice() : new Uint8Array(data);
    const running = new Running({ iova, write, pasid, bytes }, bytes);
    this.goOn(running);
    return running;
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

  /** Called when a group of page requests has its response. @internal */
  answered(requests: readonly PageRequest[], response: FaultResponse): void {
    const last = requests.at(-1);
    if (last === undefined) return;
    const waiter = this.waiting.get(last);
    this.waiting.delete(last);
    if (waiter === undefined) return;
    if (waiter.answer !== undefined) waiter.answer(response);
    else this.indexes.giveBack(waiter.index);
  }

  /** Attempts an access, until it ends or waits. */
  private goOn(running: Running): void {
    try {
      const stop = this.attempt(running.rest);
      if (stop === undefined) this.end(running, undefined);
      else if ('stalled' in stop) stop.stalled((how) => this.later(() => this.resume(running, stop, how)));
      else this.ask(running, stop);
    } catch (error) {
      this.end(running, error);
    }
  }

  /** Runs work when the current call has ended. */
  private later(work: () => void): void {
    this.ready.push(work);
    void Promise.resolve().then(() => this.settle());
  }

  private end(running: Running, error: unknown): void {
    running.state = error === undefined ? 'done' : 'aborted';
    running.error = error;
    const { index, whenOver } = running;
    if (index !== undefined) this.indexes.giveBack(index);
    if (whenOver !== undefined) whenOver();
    else if (error !== undefined && running.fault === undefined) throw error;
  }

  /** Continues after a stall. */
  private resume(running: Running, stop: Held, how: Resumption): void {
    const { transaction, refusal } = stop;
    if (how === 'abort') return this.end(running, faultOf(transaction, refusal.reason));
    running.rest = restOf(running.rest, stop, how);
    this.goOn(running);
  }

  /** Requests the missing pages of an access, as soon as an index for the group is free. */
  private ask(running: Running, stop: RefusedAt): void {
    running.index ??= this.indexes.take();
    const { index, rest } = running;
    if (index === undefined) {
      this.indexes.wait((free) => {
        running.index = free;
        // Mappings may have changed in the meantime, so the access is attempted again.
        this.later(() => this.goOn(running));
      });
      return;
    }
    this.request(index, rest, this.missing(rest, stop), (response) =>
      this.later(() => {
        if (response === 'invalid') this.end(running, faultOf(stop.transaction, 'answered as invalid'));
        else this.goOn(running);
      }),
    );
  }

  /**
   * Attempts an access once.
   * @returns undefined if it has completed; otherwise the transaction at which it waits: for pages, with nothing transferred, or
   *   at a stall
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

  /** Translates the part of an access in one page, and appends it to `parts` unless it is refused. */
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

  /** The missing pages of an access that has stopped at the first of them, as many as fit into a group. */
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

  /** Requests pages in one group. @param answered called with the response, possibly before this returns */
  private request(
    grpid: number,
    { write, pasid }: Access,
    pages: readonly bigint[],
    answered: (response: FaultResponse) => void,
  ): void {
    const perm = write ? IOMMU_PGFAULT_PERM_WRITE : IOMMU_PGFAULT_PERM_READ;
    const valid = pasid === undefined ? 0 : IOMMU_PGFAULT_FLAGS_PASID_VALID;
    for (const [i, addr] of pages.entries()) {
      const isLast = i === pages.length - 1;
      const flags = valid | (isLast ? IOMMU_PGFAULT_FLAGS_LAST_PAGE : 0);
      const request: PageRequest = { flags, pasid: pasid ?? 0, grpid, perm, addr };
      // The response may arrive before reportFault() returns.
      if (isLast) this.waiting.set(request, new IndexWaiter(grpid, answered));
      if (this.port.reportFault(request) || !isLast) continue;
      this.waiting.delete(request);
      answered('invalid');
    }
  }
}

/** Waits until an access has ended. @throws DmaFault if it was aborted */
async function over(running: Running): Promise<void> {
  if (running.state === 'waits')
    await new Promise<void>((resolve) => {
      running.whenOver = resolve;
    });
  if (running.state === 'aborted') throw running.error;
}

/** The end of the part of an access that begins at `start` and is in one page. Ends are exclusive. */
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

/** The remaining part of an access that continues after a stall. */
function restOf(access: Access, { part: [start, end] }: Held, how: 'retry' | 'terminate'): Access {
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
