import { type ErrnoMeanings } from '../ioctl.js';
import { type SmallInteger } from '../struct/integer.js';
/** The type letter of VFIO's requests, `';'`, which iommufd has too. Source: `linux/vfio.h`. */
export declare const VFIO_TYPE = 59;
/** VFIO's first request; the others count up from it, to below iommufd's 0x80. Source: `linux/vfio.h`. */
export declare const VFIO_BASE = 100;
/** The only version of the API there has been; {@link VFIO_GET_API_VERSION} returns it. Source: `linux/vfio.h`. */
export declare const VFIO_API_VERSION = 0;
/**
 * `argsz`, the first field of VFIO's structs: how many bytes the caller has allocated, counting what follows
 * the struct. The kernel refuses less than the struct's first version has with EINVAL, does not look beyond what
 * it knows, and, where the answer has a variable length, writes back how many bytes the whole answer takes.
 */
export declare const argsz: SmallInteger;
/** What errnos mean for every request of VFIO whose argument is a struct. */
export declare const vfioErrors: ErrnoMeanings;
/**
 * What {@link VFIO_CHECK_EXTENSION} asks about; the ones that end in `_IOMMU` are also what VFIO_SET_IOMMU takes.
 * Source: `linux/vfio.h`.
 */
export declare const vfio_extension: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_TYPE1_IOMMU: readonly [1, "Page tables filled by map and unmap; an unmap may ask for part of a mapping."];
    readonly VFIO_SPAPR_TCE_IOMMU: readonly [2, "POWER servers: windows of translation entries."];
    readonly VFIO_TYPE1v2_IOMMU: readonly [3, "Like VFIO_TYPE1_IOMMU, but such an unmap fails."];
    readonly VFIO_DMA_CC_IOMMU: readonly [4, "DMA is always coherent with the caches; may change as devices come and go."];
    readonly VFIO_EEH: readonly [5, "POWER servers: PCI error handling of the platform's firmware."];
    readonly VFIO_SPAPR_TCE_v2_IOMMU: readonly [7, "POWER servers: memory is registered before it is mapped."];
    readonly VFIO_NOIOMMU_IOMMU: readonly [8, "No IOMMU at all: nothing is translated and nothing protected."];
    readonly VFIO_UNMAP_ALL: readonly [9, "VFIO_DMA_UNMAP_FLAG_ALL works."];
    readonly VFIO_UPDATE_VADDR: readonly [10, "The two VADDR flags of map and unmap work."];
}>;
/** Asks for the version of the API: the ioctl returns {@link VFIO_API_VERSION}. */
export declare const VFIO_GET_API_VERSION: import("../ioctl.js").Ioctl<undefined>;
/** Asks for an extension: the ioctl returns 0 if it is not there, otherwise a positive number. */
export declare const VFIO_CHECK_EXTENSION: import("../ioctl.js").Ioctl<undefined>;
//# sourceMappingURL=api.d.ts.map