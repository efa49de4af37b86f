/**
 * vEVENTQs: events of a virtual IOMMU for the guest, decoded and with losses reported in place. Linux's
 * IOMMU_VEVENTQ_ALLOC; records are decoded by `visitVevents` of uapi. Reading and waiting are in `queue.ts`.
 */
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

/** The decoded events of each type of queue; fields have the hardware's names. */
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
 * A decoded event of a type of queue: `smmuv3_event`, `iommu_vevent_tegra241_cmdqv` or `iommu_viommu_event_selftest`.
 */
export type EventOf<T extends VeventqType> = Events[T];

/** The kernel's number of each type, and the struct of its events. */
export const eventFormats: {
  readonly [T in VeventqType]: readonly [number, Type<Events[T], never, unknown>];
} = {
  'arm-smmuv3': [iommu_veventq_type.IOMMU_VEVENTQ_TYPE_ARM_SMMUV3, smmuv3_event],
  'tegra241-cmdqv': [iommu_veventq_type.IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV, iommu_vevent_tegra241_cmdqv],
  selftest: [iommu_veventq_type.IOMMU_VEVENTQ_TYPE_SELFTEST, iommu_viommu_event_selftest],
};

/** An event of a virtual IOMMU. */
export interface ViommuEvent<E> {
  /** Distinguishes it from {@link LostEvents}. */
  readonly kind: 'event';
  /** Its sequence number, 0 to 2147483647, which then wraps to 0. */
  readonly sequence: number;
  /** The decoded event, with the hardware's names. */
  readonly event: E;
}

/** Events were lost here, because the queue was full. */
export interface LostEvents {
  /** Distinguishes it from {@link ViommuEvent}. */
  readonly kind: 'lost';
  /** The sequence number of the last lost event. */
  readonly sequence: number;
  /** Number of lost events. */
  readonly lost: number;
}

/** An item of a vEVENTQ, in order. */
export type VeventqItem<E> = ViommuEvent<E> | LostEvents;

/** Options of {@link Viommu.allocVeventq}. */
export interface VeventqOptions<T extends VeventqType> {
  /** The type of events; a virtual IOMMU has at most one queue of each type. */
  readonly type: T;
  /** The most queued events, 1 to 524288; further events are lost and reported as {@link LostEvents}. */
  readonly depth: number;
}

/** {@link VeventqOptions} */
export const veventqOptions = record<VeventqOptions<VeventqType>>({
  type: typeOf(eventFormats),
  depth: u32,
});

/** Buffer size in bytes. */
const BUFFER = 64 * 1024;

/**
 * The events of a virtual IOMMU. Every event gets the next sequence number, even if it is lost. Lost events are reported as
 * one {@link LostEvents} at their position. Linux reports them by a header without data at the tail of the queue or, if an
 * event was queued before that header was read, only by the gap in the numbers; here both look alike.
 *
 * On an Arm SMMUv3 these are stage 1 faults, with the StreamID of the vDEVICE. Faults that the guest cannot handle, mainly
 * those of the nest parent, go to the kernel's log, and so do all events if there is no queue. A stream table entry that is
 * invalid or aborts reports nothing.
 */
export class Veventq<T extends VeventqType> extends Queue<VeventqItem<EventOf<T>>> {
  readonly kind = 'veventq';
  /** The type of events. */
  readonly type: T;
  /** The most queued events. */
  readonly depth: number;
  protected readonly longestRecord: number;
  protected readonly hasLongRecords = false;
  /** The sequence number of the last record read. */
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
    // Lenient: newer hardware may set bits that are unknown here.
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
