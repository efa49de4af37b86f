import { type Decoded, type Encodable } from '../struct/type.js';
import { iommu_hwpt_page_response, iommu_hwpt_pgfault } from '../iommufd/fault-queue.js';
/** A page fault as it was read. */
export type PageFault = Decoded<typeof iommu_hwpt_pgfault>;
/** A response as it is written. */
export type PageResponse = Encodable<typeof iommu_hwpt_page_response>;
/** Faults that are answered together. */
export interface FaultGroup {
    /** What the response must carry. */
    readonly cookie: number;
    /** The faults in the order in which they came; the last one has IOMMU_PGFAULT_FLAGS_LAST_PAGE. */
    readonly faults: readonly PageFault[];
}
/**
 * Decodes what one `read()` of a page fault queue returned.
 * @throws StructError if the bytes end within a record, or a reserved field is not zero
 */
export declare function decodeFaults(bytes: Uint8Array, options?: {
    readonly lenient?: boolean;
}): PageFault[];
/** Encodes faults as `read()` of a page fault queue returns them. @throws StructError */
export declare function encodeFaults(faults: readonly Encodable<typeof iommu_hwpt_pgfault>[]): Uint8Array<ArrayBuffer>;
/**
 * Sorts faults into groups: those with one cookie, up to the one that is marked as the last.
 * @param faults what was read, in order
 * @param open faults of groups that earlier reads began and did not end
 * @returns the groups that are complete, in the order in which they were completed, and the faults of the others
 */
export declare function groupFaults(faults: readonly PageFault[], open?: readonly PageFault[]): {
    readonly groups: FaultGroup[];
    readonly open: PageFault[];
};
/** Encodes responses, many for one `write()`. @throws StructError */
export declare function encodeResponses(responses: readonly PageResponse[]): Uint8Array<ArrayBuffer>;
/** Decodes what was written to a page fault queue. @throws StructError if the bytes end within a response */
export declare function decodeResponses(bytes: Uint8Array): Decoded<typeof iommu_hwpt_page_response>[];
//# sourceMappingURL=faults.d.ts.map