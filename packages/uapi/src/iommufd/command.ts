import { type ErrnoMeanings, type Ioctl, ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { enumeration } from '../struct/enumeration.js';
import type { AnyType } from '../struct/type.js';

/** The type letter of iommufd's requests, `';'`. VFIO uses the same letter. */
export const IOMMUFD_TYPE = 0x3b;

/** The command numbers of iommufd. Source: `linux/iommufd.h`. */
export const iommufd_cmd = enumeration('iommufd_cmd', 'Command numbers of /dev/iommu.', {
  IOMMUFD_CMD_BASE: [0x80, 'The first command. VFIO uses the numbers below it.'],
  IOMMUFD_CMD_DESTROY: [0x80, 'IOMMU_DESTROY.'],
  IOMMUFD_CMD_IOAS_ALLOC: [0x81, 'IOMMU_IOAS_ALLOC.'],
  IOMMUFD_CMD_IOAS_ALLOW_IOVAS: [0x82, 'IOMMU_IOAS_ALLOW_IOVAS.'],
  IOMMUFD_CMD_IOAS_COPY: [0x83, 'IOMMU_IOAS_COPY.'],
  IOMMUFD_CMD_IOAS_IOVA_RANGES: [0x84, 'IOMMU_IOAS_IOVA_RANGES.'],
  IOMMUFD_CMD_IOAS_MAP: [0x85, 'IOMMU_IOAS_MAP.'],
  IOMMUFD_CMD_IOAS_UNMAP: [0x86, 'IOMMU_IOAS_UNMAP.'],
  IOMMUFD_CMD_OPTION: [0x87, 'IOMMU_OPTION.'],
  IOMMUFD_CMD_VFIO_IOAS: [0x88, 'IOMMU_VFIO_IOAS.'],
  IOMMUFD_CMD_HWPT_ALLOC: [0x89, 'IOMMU_HWPT_ALLOC.'],
  IOMMUFD_CMD_GET_HW_INFO: [0x8a, 'IOMMU_GET_HW_INFO.'],
  IOMMUFD_CMD_HWPT_SET_DIRTY_TRACKING: [0x8b, 'IOMMU_HWPT_SET_DIRTY_TRACKING.'],
  IOMMUFD_CMD_HWPT_GET_DIRTY_BITMAP: [0x8c, 'IOMMU_HWPT_GET_DIRTY_BITMAP.'],
  IOMMUFD_CMD_HWPT_INVALIDATE: [0x8d, 'IOMMU_HWPT_INVALIDATE.'],
  IOMMUFD_CMD_FAULT_QUEUE_ALLOC: [0x8e, 'IOMMU_FAULT_QUEUE_ALLOC.'],
  IOMMUFD_CMD_IOAS_MAP_FILE: [0x8f, 'IOMMU_IOAS_MAP_FILE.'],
  IOMMUFD_CMD_VIOMMU_ALLOC: [0x90, 'IOMMU_VIOMMU_ALLOC.'],
  IOMMUFD_CMD_VDEVICE_ALLOC: [0x91, 'IOMMU_VDEVICE_ALLOC.'],
  IOMMUFD_CMD_IOAS_CHANGE_PROCESS: [0x92, 'IOMMU_IOAS_CHANGE_PROCESS.'],
  IOMMUFD_CMD_VEVENTQ_ALLOC: [0x93, 'IOMMU_VEVENTQ_ALLOC.'],
  IOMMUFD_CMD_HW_QUEUE_ALLOC: [0x94, 'IOMMU_HW_QUEUE_ALLOC.'],
  IOMMUFD_CMD_IOAS_NOIOMMU_GET_PA: [0x95, 'IOMMU_IOAS_NOIOMMU_GET_PA.'],
});

/** The meanings of errnos for every request of iommufd, from the general rules in `linux/iommufd.h`. */
export const commonErrors: ErrnoMeanings = {
  ENOTTY: 'The kernel does not know this request.',
  E2BIG: 'The struct is longer than the one that the kernel knows, and the part beyond that is not zero.',
  EOPNOTSUPP: 'A flag or another field has an unsupported value, or a reserved field is not zero.',
  EINVAL: 'size is shorter than the first version of the struct, or a field is invalid.',
  ENOENT: 'An id is not that of an object of the right kind, or an IOVA is not mapped.',
  EFAULT: 'The argument, or a pointer inside it, cannot be read or written.',
  ENOMEM: 'Out of memory.',
  EOVERFLOW: 'The sum of an address and a length exceeds 64 bits.',
};

/**
 * Declares a request of `/dev/iommu`.
 * @param errors meanings of errnos for this request, in addition to {@link commonErrors}
 */
export function iommufdIoctl<S extends AnyType>(
  name: string,
  command: number,
  struct: S,
  doc: string,
  errors: ErrnoMeanings,
): Ioctl<S> {
  return ioctl(name, _IO(IOMMUFD_TYPE, command), ['iommufd'], struct, doc, { ...commonErrors, ...errors });
}
