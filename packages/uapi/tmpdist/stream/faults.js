import { decodeArray, encodeArray } from '../struct/codec.js';
import {} from '../struct/type.js';
import { iommu_hwpt_page_response, iommu_hwpt_pgfault, iommu_hwpt_pgfault_flags, } from '../iommufd/fault-queue.js';
/**
 * Decodes what one `read()` of a page fault queue returned.
 * @throws StructError if the bytes end within a record, or a reserved field is not zero
 */
export function decodeFaults(bytes, options = {}) {
    return decodeArray(iommu_hwpt_pgfault, bytes, options);
}
/** Encodes faults as `read()` of a page fault queue returns them. @throws StructError */
export function encodeFaults(faults) {
    return encodeArray(iommu_hwpt_pgfault, faults);
}
/**
 * Sorts faults into groups: those with one cookie, up to the one that is marked as the last.
 * @param faults what was read, in order
 * @param open faults of groups that earlier reads began and did not end
 * @returns the groups that are complete, in the order in which they were completed, and the faults of the others
 */
export function groupFaults(faults, open = []) {
    const pending = new Map();
    const groups = [];
    for (const fault of [...open, ...faults]) {
        const { cookie, flags } = fault;
        const group = pending.get(cookie) ?? [];
        group.push(fault);
        if ((flags & iommu_hwpt_pgfault_flags.IOMMU_PGFAULT_FLAGS_LAST_PAGE) === 0) {
            pending.set(cookie, group);
        }
        else {
            pending.delete(cookie);
            groups.push({ cookie, faults: group });
        }
    }
    return { groups, open: [...pending.values()].flat() };
}
/** Encodes responses, many for one `write()`. @throws StructError */
export function encodeResponses(responses) {
    return encodeArray(iommu_hwpt_page_response, responses);
}
/** Decodes what was written to a page fault queue. @throws StructError if the bytes end within a response */
export function decodeResponses(bytes) {
    return decodeArray(iommu_hwpt_page_response, bytes);
}
//# sourceMappingURL=faults.js.map