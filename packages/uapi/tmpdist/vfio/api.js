import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { enumeration } from '../struct/enumeration.js';
import { u32 } from '../struct/integer.js';
/** The type letter of VFIO's requests, `';'`, which iommufd has too. Source: `linux/vfio.h`. */
export const VFIO_TYPE = 0x3b;
/** VFIO's first request; the others count up from it, to below iommufd's 0x80. Source: `linux/vfio.h`. */
export const VFIO_BASE = 100;
/** The only version of the API there has been; {@link VFIO_GET_API_VERSION} returns it. Source: `linux/vfio.h`. */
export const VFIO_API_VERSION = 0;
/**
 * `argsz`, the first field of VFIO's structs: how many bytes the caller has allocated, counting what follows
 * the struct. The kernel refuses less than the struct's first version has with EINVAL, does not look beyond what
 * it knows, and, where the answer has a variable length, writes back how many bytes the whole answer takes.
 */
export const argsz = u32.as({ kind: 'argsz' });
/** What errnos mean for every request of VFIO whose argument is a struct. */
export const vfioErrors = {
    ENOTTY: 'The file does not know this request.',
    EINVAL: 'argsz is shorter than the first version of the struct, or a field or flag is wrong.',
    EFAULT: 'The argument, or a pointer inside it, cannot be read or written.',
};
/**
 * What {@link VFIO_CHECK_EXTENSION} asks about; the ones that end in `_IOMMU` are also what VFIO_SET_IOMMU takes.
 * Source: `linux/vfio.h`.
 */
export const vfio_extension = enumeration('vfio_extension', 'Kinds of IOMMU backend, and abilities of the one that is chosen.', {
    VFIO_TYPE1_IOMMU: [1, 'Page tables filled by map and unmap; an unmap may ask for part of a mapping.'],
    VFIO_SPAPR_TCE_IOMMU: [2, 'POWER servers: windows of translation entries.'],
    VFIO_TYPE1v2_IOMMU: [3, 'Like VFIO_TYPE1_IOMMU, but such an unmap fails.'],
    VFIO_DMA_CC_IOMMU: [4, 'DMA is always coherent with the caches; may change as devices come and go.'],
    VFIO_EEH: [5, "POWER servers: PCI error handling of the platform's firmware."],
    VFIO_SPAPR_TCE_v2_IOMMU: [7, 'POWER servers: memory is registered before it is mapped.'],
    VFIO_NOIOMMU_IOMMU: [8, 'No IOMMU at all: nothing is translated and nothing protected.'],
    VFIO_UNMAP_ALL: [9, 'VFIO_DMA_UNMAP_FLAG_ALL works.'],
    VFIO_UPDATE_VADDR: [10, 'The two VADDR flags of map and unmap work.'],
});
/** Asks for the version of the API: the ioctl returns {@link VFIO_API_VERSION}. */
export const VFIO_GET_API_VERSION = ioctl('VFIO_GET_API_VERSION', _IO(VFIO_TYPE, VFIO_BASE + 0), ['vfio-container', 'iommufd'], undefined, 'Returns the version of the API. No argument.');
/** Asks for an extension: the ioctl returns 0 if it is not there, otherwise a positive number. */
export const VFIO_CHECK_EXTENSION = ioctl('VFIO_CHECK_EXTENSION', _IO(VFIO_TYPE, VFIO_BASE + 1), ['vfio-container', 'iommufd'], undefined, 'Returns whether an extension is there. The argument is its number, a vfio_extension, not a pointer.', { ENODEV: 'On an iommufd, of VFIO_DMA_CC_IOMMU: there is no compatibility IOAS.' });
//# sourceMappingURL=api.js.map