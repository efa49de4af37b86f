/** What {@link IOMMU_TEST_CMD} can do. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const iommu_test_op: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_TEST_OP_ADD_RESERVED: readonly [1, "Reserve a range of an IOAS."];
    readonly IOMMU_TEST_OP_MOCK_DOMAIN: readonly [2, "Make a mock device, bind it and attach it."];
    readonly IOMMU_TEST_OP_MD_CHECK_MAP: readonly [3, "Check that a page table maps certain memory."];
    readonly IOMMU_TEST_OP_MD_CHECK_REFS: readonly [4, "Check how often memory is pinned."];
    readonly IOMMU_TEST_OP_CREATE_ACCESS: readonly [5, "Make an access: what drivers without DMA of their own have."];
    readonly IOMMU_TEST_OP_DESTROY_ACCESS_PAGES: readonly [6, "Unpin what an access has pinned."];
    readonly IOMMU_TEST_OP_ACCESS_PAGES: readonly [7, "Pin pages through an access."];
    readonly IOMMU_TEST_OP_ACCESS_RW: readonly [8, "Read or write through an access."];
    readonly IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT: readonly [9, "Limit the memory that mapping takes for a while."];
    readonly IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE: readonly [10, "Attach a mock device elsewhere."];
    readonly IOMMU_TEST_OP_ACCESS_REPLACE_IOAS: readonly [11, "Move an access to another IOAS."];
    readonly IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS: readonly [12, "Like IOMMU_TEST_OP_MOCK_DOMAIN, with a choice of the device."];
    readonly IOMMU_TEST_OP_DIRTY: readonly [13, "Make pages dirty."];
    readonly IOMMU_TEST_OP_MD_CHECK_IOTLB: readonly [14, "Check a slot of a mock TLB."];
    readonly IOMMU_TEST_OP_TRIGGER_IOPF: readonly [15, "Have a device report a page fault."];
    readonly IOMMU_TEST_OP_DEV_CHECK_CACHE: readonly [16, "Check a slot of a device's mock cache."];
    readonly IOMMU_TEST_OP_TRIGGER_VEVENT: readonly [17, "Have a device report a virtual event."];
    readonly IOMMU_TEST_OP_PASID_ATTACH: readonly [18, "Attach a PASID."];
    readonly IOMMU_TEST_OP_PASID_REPLACE: readonly [19, "Attach a PASID elsewhere."];
    readonly IOMMU_TEST_OP_PASID_DETACH: readonly [20, "Detach a PASID."];
    readonly IOMMU_TEST_OP_PASID_CHECK_HWPT: readonly [21, "Check what a PASID is attached to."];
    readonly IOMMU_TEST_OP_DMABUF_GET: readonly [22, "Make a dma-buf."];
    readonly IOMMU_TEST_OP_DMABUF_REVOKE: readonly [23, "Take the memory of a dma-buf away, or give it back."];
}>;
/** The argument of {@link IOMMU_TEST_CMD}; `op` tells which member follows. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const iommu_test_cmd: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly op: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly '': import("../struct/type.js").Field<import("../struct/union.js").TaggedUnion<{
        readonly add_reserved: readonly [1, import("../struct/struct.js").Struct<{
            readonly start: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
        }, Record<never, never>>];
        readonly mock_domain: readonly [2, import("../struct/struct.js").Struct<{
            readonly out_stdev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly out_hwpt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly out_idev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly mock_domain_flags: readonly [12, import("../struct/struct.js").Struct<{
            readonly out_stdev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly out_hwpt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly out_idev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly dev_flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly mock_domain_replace: readonly [10, import("../struct/struct.js").Struct<{
            readonly pt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly check_map: readonly [3, import("../struct/struct.js").Struct<{
            readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly uptr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
        }, Record<never, never>>];
        readonly check_refs: readonly [4, import("../struct/struct.js").Struct<{
            readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly uptr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly refs: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly create_access: readonly [5, import("../struct/struct.js").Struct<{
            readonly out_access_fd: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly destroy_access_pages: readonly [6, import("../struct/struct.js").Struct<{
            readonly access_pages_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly access_pages: readonly [7, import("../struct/struct.js").Struct<{
            readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly out_access_pages_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly uptr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
        }, Record<never, never>>];
        readonly access_rw: readonly [8, import("../struct/struct.js").Struct<{
            readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly uptr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly memory_limit: readonly [9, import("../struct/struct.js").Struct<{
            readonly limit: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly access_replace_ioas: readonly [11, import("../struct/struct.js").Struct<{
            readonly ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly dirty: readonly [13, import("../struct/struct.js").Struct<{
            readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly page_size: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly uptr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly out_nr_dirty: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
        }, Record<never, never>>];
        readonly check_iotlb: readonly [14, import("../struct/struct.js").Struct<{
            readonly id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly iotlb: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly trigger_iopf: readonly [15, import("../struct/struct.js").Struct<{
            readonly dev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly pasid: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly grpid: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly perm: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly addr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
        }, Record<never, never>>];
        readonly check_dev_cache: readonly [16, import("../struct/struct.js").Struct<{
            readonly id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly cache: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly trigger_vevent: readonly [17, import("../struct/struct.js").Struct<{
            readonly dev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly pasid_attach: readonly [18, import("../struct/struct.js").Struct<{
            readonly pasid: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly pt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly pasid_replace: readonly [19, import("../struct/struct.js").Struct<{
            readonly pasid: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly pt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly pasid_detach: readonly [20, import("../struct/struct.js").Struct<{
            readonly pasid: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly pasid_check: readonly [21, import("../struct/struct.js").Struct<{
            readonly pasid: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly hwpt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly dmabuf_get: readonly [22, import("../struct/struct.js").Struct<{
            readonly length: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly open_flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly dmabuf_revoke: readonly [23, import("../struct/struct.js").Struct<{
            readonly dmabuf_fd: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly revoked: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
    }>, false>;
    readonly last: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>;
/** Has the mock driver do something; only kernels built with CONFIG_IOMMUFD_TEST know it. */
export declare const IOMMU_TEST_CMD: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly op: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly '': import("../struct/type.js").Field<import("../struct/union.js").TaggedUnion<{
        readonly add_reserved: readonly [1, import("../struct/struct.js").Struct<{
            readonly start: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
        }, Record<never, never>>];
        readonly mock_domain: readonly [2, import("../struct/struct.js").Struct<{
            readonly out_stdev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly out_hwpt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly out_idev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly mock_domain_flags: readonly [12, import("../struct/struct.js").Struct<{
            readonly out_stdev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly out_hwpt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly out_idev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly dev_flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly mock_domain_replace: readonly [10, import("../struct/struct.js").Struct<{
            readonly pt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly check_map: readonly [3, import("../struct/struct.js").Struct<{
            readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly uptr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
        }, Record<never, never>>];
        readonly check_refs: readonly [4, import("../struct/struct.js").Struct<{
            readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly uptr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly refs: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly create_access: readonly [5, import("../struct/struct.js").Struct<{
            readonly out_access_fd: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly destroy_access_pages: readonly [6, import("../struct/struct.js").Struct<{
            readonly access_pages_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly access_pages: readonly [7, import("../struct/struct.js").Struct<{
            readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly out_access_pages_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly uptr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
        }, Record<never, never>>];
        readonly access_rw: readonly [8, import("../struct/struct.js").Struct<{
            readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly uptr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly memory_limit: readonly [9, import("../struct/struct.js").Struct<{
            readonly limit: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly access_replace_ioas: readonly [11, import("../struct/struct.js").Struct<{
            readonly ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly dirty: readonly [13, import("../struct/struct.js").Struct<{
            readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly page_size: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly uptr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly out_nr_dirty: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
        }, Record<never, never>>];
        readonly check_iotlb: readonly [14, import("../struct/struct.js").Struct<{
            readonly id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly iotlb: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly trigger_iopf: readonly [15, import("../struct/struct.js").Struct<{
            readonly dev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly pasid: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly grpid: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly perm: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly addr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
        }, Record<never, never>>];
        readonly check_dev_cache: readonly [16, import("../struct/struct.js").Struct<{
            readonly id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly cache: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly trigger_vevent: readonly [17, import("../struct/struct.js").Struct<{
            readonly dev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly pasid_attach: readonly [18, import("../struct/struct.js").Struct<{
            readonly pasid: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly pt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly pasid_replace: readonly [19, import("../struct/struct.js").Struct<{
            readonly pasid: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly pt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly pasid_detach: readonly [20, import("../struct/struct.js").Struct<{
            readonly pasid: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly pasid_check: readonly [21, import("../struct/struct.js").Struct<{
            readonly pasid: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly hwpt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly dmabuf_get: readonly [22, import("../struct/struct.js").Struct<{
            readonly length: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly open_flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
        readonly dmabuf_revoke: readonly [23, import("../struct/struct.js").Struct<{
            readonly dmabuf_fd: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly revoked: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>];
    }>, false>;
    readonly last: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>>;
//# sourceMappingURL=test-cmd.d.ts.map