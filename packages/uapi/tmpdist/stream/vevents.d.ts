import { type DecodeOptions } from '../struct/codec.js';
import { type Type } from '../struct/type.js';
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
/** How {@link visitVevents} tells of records, without an object for each. */
export interface VeventVisitor<E> {
    /** An event; `lost` more are missing between the record before it and this one. */
    event(sequence: number, lost: number, event: E, flags: number): void;
    /** A mark without data at the end of a queue that was full: `lost` events up to number `sequence`. */
    lost(sequence: number, lost: number, flags: number): void;
}
/** What to know before a `read()` of a vEVENTQ is decoded. */
export interface VeventOptions extends DecodeOptions {
    /**
     * The sequence number of the last record of the read before; leave it out for the first read of a new queue,
     * whose first event has the number 0.
     */
    readonly after?: number | undefined;
}
/**
 * Decodes what one `read()` of a vEVENTQ returned, and tells of the records in order.
 * @param type the events' format, as the queue's type says: `smmuv3_event`, `iommu_viommu_event_selftest`, ...
 * @param bytes exactly the bytes that were returned
 * @returns the sequence number of the last record; `options.after` if there is none
 * @throws StructError if the bytes end within a record: the path names the record, the offset where it begins.
 *   The visitor has been told of the records before it.
 */
export declare function visitVevents<Out, In, V>(type: Type<Out, In, V>, bytes: Uint8Array, visitor: VeventVisitor<Out>, options?: VeventOptions): number | undefined;
/**
 * Decodes what one `read()` of a vEVENTQ returned. As {@link visitVevents}, and an event that follows a gap, and
 * a mark of lost events, say how many are missing.
 * @returns the records in order
 * @throws StructError
 */
export declare function decodeVevents<Out, In, V>(type: Type<Out, In, V>, bytes: Uint8Array, options?: VeventOptions): VeventRecord<Out>[];
/** A record to encode: how many events it says are lost follows from the numbers. */
export type VeventToEncode<E> = {
    readonly kind: 'event';
    readonly sequence: number;
    readonly flags?: number;
    readonly event: E;
} | {
    readonly kind: 'lost';
    readonly sequence: number;
    readonly flags?: number;
};
/**
 * Encodes records as `read()` on a vEVENTQ returns them.
 * @throws StructError for a record that does not fit; the path names it
 */
export declare function encodeVevents<Out, In, V>(type: Type<Out, In, V>, records: readonly VeventToEncode<In>[]): Uint8Array<ArrayBuffer>;
//# sourceMappingURL=vevents.d.ts.map