/** The argument of {@link IOMMU_FAULT_QUEUE_ALLOC}. Source: `linux/iommufd.h`. */
export declare const iommu_fault_alloc: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_fault_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_fault_fd: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>;
/** Allocates a queue of page faults. */
export declare const IOMMU_FAULT_QUEUE_ALLOC: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_fault_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_fault_fd: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>>;
/** Source: `linux/iommufd.h`. */
export declare const iommu_hwpt_pgfault_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_PGFAULT_FLAGS_PASID_VALID: readonly [1, "pasid is valid."];
    readonly IOMMU_PGFAULT_FLAGS_LAST_PAGE: readonly [2, "The last fault of its group: now the group can be answered."];
}>;
/** Source: `linux/iommufd.h`; PCI Express 10.4.1. */
export declare const iommu_hwpt_pgfault_perm: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_PGFAULT_PERM_READ: readonly [1, "Read."];
    readonly IOMMU_PGFAULT_PERM_WRITE: readonly [2, "Write."];
    readonly IOMMU_PGFAULT_PERM_EXEC: readonly [4, "Execute; only with a PASID."];
    readonly IOMMU_PGFAULT_PERM_PRIV: readonly [8, "Access as privileged; only with a PASID."];
}>;
/** A record of a page fault queue. Source: `linux/iommufd.h`. */
export declare const iommu_hwpt_pgfault: import("../struct/struct.js").Struct<{
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly dev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly pasid: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly grpid: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly perm: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly addr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly length: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly cookie: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>;
/** Source: `linux/iommufd.h`; PCI Express 10.4.2.1. */
export declare const iommufd_page_response_code: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMUFD_PAGE_RESP_SUCCESS: readonly [0, "The pages are there now: try again."];
    readonly IOMMUFD_PAGE_RESP_INVALID: readonly [1, "The fault could not be handled: do not try again."];
}>;
/** A response, written to the fd of a page fault queue. Source: `linux/iommufd.h`. */
export declare const iommu_hwpt_page_response: import("../struct/struct.js").Struct<{
    readonly cookie: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly code: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>;
//# sourceMappingURL=fault-queue.d.ts.map