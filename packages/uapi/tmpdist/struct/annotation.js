import { bytesAt } from './bytes.js';
import { joinPath } from './error.js';
import {} from './type.js';
/** Where in the tree of declarations an annotation is being made. */
export class Annotating {
    keys;
    doc;
    reserved;
    siblings;
    direction;
    constructor(keys = [], doc = '', reserved = false, 
    /** The numbers before it in the same struct, of which one may tell what it is. */
    siblings = {}, direction = 'none') {
        this.keys = keys;
        this.doc = doc;
        this.reserved = reserved;
        this.siblings = siblings;
        this.direction = direction;
    }
    /** The same place, one level further in; what the level does not say stays as it is. */
    under(key, level = {}) {
        const { doc = this.doc, reserved = this.reserved, siblings = {}, direction = this.direction } = level;
        const keys = key === '' ? this.keys : [...this.keys, key];
        return new Annotating(keys, doc, reserved, siblings, direction);
    }
    get path() {
        return joinPath(this.keys);
    }
}
/** What annotations of bytes have that are no field. */
export const BLANK = { path: '', type: '', text: '', direction: 'none' };
/** What is wrong with bytes that must be zero, if they must and are not. */
export function reservedProblem(reserved, bytes) {
    return reserved && bytes.some((byte) => byte !== 0) ? { problem: 'must be zero' } : {};
}
/** Bytes that belong to no field and must be zero. */
export function paddingAt(view, offset, length, doc = 'Padding.') {
    const bytes = bytesAt(view, offset, length);
    return { ...BLANK, kind: 'padding', offset, bytes, doc, ...reservedProblem(true, bytes) };
}
//# sourceMappingURL=annotation.js.map