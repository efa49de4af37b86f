import { type DecodeOptions } from '../struct/codec.js';
import { type FieldsInPlace } from '../struct/readers.js';
import { type Type } from '../struct/type.js';
/** Stands on one record after another of what a `read()` of a vEVENTQ returned. */
export interface VeventCursor {
    /**
     * Moves to the record that begins at `at`, having checked it as `decodeVevents` does.
     * @param at in bytes; 0 for the first record
     * @returns where the next one begins; after the last record that is the length of the buffer
     * @throws StructError if the bytes end within the record or do not fit its declaration; the cursor stays where it was
     */
    moveTo(at: number): number;
    /** Where the record begins, in bytes. */
    readonly offset: number;
    /** The header's flags, of `iommu_veventq_flag`. */
    readonly flags: number;
    /** The number of the event, or of the last one that was lost; `lostBetween` tells how many are missing before it. */
    readonly sequence: number;
    /** Is it the mark of a queue that was full? It has no data: the event's fields would be those of the next record. */
    readonly isLost: boolean;
}
/**
 * A cursor over what one `read()` of a vEVENTQ returned: no object is made for a record, and a field is read, in
 * place, when its property is. Beside a field of 64 bits `_lo` and `_hi` are its halves, as numbers: a bigint costs more than all the rest.
 *
 * Fields of a format with several forms are properties whatever the form of the record at hand is; those that its form
 * does not have mean nothing, as with the kernel's FIELD_GET(). With `lenient`, an address of which the form stores fewer
 * low bits than others has those bits as they are.
 *
 * ```ts
 * const cursor = veventCursor(smmuv3_event, bytes);
 * for (let at = 0; at < bytes.length; ) {
 *   at = cursor.moveTo(at);
 *   if (!cursor.isLost) count(cursor.StreamID);
 * }
 * ```
 * @param type the events' format, as the queue's type says
 * @param bytes exactly the bytes that were returned
 * @param options `lenient`: do not look at reserved bits
 */
export declare function veventCursor<Out, In, V>(type: Type<Out, In, V>, bytes: Uint8Array, { lenient }?: DecodeOptions): VeventCursor & FieldsInPlace<Out>;
//# sourceMappingURL=vevent-cursor.d.ts.map