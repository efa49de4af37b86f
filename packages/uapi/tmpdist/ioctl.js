import {} from './errno.js';
import {} from './struct/type.js';
/**
 * Declares an ioctl.
 * @param struct what its argument points at, if it is a pointer
 */
export function ioctl(name, request, files, struct, doc, errors = {}) {
    return Object.freeze({ kind: 'ioctl', name, request, files, struct, doc, errors });
}
//# sourceMappingURL=ioctl.js.map