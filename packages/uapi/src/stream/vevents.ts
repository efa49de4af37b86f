import { type OwnBytes, viewOf } from '../struct/bytes.js';
import { inside, Mismatch, reporting, show } from '../struct/error.js';
import type { DecodeOptions } from '../struct/codec.js';
import type { AnyType, Type } from '../struct/type.js';
import { iommu_veventq_flag, iommufd_vevent_header } from '../iommufd/veventq.js';
import { checkSequence, lostBetween, sequenceDistance, VEVENT_SEQUENCE_MAX } from './sequence.js';

const { IOMMU_VEVENTQ_FLAG_LOST_EVENTS } = iommu_veventq_flag;

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

/** A record of a vEVENTQ. */
export type VeventRecord<E> = Vevent<E> | LostEvents;

/** The callbacks of {@link visitVevents}, which creates no object per record. */
export interface VeventVisitor<E> {
  /** An event. @param lost events lost between the previous record and this one */
  event(sequence: number, lost: number, event: E, flags: number): void;
  /** A mark without data at the end of a queue that was full: `lost` events up to number `sequence`. */
  lost(sequence: number, lost: number, flags: number): void;
}

/** Options of decoding. */
export interface VeventOptions extends DecodeOptions {
  /**
   * The sequence number of the last record of the previous read; omitted for the first read of a new queue, whose first
   * event has the number 0.
   */
  readonly after?: number | undefined;
}

/**
 * Decodes the bytes of one `read()` of a vEVENTQ, and calls the visitor for each record in order.
 * @param type the format of the events, which follows from the type of the queue: `smmuv3_event`,
 *   `iommu_viommu_event_selftest`, ...
 * @param bytes exactly the bytes that were returned
 * @returns the sequence number of the last record; `options.after` if there are no records
 * @throws StructError if the bytes end within a record, or a record is invalid. Its path names the record. The visitor was
 *   called for the records before it.
 */
export function visitVevents<Out, In, V>(
  type: Type<Out, In, V>,
  bytes: Uint8Array,
  visitor: VeventVisitor<Out>,
  options: VeventOptions = {},
): number | undefined {
  return reporting('veventq', () => {
    const view = viewOf(bytes);
    const lenient = options.lenient === true;
    const { after } = options;
    if (after !== undefined) checkSequence(after, 0, 'after');
    let previous = after ?? NONE;
    let at = 0;
    let index = 0;
    let part = 'header';
    try {
      for (; at < bytes.length; index++) {
        part = 'header';
        checkRoom(iommufd_vevent_header, at, bytes.length);
        const flags = view.getUint32(at, true);
        const sequence = view.getUint32(at + 4, true);
        if (sequence > VEVENT_SEQUENCE_MAX) checkSequence(sequence, at + 4, 'sequence');
        at += HEADER;
        if ((flags & IOMMU_VEVENTQ_FLAG_LOST_EVENTS) !== 0) {
          visitor.lost(sequence, sequenceDistance(previous, sequence), flags);
        } else {
          part = 'data';
          checkRoom(type, at, bytes.length);
          const event = type.read(view, at, at + type.byteLength, lenient);
          at += type.byteLength;
          visitor.event(sequence, lostBetween(previous, sequence), event, flags);
        }
        previous = sequence;
      }
    } catch (cause) {
      throw cause instanceof Mismatch ? cause.under(part).under(index) : cause;
    }
    return previous === NONE ? undefined : previous;
  });
}

const HEADER = iommufd_vevent_header.byteLength;

function checkRoom(type: AnyType, at: number, end: number): void {
  if (type.byteLength <= end - at) return;
  throw new Mismatch(at, `${type.byteLength} bytes of ${type.name}`, `${end - at}`);
}

/**
 * Decodes the bytes of one `read()` of a vEVENTQ to objects, as {@link visitVevents} visits them. Events after a gap,
 * and marks of lost events, have the number of lost events.
 * @returns the records in order
 * @throws StructError as {@link visitVevents} does
 */
export function decodeVevents<Out, In, V>(
  type: Type<Out, In, V>,
  bytes: Uint8Array,
  options: VeventOptions = {},
): VeventRecord<Out>[] {
  const records: VeventRecord<Out>[] = [];
  const visitor: VeventVisitor<Out> = {
    event: (sequence, lost, event, flags) => records.push({ kind: 'event', sequence, flags, lost, event }),
    lost: (sequence, lost, flags) => records.push({ kind: 'lost', sequence, flags, lost }),
  };
  visitVevents(type, bytes, visitor, options);
  return records;
}

/** The number before the first event of a new queue, which has number 0. */
const NONE = -1;

/** A record to encode; the number of lost events follows from the sequence numbers. */
export type VeventToEncode<E> =
  | { readonly kind: 'event'; readonly sequence: number; readonly flags?: number; readonly event: E }
  | { readonly kind: 'lost'; readonly sequence: number; readonly flags?: number };

/**
 * Encodes records as `read()` on a vEVENTQ returns them.
 * @throws StructError if a record is invalid; the path names it
 */
export function encodeVevents<Out, In, V>(
  type: Type<Out, In, V>,
  records: readonly VeventToEncode<In>[],
): OwnBytes {
  return reporting('veventq', () => {
    const bytes = new Uint8Array(records.length * (HEADER + type.byteLength));
    const view = viewOf(bytes);
    let at = 0;
    for (let i = 0; i < records.length; i++) {
      inside(i, () => {
        const record = checkRecord(records[i], at);
        const { kind, sequence } = record;
        checkSequence(sequence, at + 4, 'header.sequence');
        const flags = record.flags ?? (kind === 'lost' ? IOMMU_VEVENTQ_FLAG_LOST_EVENTS : 0);
        // A reader knows only from the flag whether data follows.
        if ((kind === 'lost') !== ((flags & IOMMU_VEVENTQ_FLAG_LOST_EVENTS) !== 0)) {
          const expected = `IOMMU_VEVENTQ_FLAG_LOST_EVENTS ${kind === 'lost' ? '' : 'not '}to be set`;
          throw new Mismatch(at, expected, show(flags)).under('header.flags');
        }
        inside('header', () => iommufd_vevent_header.write(view, at, { flags, sequence }));
        at += HEADER;
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
