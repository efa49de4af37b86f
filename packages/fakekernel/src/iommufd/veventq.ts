/**
 * vEVENTQs (IOMMU_VEVENTQ_ALLOC): `struct iommufd_veventq` of Linux's `drivers/iommu/iommufd/eventq.c` and `driver.c`. A driver
 * reports events of a virtual IOMMU. The user reads them from the queue's file, each after a header with a sequence number. A
 * full queue drops events, and marks the loss with a single header that has IOMMU_VEVENTQ_FLAG_LOST_EVENTS.
 */
import {
  IOMMU_VEVENTQ_ALLOC,
  iommu_veventq_flag,
  iommu_veventq_type,
  iommufd_vevent_header,
  VEVENT_SEQUENCE_MAX,
} from '@iommufd/uapi';
import { Errno, fail, invariant } from '../errno.js';
import { ByteQueue } from '../lib/byte-queue.js';
import type { Task } from '../process/task.js';
import { command } from './command.js';
import { type EventFile, type EventQueue, openQueue } from './event-file.js';
import { IommufdObject } from './object.js';
import { Viommu } from './viommu.js';

const { IOMMU_VEVENTQ_FLAG_LOST_EVENTS } = iommu_veventq_flag;
const HEADER = iommufd_vevent_header.byteLength;
/** `offsetof(struct iommufd_vevent_header, sequence)` */
const SEQUENCE = 4;

/** The largest `veventq_depth`. */
const MOST_EVENTS = 1 << 19;

/**
 * A vEVENTQ. Every event gets the next sequence number, even if it is dropped. Dropped events leave one mark at the tail, with
 * the number of the last dropped event. When an event is queued after the mark, the mark is removed, because the gap in the
 * numbers then shows the loss.
 */
export class Veventq extends IommufdObject implements EventQueue {
  readonly kind = 'veventq';
  readonly fileName = '[iommufd-viommu-event]';
  /** The records in the format of `read()`: headers, each followed by its event, and possibly a mark at the tail. */
  private readonly records = new ByteQueue();
  /** Number of queued events, without the mark. */
  private count = 0;
  private hasMark = false;
  /** Size in bytes of an event with its header. All events of a queue have the same size. */
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

  /**
   * `iommufd_viommu_report_event()`: queues an event, or drops it if the queue is full.
   * @throws ENOMEM if it cannot be allocated; it is then marked as lost
   */
  deliver(data: Uint8Array): void {
    try {
      this.viommu.context.kernel.failures?.pass('event', 'iommufd_viommu_report_event()', '');
    } catch (cause) {
      this.queue(data, true);
      throw cause;
    }
    this.queue(data, false);
  }

  private queue(data: Uint8Array, isLost: boolean): void {
    const { records, next: sequence } = this;
    this.next = sequence === VEVENT_SEQUENCE_MAX ? 0 : sequence + 1;
    if (this.recordLength === 0) this.recordLength = HEADER + data.length;
    invariant(HEADER + data.length === this.recordLength, () => `an event of ${data.length} bytes`);
    if (this.hasMark) records.unwrite(HEADER);
    const fits = !isLost && this.count < this.depth;
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

  /** Reads as many whole records as fit. @returns 0 if the queue is empty, even without O_NONBLOCK */
  read(process: Task, address: bigint, length: number): number {
    const { memorySpace } = process;
    if (length < HEADER) throw fail('EINVAL');
    if (!this.isReadable) return 0;
    const all = this.lengthThatFits(length);
    // The buffer is too small for the first record.
    if (all === 0) throw fail('EINVAL');
    try {
      memorySpace.write(address, this.records.front(all));
      this.drop(all);
      return all;
    } catch (cause) {
      if (!(cause instanceof Errno)) throw cause;
    }
    // Linux copies record by record: the records before the failure have been read, the others stay queued.
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

  /** Size in bytes of as many records from the front as fit into `room` bytes. */
  private lengthThatFits(room: number): number {
    const events = Math.min(this.count, Math.floor(room / this.recordLength));
    const length = events * this.recordLength;
    return events === this.count && this.hasMark && length + HEADER <= room ? length + HEADER : length;
  }

  /** Removes the first `length` bytes, which are whole records. */
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
