import { type ErrnoMeanings, ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { enumeration } from '../struct/enumeration.js';
import { type SmallInteger, u32 } from '../struct/integer.js';

/** The type letter of VFIO's requests, `';'`. iommufd uses the same letter. Source: `linux/vfio.h`. */
export const VFIO_TYPE = 0x3b;

/** The number of VFIO's first request. The others follow it, below iommufd's 0x80. Source: `linux/vfio.h`. */
export const VFIO_BASE = 100;

/** The only version of the API. {@link VFIO_GET_API_VERSION} returns it. Source: `linux/vfio.h`. */
export const VFIO_API_VERSION = 0;

/**
 * `argsz`, the first field of VFIO's structs: the size in bytes of the caller's buffer, including the part after the
 * struct. A request fails with EINVAL if it is less than the size of the first version of the struct. The kernel
 * ignores the part beyond the struct that it knows. If the answer has a variable length, the kernel writes its full
 * size to argsz.
 */
export const argsz: SmallInteger = u32.as({ kind: 'argsz' });

/** The meanings of errnos for every request of VFIO whose argument is a struct. */
export const vfioErrors: ErrnoMeanings = {
  ENOTTY: 'The file does not know this request.',
  EINVAL: 'argsz is shorter than the first version of the struct, or a field or flag is invalid.',
  EFAULT: 'The argument, or a pointer inside it, cannot be read or written.',
};

/**
 * The extensions that {@link VFIO_CHECK_EXTENSION} checks. Those whose name ends in `_IOMMU` are also arguments of
 * VFIO_SET_IOMMU. Source: `linux/vfio.h`.
 */
export const vfio_extension = enumeration(
  'vfio_extension',
  'Kinds of IOMMU backend, and extensions of the backend in use.',
  {
    VFIO_TYPE1_IOMMU: [1, 'Page tables filled by map and unmap; an unmap of part of a mapping is allowed.'],
    VFIO_SPAPR_TCE_IOMMU: [2, 'POWER servers: windows of translation entries.'],
    VFIO_TYPE1v2_IOMMU: [3, 'Like VFIO_TYPE1_IOMMU, but an unmap of part of a mapping fails.'],
    VFIO_DMA_CC_IOMMU: [
      4,
      'DMA is always coherent with the caches; may change when devices are attached or detached.',
    ],
    VFIO_EEH: [5, "POWER servers: PCI error handling of the platform's firmware."],
    VFIO_SPAPR_TCE_v2_IOMMU: [7, 'POWER servers: memory is registered before it is mapped.'],
    VFIO_NOIOMMU_IOMMU: [8, 'No IOMMU: no translation and no protection.'],
    VFIO_UNMAP_ALL: [9, 'VFIO_DMA_UNMAP_FLAG_ALL is supported.'],
    VFIO_UPDATE_VADDR: [10, 'The two VADDR flags of map and unmap are supported.'],
  },
);

/** Returns the version of the API, {@link VFIO_API_VERSION}. */
export const VFIO_GET_API_VERSION = ioctl(
  'VFIO_GET_API_VERSION',
  _IO(VFIO_TYPE, VFIO_BASE + 0),
  ['vfio-container', 'iommufd'],
  undefined,
  'Returns the version of the API. No argument.',
);

/** Checks for an extension: the ioctl returns 0 if it is not supported, otherwise a positive number. */
export const VFIO_CHECK_EXTENSION = ioctl(
  'VFIO_CHECK_EXTENSION',
  _IO(VFIO_TYPE, VFIO_BASE + 1),
  ['vfio-container', 'iommufd'],
  undefined,
  'Returns whether an extension is supported. The argument is its number, a vfio_extension, not a pointer.',
  { ENODEV: 'On an iommufd, for VFIO_DMA_CC_IOMMU: no compatibility IOAS is set.' },
);
