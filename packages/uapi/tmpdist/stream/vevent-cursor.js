import { iommu_veventq_flag, iommufd_vevent_header } from '../iommufd/veventq.js';
import { viewOf } from '../struct/bytes.js';
import {} from '../struct/codec.js';
import { inside, reporting } from '../struct/error.js';
import {} from '../struct/readers.js';
import { needs } from '../struct/type.js';
import { checkSequence } from './sequence.js';
const { IOMMU_VEVENTQ_FLAG_LOST_EVENTS } = iommu_veventq_flag;
const HEADER = iommufd_vevent_header.byteLength;
/** `offsetof(struct iommufd_vevent_header, sequence)` */
const SEQUENCE = 4;
/** What cursors over all formats do alike. The event's fields are properties of a class for each format. */
class Cursor {
    data;
    type;
    /** Where the event begins, behind the header. */
    event = HEADER;
    byteLength;
    constructor(data, type) {
        this.data = data;
        this.type = type;
        this.byteLength = data.byteLength;
    }
    get offset() {
        return this.event - HEADER;
    }
    get flags() {
        return this.data.getUint32(this.event - HEADER, true);
    }
    get sequence() {
        return this.data.getUint32(this.event - HEADER + SEQUENCE, true);
    }
    get isLost() {
        return (this.flags & IOMMU_VEVENTQ_FLAG_LOST_EVENTS) !== 0;
    }
    moveTo(at) {
        const { data, byteLength } = this;
        // A number beyond VEVENT_SEQUENCE_MAX has its highest bit set.
        if (!(at >= 0 && at + HEADER <= byteLength) || data.getInt32(at + SEQUENCE, true) < 0)
            this.refuse(at);
        const event = at + HEADER;
        let end = event;
        if ((data.getUint32(at, true) & IOMMU_VEVENTQ_FLAG_LOST_EVENTS) === 0) {
            end = at + this.recordLength;
            if (end > byteLength || !this.isClean(data, event))
                this.refuse(at);
        }
        this.event = event;
        return end;
    }
    /** Says what is wrong with the record at `at`. */
    refuse(at) {
        const { data, type, byteLength } = this;
        return reporting('veventq', () => {
            inside('header', () => needs(iommufd_vevent_header, at, byteLength));
            inside('header', () => iommufd_vevent_header.read(data, at, byteLength, false));
            checkSequence(data.getUint32(at + SEQUENCE, true), at + SEQUENCE, 'header.sequence');
            inside('data', () => needs(type, at + HEADER, byteLength));
            inside('data', () => type.read(data, at + HEADER, byteLength, false));
            throw new TypeError(`nothing is wrong with the record at ${at}`);
        });
    }
}
/**
 * A class of cursors whose properties are the fields of one format. All that depends on the format is on the
 * prototype: an engine that has seen one class in a loop takes what is there for constant and inlines it.
 */
function cursorClass(type, isStrict) {
    class FormatCursor extends Cursor {
    }
    const { prototype } = FormatCursor;
    Object.defineProperty(prototype, 'recordLength', { value: HEADER + type.byteLength });
    Object.defineProperty(prototype, 'isClean', { value: isStrict ? type.checker() : () => true });
    for (const [name, read] of type.readers()) {
        Object.defineProperty(prototype, name, {
            enumerable: true,
            get() {
                return read(this.data, this.event);
            },
        });
    }
    return FormatCursor;
}
const strictClasses = new WeakMap();
const lenientClasses = new WeakMap();
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
export function veventCursor(type, bytes, { lenient = false } = {}) {
    const classes = lenient ? lenientClasses : strictClasses;
    let FormatCursor = classes.get(type);
    if (FormatCursor === undefined) {
        FormatCursor = cursorClass(type, !lenient);
        classes.set(type, FormatCursor);
    }
    const data = reporting('veventq', () => viewOf(bytes));
    // The class has a property for each field of the format.
    return new FormatCursor(data, type);
}
//# sourceMappingURL=vevent-cursor.js.map