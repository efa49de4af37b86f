import { viewOf } from '../struct/bytes.js';
import { inside, Mismatch, reporting, show } from '../struct/error.js';
import {} from '../struct/codec.js';
import {} from '../struct/type.js';
import { iommu_veventq_flag, iommufd_vevent_header } from '../iommufd/veventq.js';
import { checkSequence, lostBetween, sequenceDistance, VEVENT_SEQUENCE_MAX } from './sequence.js';
const { IOMMU_VEVENTQ_FLAG_LOST_EVENTS } = iommu_veventq_flag;
/**
 * Decodes what one `read()` of a vEVENTQ returned, and tells of the records in order.
 * @param type the events' format, as the queue's type says: `smmuv3_event`, `iommu_viommu_event_selftest`, ...
 * @param bytes exactly the bytes that were returned
 * @returns the sequence number of the last record; `options.after` if there is none
 * @throws StructError if the bytes end within a record: the path names the record, the offset where it begins.
 *   The visitor has been told of the records before it.
 */
export function visitVevents(type, bytes, visitor, options = {}) {
    return reporting('veventq', () => {
        const view = viewOf(bytes);
        const lenient = options.lenient === true;
        const { after } = options;
        if (after !== undefined)
            checkSequence(after, 0, 'after');
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
                if (sequence > VEVENT_SEQUENCE_MAX)
                    checkSequence(sequence, at + 4, 'sequence');
                at += HEADER;
                if ((flags & IOMMU_VEVENTQ_FLAG_LOST_EVENTS) !== 0) {
                    visitor.lost(sequence, sequenceDistance(previous, sequence), flags);
                }
                else {
                    part = 'data';
                    checkRoom(type, at, bytes.length);
                    const event = type.read(view, at, at + type.byteLength, lenient);
                    at += type.byteLength;
                    visitor.event(sequence, lostBetween(previous, sequence), event, flags);
                }
                previous = sequence;
            }
        }
        catch (cause) {
            throw cause instanceof Mismatch ? cause.under(part).under(index) : cause;
        }
        return previous === NONE ? undefined : previous;
    });
}
const HEADER = iommufd_vevent_header.byteLength;
function checkRoom(type, at, end) {
    if (type.byteLength <= end - at)
        return;
    throw new Mismatch(at, `${type.byteLength} bytes of ${type.name}`, `${end - at}`);
}
/**
 * Decodes what one `read()` of a vEVENTQ returned. As {@link visitVevents}, and an event that follows a gap, and
 * a mark of lost events, say how many are missing.
 * @returns the records in order
 * @throws StructError
 */
export function decodeVevents(type, bytes, options = {}) {
    const records = [];
    const visitor = {
        event: (sequence, lost, event, flags) => records.push({ kind: 'event', sequence, flags, lost, event }),
        lost: (sequence, lost, flags) => records.push({ kind: 'lost', sequence, flags, lost }),
    };
    visitVevents(type, bytes, visitor, options);
    return records;
}
/** The number before the first one of a new queue. */
const NONE = -1;
/**
 * Encodes records as `read()` on a vEVENTQ returns them.
 * @throws StructError for a record that does not fit; the path names it
 */
export function encodeVevents(type, records) {
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
                // The flag alone tells a reader whether data follows.
                if ((kind === 'lost') !== ((flags & IOMMU_VEVENTQ_FLAG_LOST_EVENTS) !== 0)) {
                    const expected = `IOMMU_VEVENTQ_FLAG_LOST_EVENTS ${kind === 'lost' ? '' : 'not '}to be set`;
                    throw new Mismatch(at, expected, show(flags)).under('header.flags');
                }
                inside('header', () => iommufd_vevent_header.write(view, at, { flags, sequence }));
                at += HEADER;
                if (kind === 'lost')
                    return;
                inside('data', () => type.write(view, at, record.event));
                at += type.byteLength;
            });
        }
        return bytes.slice(0, at);
    });
}
function checkRecord(record, at) {
    const kind = typeof record === 'object' && record !== null ? record.kind : undefined;
    if (record !== undefined && (kind === 'event' || kind === 'lost'))
        return record;
    throw new Mismatch(at, "a record of kind 'event' or 'lost'", show(kind ?? record));
}
//# sourceMappingURL=vevents.js.map