import { type ErrnoMeanings, type Ioctl } from '../ioctl.js';
import { type AnyType } from '../struct/type.js';
/** The type letter of iommufd's requests, `';'`, which VFIO has too. */
export declare const IOMMUFD_TYPE = 59;
/** The numbers of iommufd's requests within their type. */
export declare const iommufd_cmd: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMUFD_CMD_BASE: readonly [128, "The first command; VFIO has the numbers below."];
    readonly IOMMUFD_CMD_DESTROY: readonly [128, "IOMMU_DESTROY."];
    readonly IOMMUFD_CMD_IOAS_ALLOC: readonly [129, "IOMMU_IOAS_ALLOC."];
    readonly IOMMUFD_CMD_IOAS_ALLOW_IOVAS: readonly [130, "IOMMU_IOAS_ALLOW_IOVAS."];
    readonly IOMMUFD_CMD_IOAS_COPY: readonly [131, "IOMMU_IOAS_COPY."];
    readonly IOMMUFD_CMD_IOAS_IOVA_RANGES: readonly [132, "IOMMU_IOAS_IOVA_RANGES."];
    readonly IOMMUFD_CMD_IOAS_MAP: readonly [133, "IOMMU_IOAS_MAP."];
    readonly IOMMUFD_CMD_IOAS_UNMAP: readonly [134, "IOMMU_IOAS_UNMAP."];
    readonly IOMMUFD_CMD_OPTION: readonly [135, "IOMMU_OPTION."];
    readonly IOMMUFD_CMD_VFIO_IOAS: readonly [136, "IOMMU_VFIO_IOAS."];
    readonly IOMMUFD_CMD_HWPT_ALLOC: readonly [137, "IOMMU_HWPT_ALLOC."];
    readonly IOMMUFD_CMD_GET_HW_INFO: readonly [138, "IOMMU_GET_HW_INFO."];
    readonly IOMMUFD_CMD_HWPT_SET_DIRTY_TRACKING: readonly [139, "IOMMU_HWPT_SET_DIRTY_TRACKING."];
    readonly IOMMUFD_CMD_HWPT_GET_DIRTY_BITMAP: readonly [140, "IOMMU_HWPT_GET_DIRTY_BITMAP."];
    readonly IOMMUFD_CMD_HWPT_INVALIDATE: readonly [141, "IOMMU_HWPT_INVALIDATE."];
    readonly IOMMUFD_CMD_FAULT_QUEUE_ALLOC: readonly [142, "IOMMU_FAULT_QUEUE_ALLOC."];
    readonly IOMMUFD_CMD_IOAS_MAP_FILE: readonly [143, "IOMMU_IOAS_MAP_FILE."];
    readonly IOMMUFD_CMD_VIOMMU_ALLOC: readonly [144, "IOMMU_VIOMMU_ALLOC."];
    readonly IOMMUFD_CMD_VDEVICE_ALLOC: readonly [145, "IOMMU_VDEVICE_ALLOC."];
    readonly IOMMUFD_CMD_IOAS_CHANGE_PROCESS: readonly [146, "IOMMU_IOAS_CHANGE_PROCESS."];
    readonly IOMMUFD_CMD_VEVENTQ_ALLOC: readonly [147, "IOMMU_VEVENTQ_ALLOC."];
    readonly IOMMUFD_CMD_HW_QUEUE_ALLOC: readonly [148, "IOMMU_HW_QUEUE_ALLOC."];
    readonly IOMMUFD_CMD_IOAS_NOIOMMU_GET_PA: readonly [149, "IOMMU_IOAS_NOIOMMU_GET_PA."];
}>;
/** What errnos mean for every request of iommufd, by the general rules of `linux/iommufd.h`. */
export declare const commonErrors: ErrnoMeanings;
/** Declares a request of `/dev/iommu`; errnos that are not listed mean what they mean for all of them. */
export declare function iommufdIoctl<S extends AnyType>(name: string, command: number, struct: S, doc: string, errors?: ErrnoMeanings): Ioctl<S>;
//# sourceMappingURL=command.d.ts.map