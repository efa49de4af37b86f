import { viewOf } from '../struct/bytes.js';
import { inside, Mismatch, reporting, show } from '../struct/error.js';
import { type Type } from '../struct/type.js';
import { iommu_veventq_flag, iommufd_vevent_header } from '../iommufd/veventq.js';

const { IOMMU_VEVENTQ_FLAG_LOST_EVENTS } = iommu_veventq_flag;

/** The highest sequence number; after it comes 0. */
export const VEVENT_SEQUENCE_MAX = 0x7fff_ffff;

/** An event of a vEVENTQ. */
export interface Vevent<E> {
  readonly kind: 'event';
  /** Its number, 0 to {@link VEVENT_SEQUENCE_MAX}. */
  readonly sequence: number;
  /** The header's flags, of `iommu_veventq_flag`. */
  readonly flags: number;
  /** Events lost between the record before it and this one. */
  readonly lost: number;
  readonly event: E;
}

/** The mark at the end of a queue that was full: a header with IOMMU_VEVENTQ_FLAG_LOST_EVENTS and no data. */
export interface LostEvents {
  readonly kind: 'lost';
  /** The number of the last event that was lost. */
  readonly sequence: number;
  readonly flags: number;
  /** Events lost since the record before it. */
  readonly lost: number;
}

/** What `read()` on a vEVENTQ returns, one after another. */
export type VeventRecord<E> = Vevent<E> | LostEvents;

/** How far sequence number `to` is beyond `from`, over the step from {@link VEVENT_SEQUENCE_MAX} to 0. */
export function sequenceDistance(from: number, to: number): number {
  return (to - from) & VEVENT_SEQUENCE_MAX;
}

/** How many events are missing between two that were read one after the other. */
export function lostBetween(previous: number, next: number): number {
  return sequenceDistance(previous + 1, next);
}

/**
 * Decodes what one `read()` of a vEVENTQ returned.
 * @param type the events' format, as the queue's type says: `smmuv3_event`, `iommu_viommu_event_selftest`, ...
 * @param bytes exactly the bytes that were returned
 * @param options.after the sequence number of the last record of the read before; leave it out for the first
 *   read of a new queue, whose first event has the number 0
 * @returns the records in order; an event that follows a gap, and a mark of lost events, say how many are missing
 * @throws StructError if the bytes end within a record: the path names the record, the offset where it begins
 */
export function decodeVevents<Out, In, V>(
  type: Type<Out, In, V>,
  bytes: Uint8Array,
  options: { readonly after?: number; readonly lenient?: boolean } = {},
): VeventRecord<Out>[] {
  return reporting('veventq', () => {
    const view = viewOf(bytes);
    const lenient = options.lenient === true;
    const records: VeventRecord<Out>[] = [];
    let previous = options.after ?? NONE;
    if (options.after !== undefined) checkSequence(options.after, 0, 'after');
    let at = 0;
    const take = <O, I, W>(part: string, of: Type<O, I, W>): O =>
      inside(part, () => {
        const end = at + of.byteLength;
        if (end > bytes.length)
          throw new Mismatch(at, `${of.byteLength} bytes of ${of.name}`, `${bytes.length - at}`);
        const value = of.read(view, at, end, lenient);
        at = end;
        return value;
      });
    while (at < bytes.length) {
      const record = inside(records.length, (): VeventRecord<Out> => {
        const { flags, sequence } = take('header', iommufd_vevent_header);
        checkSequence(sequence, at - 4, 'header.sequence');
        if ((flags & IOMMU_VEVENTQ_FLAG_LOST_EVENTS) !== 0) {
          return { kind: 'lost', sequence, flags, lost: sequenceDistance(previous, sequence) };
        }
        const event = take('data', type);
        return { kind: 'event', sequence, flags, lost: lostBetween(previous, sequence), event };
      });
      records.push(record);
      previous = record.sequence;
    }
    return records;
  });
}

/** The number before the first one of a new queue. */
const NONE = -1;

function checkSequence(sequence: number, at: number, key: string): void {
  if (Number.isInteger(sequence) && sequence >= 0 && sequence <= VEVENT_SEQUENCE_MAX) return;
  throw new Mismatch(at, `an integer from 0 to ${VEVENT_SEQUENCE_MAX}`, show(sequence)).under(key);
}

/** A record to encode: how many events it says are lost follows from the numbers. */
export type VeventToEncode<E> =
  | { readonly kind: 'event'; readonly sequence: number; readonly flags?: number; readonly event: E }
  | { readonly kind: 'lost'; readonly sequence: number; readonly flags?: number };

/**
 * Encodes records as `read()` on a vEVENTQ returns them.
 * @throws StructError for a record that does not fit; the path names it
 */
export function encodeVevents<Out, In, V>(
  type: Type<Out, In, V>,
  records: readonly VeventToEncode<In>[],
): Uint8Array<ArrayBuffer> {
  return reporting('veventq', () => {
    const headerLength = iommufd_vevent_header.byteLength;
    const bytes = new Uint8Array(records.length * (headerLength + type.byteLength));
    const view = viewOf(bytes);
    let at = 0;
    for (let i = 0; i < records.length; i++) {
      inside(i, () => {
        const record = checkRecord(records[i], at);
        const { kind, sequence } = record;
        checkSequence(sequence, at + 4, 'header.sequence');
        const flags = record.flags ?? (kind === 'lost' ? IOMMU_VEVENTQ_FLAG_LOST_EVENTS : 0);
        // The flag alone tells a reader whether data follows.
        if ((kind === 'lost') !== ((flags & IOMMU_VEVENTQ_FLAG_LOST_EVENTS) !== 0)) {
          const expected = `IOMMU_VEVENTQ_FLAG_LOST_EVENTS ${kind === 'lost' ? '' : 'not '}to be set`;
          throw new Mismatch(at, expected, show(flags)).under('header.flags');
        }
        inside('header', () => iommufd_vevent_header.write(view, at, { flags, sequence }));
        at += headerLength;
        if (kind === 'lost') return;
        inside('data', () => type.write(view, at, record.event));
        at += type.byteLength;
      });
    }
    return bytes.slice(0, at);
  });
}

function checkRecord<E>(record: VeventToEncode<E> | undefined, at: number): VeventToEncode<E> {
  const kind: unknown = typeof record === 'object' && record !== null ? record.kind : undefined;
  if (record !== undefined && (kind === 'event' || kind === 'lost')) return record;
  throw new Mismatch(at, "a record of kind 'event' or 'lost'", show(kind ?? record));
}
