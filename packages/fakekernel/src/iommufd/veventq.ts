import {
  IOMMU_VEVENTQ_ALLOC,
  iommu_veventq_flag,
  iommu_veventq_type,
  iommufd_vevent_header,
  VEVENT_SEQUENCE_MAX,
} from '@iommufd/uapi';
import { Errno, fail, invariant } from '../errno.js';
import { ByteQueue } from '../lib/byte-queue.js';
import type { Process } from '../process/process.js';
import { command } from './command.js';
import { type EventFile, type EventQueue, openQueue } from './event-file.js';
import { IommufdObject } from './object.js';
import { Viommu } from './viommu.js';

const { IOMMU_VEVENTQ_FLAG_LOST_EVENTS } = iommu_veventq_flag;
const HEADER = iommufd_vevent_header.byteLength;
/** `offsetof(struct iommufd_vevent_header, sequence)` */
const SEQUENCE = 4;

/** The most events that a queue may be asked to hold. */
const MOST_EVENTS = 1 << 19;

/**
 * Events of a virtual IOMMU. Every event gets the next sequence number, whether or not there is room for it. What
 * does not fit leaves a mark at the tail, one for all; the mark goes when an event is queued behind it, because
 * then the gap in the numbers tells the same.
 */
export class Veventq extends IommufdObject implements EventQueue {
  readonly kind = 'veventq';
  /** What waits to be read, as it will be read: headers, each with its event, and perhaps a mark at the end. */
  private readonly records = new ByteQueue();
  /** Events without the mark. */
  private count = 0;
  private hasMark = false;
  /** Bytes of an event with its header, which are the same for all of a type. */
  private recordLength = 0;
  private next = 0;
  file: EventFile | undefined;

  constructor(
    readonly viommu: Viommu,
    readonly type: number,
    private readonly depth: number,
  ) {
    super();
    viommu.get();
    viommu.veventqs.set(type, this);
  }

  /** An event happened. */
  deliver(data: Uint8Array): void {
    const { records, next: sequence } = this;
    this.next = sequence === VEVENT_SEQUENCE_MAX ? 0 : sequence + 1;
    if (this.recordLength === 0) this.recordLength = HEADER + data.length;
    invariant(HEADER + data.length === this.recordLength, () => `an event of ${data.length} bytes`);
    if (this.hasMark) records.unwrite(HEADER);
    const fits = this.count < this.depth;
    const at = records.write(fits ? this.recordLength : HEADER);
    records.view.setUint32(at, fits ? 0 : IOMMU_VEVENTQ_FLAG_LOST_EVENTS, true);
    records.view.setUint32(at + SEQUENCE, sequence, true);
    if (fits) {
      records.bytes.set(data, at + HEADER);
      this.count++;
    }
    this.hasMark = !fits;
    this.file?.waiters.wake();
  }

  get isReadable(): boolean {
    return this.records.length > 0;
  }

  /** As many whole records as fit. @returns 0 for an empty queue, also when it is asked to wait */
  read(process: Process, address: bigint, length: number): number {
    const { memorySpace } = process;
    if (length < HEADER) throw fail('EINVAL');
    if (!this.isReadable) return 0;
    const all = this.lengthThatFits(length);
    // A buffer that not even the first record fits is a mistake of the caller's.
    if (all === 0) throw fail('EINVAL');
    try {
      memorySpace.write(address, this.records.front(all));
      this.drop(all);
      return all;
    } catch (cause) {
      if (!(cause instanceof Errno)) throw cause;
    }
    // Linux copies one after another: what was copied before the failure counts, the rest stays in the queue.
    let done = 0;
    while (done < all) {
      const one = this.count > 0 ? this.recordLength : HEADER;
      try {
        memorySpace.write(address + BigInt(done), this.records.front(one));
      } catch (cause) {
        if (done > 0 && cause instanceof Errno) break;
        throw cause;
      }
      this.drop(one);
      done += one;
    }
    return done;
  }

  /** Bytes of the first records that `room` is enough for. */
  private lengthThatFits(room: number): number {
    const events = Math.min(this.count, Math.floor(room / this.recordLength));
    const length = events * this.recordLength;
    return events === this.count && this.hasMark && length + HEADER <= room ? length + HEADER : length;
  }

  /** The first `length` bytes, whole records, were read. */
  private drop(length: number): void {
    this.records.drop(length);
    const events = Math.min(this.count, Math.floor(length / this.recordLength));
    this.count -= events;
    if (this.records.length === 0) this.hasMark = false;
  }

  override destroy(): void {
    this.records.drop(this.records.length);
    this.viommu.veventqs.delete(this.type);
    this.viommu.put();
  }
}

/** IOMMU_VEVENTQ_ALLOC */
export const veventqAlloc = command(IOMMU_VEVENTQ_ALLOC, (cmd, call) => {
  if (cmd.flags !== 0 || cmd.__reserved !== 0 || cmd.type === iommu_veventq_type.IOMMU_VEVENTQ_TYPE_DEFAULT) {
    throw fail('EOPNOTSUPP');
  }
  if (cmd.veventq_depth === 0 || cmd.veventq_depth > MOST_EVENTS) throw fail('EINVAL');
  const viommu = call.hold(cmd.viommu_id, Viommu);
  if (viommu.veventqs.has(cmd.type)) throw fail('EEXIST');
  const queue = call.create(new Veventq(viommu, cmd.type, cmd.veventq_depth));
  queue.file = openQueue(call, queue, (fd) => {
    cmd.out_veventq_id = queue.id;
    cmd.out_veventq_fd = fd;
    call.respond();
  });
});
