import {
  IOMMU_VEVENTQ_ALLOC,
  iommu_veventq_flag,
  iommu_veventq_type,
  iommufd_vevent_header,
  VEVENT_SEQUENCE_MAX,
} from '@iommufd/uapi';
import { Errno, fail } from '../errno.js';
import type { Process } from '../process/process.js';
import { command, making } from './command.js';
import { type EventFile, type EventQueue, openQueue } from './event-file.js';
import { IommufdObject } from './object.js';
import { Viommu } from './viommu.js';

const { IOMMU_VEVENTQ_FLAG_LOST_EVENTS } = iommu_veventq_flag;
const HEADER = iommufd_vevent_header.byteLength;
/** `offsetof(struct iommufd_vevent_header, sequence)` */
const SEQUENCE = 4;

/** The most events that a queue may be asked to hold. */
const MOST_EVENTS = 1 << 19;

interface Event {
  readonly sequence: number;
  /** Undefined for the mark of lost events, which has none. */
  readonly data: Uint8Array | undefined;
}

const sizeOf = ({ data }: Event): number => HEADER + (data?.length ?? 0);

/**
 * Events of a virtual IOMMU. Every event gets the next sequence number, whether or not there is room for it. What
 * does not fit leaves a mark at the tail, one for all; the mark goes when an event is queued behind it, because
 * then the gap in the numbers tells the same.
 */
export class Veventq extends IommufdObject implements EventQueue {
  readonly kind = 'veventq';
  private readonly events: Event[] = [];
  /** Events without the mark. */
  private count = 0;
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
    const sequence = this.next;
    this.next = sequence === VEVENT_SEQUENCE_MAX ? 0 : sequence + 1;
    if (this.events.at(-1)?.data === undefined) this.events.pop();
    const fits = this.count < this.depth;
    this.events.push({ sequence, data: fits ? data : undefined });
    if (fits) this.count++;
    this.file?.waiters.wake();
  }

  get isReadable(): boolean {
    return this.events.length > 0;
  }

  /** As many whole records as fit. @returns 0 for an empty queue, also when it is asked to wait */
  read(process: Process, address: bigint, length: number): number {
    if (length < HEADER) throw fail('EINVAL');
    if (this.events.length === 0) return 0;
    const count = this.countThatFits(length);
    // A buffer that not even the first record fits is a mistake of the caller's.
    if (count === 0) throw fail('EINVAL');
    const all = this.events.slice(0, count);
    try {
      return this.copyOut(process, address, all);
    } catch (cause) {
      if (!(cause instanceof Errno)) throw cause;
    }
    // Linux copies one after another: what was copied before the failure counts, the rest stays in the queue.
    let done = 0;
    for (const event of all) {
      try {
        done += this.copyOut(process, address + BigInt(done), [event]);
      } catch (cause) {
        if (done > 0 && cause instanceof Errno) break;
        throw cause;
      }
    }
    return done;
  }

  private countThatFits(length: number): number {
    let room = length;
    let count = 0;
    for (const event of this.events) {
      room -= sizeOf(event);
      if (room < 0) break;
      count++;
    }
    return count;
  }

  /** Copies the first events to the reader and drops them. @returns bytes @throws EFAULT, and all of them stay */
  private copyOut({ memorySpace }: Process, address: bigint, events: readonly Event[]): number {
    const bytes = new Uint8Array(events.reduce((sum, event) => sum + sizeOf(event), 0));
    const view = new DataView(bytes.buffer);
    let at = 0;
    let withData = 0;
    for (const { sequence, data } of events) {
      view.setUint32(at, data === undefined ? IOMMU_VEVENTQ_FLAG_LOST_EVENTS : 0, true);
      view.setUint32(at + SEQUENCE, sequence, true);
      at += HEADER;
      if (data === undefined) continue;
      bytes.set(data, at);
      at += data.length;
      withData++;
    }
    memorySpace.write(address, bytes);
    this.events.splice(0, events.length);
    this.count -= withData;
    return at;
  }

  override destroy(): void {
    this.events.length = 0;
    this.viommu.veventqs.delete(this.type);
    this.viommu.put();
  }
}

/** IOMMU_VEVENTQ_ALLOC */
export const veventqAlloc = command(IOMMU_VEVENTQ_ALLOC, (cmd, { context, process, respond }) => {
  if (cmd.flags !== 0 || cmd.__reserved !== 0 || cmd.type === iommu_veventq_type.IOMMU_VEVENTQ_TYPE_DEFAULT) {
    throw fail('EOPNOTSUPP');
  }
  if (cmd.veventq_depth === 0 || cmd.veventq_depth > MOST_EVENTS) throw fail('EINVAL');
  context.with(cmd.viommu_id, Viommu, (viommu) => {
    if (viommu.veventqs.has(cmd.type)) throw fail('EEXIST');
    making(context, new Veventq(viommu, cmd.type, cmd.veventq_depth), (queue) => {
      queue.file = openQueue(process, context, queue, (fd) => {
        cmd.out_veventq_id = queue.id;
        cmd.out_veventq_fd = fd;
        respond();
      });
    });
  });
});
