import {
  IOMMU_VEVENTQ_ALLOC,
  iommu_veventq_type,
  iommu_vevent_tegra241_cmdqv,
  iommu_viommu_event_selftest,
  iommufd_vevent_header,
  smmuv3_event,
  VEVENT_SEQUENCE_MAX,
  type VeventVisitor,
  visitVevents,
} from '@iommufd/uapi';
import type { Decoded, Type } from '@iommufd/uapi/struct';
import { record, u32 } from '../calls/arguments/kinds.js';
import { veventqCause } from '../calls/causes/viommu.js';
import type { Context } from '../calls/context.js';
import { typeOf } from '../calls/formats.js';
import { type Buffer, Queue } from './queue.js';
import type { Viommu } from '../objects/viommu.js';

/** What the events of each type of queue say; fields have the hardware's names. */
interface Events {
  readonly 'arm-smmuv3': Decoded<typeof smmuv3_event>;
  readonly 'tegra241-cmdqv': Decoded<typeof iommu_vevent_tegra241_cmdqv>;
  readonly selftest: Decoded<typeof iommu_viommu_event_selftest>;
}

/**
 * Types of event queues: `arm-smmuv3` (IOMMU_VEVENTQ_TYPE_ARM_SMMUV3), `tegra241-cmdqv`
 * (IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV), `selftest` (IOMMU_VEVENTQ_TYPE_SELFTEST).
 */
export type VeventqType = keyof Events;

/**
 * What an event of a type of queue says: `smmuv3_event`, `iommu_vevent_tegra241_cmdqv` or
 * `iommu_viommu_event_selftest`, decoded.
 */
export type EventOf<T extends VeventqType> = Events[T];

/** The kernel's number of each type, and what decodes its events. */
export const eventFormats: {
  readonly [T in VeventqType]: readonly [number, Type<Events[T], never, unknown>];
} = {
  'arm-smmuv3': [iommu_veventq_type.IOMMU_VEVENTQ_TYPE_ARM_SMMUV3, smmuv3_event],
  'tegra241-cmdqv': [iommu_veventq_type.IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV, iommu_vevent_tegra241_cmdqv],
  selftest: [iommu_veventq_type.IOMMU_VEVENTQ_TYPE_SELFTEST, iommu_viommu_event_selftest],
};

/** An event of a virtual IOMMU. */
export interface ViommuEvent<E> {
  /** Tells it from {@link LostEvents}. */
  readonly kind: 'event';
  /** Its number: 0 to 2147483647, after which comes 0 again. */
  readonly sequence: number;
  /** What it says, with the hardware's names. */
  readonly event: E;
}

/** Events are missing here: the queue was full when they happened. */
export interface LostEvents {
  /** Tells it from {@link ViommuEvent}. */
  readonly kind: 'lost';
  /** The number of the last event that is missing. */
  readonly sequence: number;
  /** How many are missing. */
  readonly lost: number;
}

/** What comes from an event queue, in the order in which it happened. */
export type VeventqItem<E> = ViommuEvent<E> | LostEvents;

/** How an event queue is allocated. */
export interface VeventqOptions<T extends VeventqType> {
  /** Which events; a virtual IOMMU has one queue of each type. */
  readonly type: T;
  /** How many events may wait, 1 to 524288; what comes while so many wait is lost, and told. */
  readonly depth: number;
}

/** {@link VeventqOptions} */
export const veventqOptions = record<VeventqOptions<VeventqType>>({
  type: typeOf(eventFormats),
  depth: u32,
});

/** Bytes of the buffer: what one `read()` takes. */
const BUFFER = 64 * 1024;

/**
 * The events of a virtual IOMMU. Every event gets the next number, whether or not there is room for it. What is lost
 * shows as one {@link LostEvents} in its place: Linux tells either by a header without data at the tail of the
 * queue or, when an event was queued behind it before it was read, by the gap in the numbers alone. Here both
 * look the same.
 *
 * On an Arm SMMUv3 these are the faults of stage 1, with the StreamID of the vDEVICE. What the guest cannot mend, faults of
 * the nest parent above all, goes to the kernel's log, as all of them do while there is no queue. A stream table entry
 * that is not valid, or says to abort, reports nothing.
 */
export class Veventq<T extends VeventqType> extends Queue<VeventqItem<EventOf<T>>> {
  readonly kind = 'veventq';
  /** Which events. */
  readonly type: T;
  /** How many events may wait. */
  readonly depth: number;
  protected readonly longestRecord: number;
  protected readonly hasLongRecords = false;
  /** The number of the last record that was read. */
  private last: number | undefined;
  private into: VeventqItem<EventOf<T>>[] = [];

  private constructor(
    context: Context,
    { id, fd }: { readonly id: number; readonly fd: number },
    /** The virtual IOMMU whose events they are. */
    readonly viommu: Viommu,
    { type, depth }: VeventqOptions<T>,
    buffer: Buffer,
  ) {
    super(context, id, [viommu], fd, buffer);
    this.type = type;
    this.depth = depth;
    this.longestRecord = iommufd_vevent_header.byteLength + eventFormats[type][1].byteLength;
  }

  /** @internal */
  static alloc<T extends VeventqType>(
    context: Context,
    viommu: Viommu,
    options: VeventqOptions<T>,
  ): Veventq<T> {
    const { type, depth } = options;
    const [number] = eventFormats[type];
    const viommu_id = viommu.use();
    return Queue.withBuffer(context, BUFFER, (buffer) => {
      const { out_veventq_id, out_veventq_fd } = context.ioctl(
        IOMMU_VEVENTQ_ALLOC,
        {
          flags: 0,
          viommu_id,
          type: number,
          veventq_depth: depth,
        },
        { cause: veventqCause(depth) },
      );
      return new Veventq(context, { id: out_veventq_id, fd: out_veventq_fd }, viommu, options, buffer);
    });
  }

  protected override decode(bytes: Uint8Array, items: VeventqItem<EventOf<T>>[]): void {
    this.into = items;
    // Hardware may be newer than this: what it sets beyond what is known does not make an event unreadable.
    visitVevents(eventFormats[this.type][1], bytes, this.visitor, {
      after: this.last,
      lenient: true,
    });
  }

  private readonly visitor: VeventVisitor<EventOf<T>> = {
    event: (sequence, lost, event) => {
      this.last = sequence;
      if (lost > 0) this.into.push({ kind: 'lost', sequence: previous(sequence), lost });
      this.into.push({ kind: 'event', sequence, event });
    },
    lost: (sequence, lost) => {
      this.last = sequence;
      if (lost > 0) this.into.push({ kind: 'lost', sequence, lost });
    },
  };
}

const previous = (sequence: number): number => (sequence === 0 ? VEVENT_SEQUENCE_MAX : sequence - 1);
