/**
 * The meanings of errnos for calls other than ioctls, by call and kind of file. (The meanings for ioctls are in their
 * declarations.) They follow the checks of Linux's functions for these files.
 */

/** The kind of a file, from its name. */
type FileKind = 'iommu' | 'veventq' | 'fault' | 'device' | 'eventfd' | 'attribute' | 'other';

function kindOf(file: string, call: string): FileKind {
  if (file === '/dev/iommu' || file === '/dev/vfio/vfio') return 'iommu';
  if (/^(veventq|fault)\b/.test(file)) return file.startsWith('veventq') ? 'veventq' : 'fault';
  if (file.startsWith('/dev/vfio/devices/')) return 'device';
  if (file === 'eventfd') return 'eventfd';
  return /^(cat|ls|readlink|stat|put|putbg)$/.test(call) ? 'attribute' : 'other';
}

type Meanings = Readonly<Record<string, string>>;

/** Meanings by call and kind of file; `*` for all kinds. */
const MEANINGS: Readonly<Record<string, Meanings>> = {
  'read iommu': { EINVAL: 'This file does not support read(): it is used with ioctl().' },
  'write iommu': { EINVAL: 'This file does not support write(): it is used with ioctl().' },
  'pread iommu': { EINVAL: 'This file does not support read(): it is used with ioctl().' },
  'pwrite iommu': { EINVAL: 'This file does not support write(): it is used with ioctl().' },
  'read veventq': {
    EINVAL: 'The buffer is smaller than a header of 8 bytes, or than the first event with its header.',
    EFAULT: 'The buffer is not writable memory. Events that were not copied stay in the queue.',
  },
  'write veventq': { EINVAL: 'A vEVENTQ can only be read.' },
  'read fault': {
    ESPIPE:
      'The length is not a multiple of the size of struct iommu_hwpt_pgfault, 40, or the position is not 0.',
    EFAULT: 'The buffer is not writable memory. Groups that were not copied stay in the queue.',
  },
  'write fault': {
    ESPIPE:
      'The length is not a multiple of the size of struct iommu_hwpt_page_response, 8, or the position is not 0.',
    EINVAL:
      'A response has a cookie of no open group, or an unknown code. The responses before it were accepted.',
    EFAULT: 'The responses cannot be read.',
  },
  'read eventfd': {
    EAGAIN: 'The counter is 0: nothing has been signalled since the last read.',
    EINVAL: 'The buffer is smaller than 8 bytes.',
  },
  'write eventfd': {
    EINVAL: 'The buffer is smaller than 8 bytes, or the number is 2^64 - 1.',
    EAGAIN: 'The counter would exceed 2^64 - 2.',
  },
  'pread device': {
    EINVAL:
      'The device is not bound, or the position is not in one of its regions, or beyond the end of the region.',
    EFAULT: 'The range goes beyond configuration space, or the buffer cannot be written.',
    EIO: 'Memory space is disabled in the command register, or the device is in a low power state: its registers cannot be accessed.',
  },
  'pwrite device': {
    EINVAL:
      'The device is not bound, or the position is not in one of its regions, or the region cannot be written.',
    EFAULT: 'The range goes beyond configuration space, or the buffer cannot be read.',
    EIO: 'Memory space is disabled in the command register, or the device is in a low power state: its registers cannot be accessed.',
  },
  'read device': { EINVAL: 'The device is not bound, or the position is not in one of its regions.' },
  'write device': { EINVAL: 'The device is not bound, or the position is not in one of its regions.' },
  'lseek *': { ESPIPE: 'This file has no position. Use the offset of pread().' },
  'pread *': { ESPIPE: 'This file has no positions. Use read().' },
  'pwrite *': { ESPIPE: 'This file has no positions. Use write().' },
  'read *': {
    EBADF: 'The descriptor is not open, or not for reading.',
    EINVAL: 'This file does not support read().',
  },
  'write *': {
    EBADF: 'The descriptor is not open, or not for writing.',
    EINVAL: 'This file does not support write().',
  },
  'mmap *': {
    EINVAL:
      'The flags, the length or the offset is invalid; a region of a device is mapped with MAP_SHARED, within its size, if its flags have MMAP.',
    EPERM: 'PROT_EXEC is not allowed for this memory.',
    ENXIO: 'Offset and length are not those that an ioctl returned.',
    EACCES: 'The file is not open for the requested access.',
    ENODEV: 'This file cannot be mapped.',
    EBADF: 'The descriptor is not open.',
    ENOMEM: 'The address space has no room for the mapping.',
  },
  'madvise *': {
    EINVAL:
      'The advice or the range is invalid, or the memory is device memory, which does not support advice.',
    ENOMEM: 'A part of the range is not mapped.',
  },
  'ftruncate *': {
    EINVAL: 'The size is negative or not a multiple of the huge page size, or the file is not a memfd.',
    EPERM: 'A seal of the file forbids it: F_SEAL_SHRINK or F_SEAL_GROW.',
  },
  'fallocate *': {
    EINVAL: 'The offset is negative, or the length is not positive.',
    ENODEV: 'The file is not a memfd.',
    EOPNOTSUPP: 'The file does not support the mode. FALLOC_FL_PUNCH_HOLE requires FALLOC_FL_KEEP_SIZE.',
    EPERM: 'A seal of the file forbids it: F_SEAL_WRITE, F_SEAL_FUTURE_WRITE or F_SEAL_GROW.',
    EFBIG: 'The range ends beyond the largest size of a file.',
  },
  'mremap *': {
    EINVAL: 'An address is not the start of a page, the length is 0, or the ranges overlap.',
    EFAULT: 'Nothing is mapped at the address.',
  },
  'open *': {
    ENOENT: 'The node does not exist: the driver is not loaded, or the device is not bound to vfio-pci.',
    EBUSY: 'Another file of the group or the device is open, or it is bound by its own node.',
    EACCES: 'The user may not open it.',
    EPERM: 'The user may not open it.',
    ENODEV: 'The device has been removed.',
    EMFILE: 'The process has the maximum number of descriptors.',
  },
  'ioctl device': { EINVAL: 'The device is not bound. Every other request fails until it is.' },
  'ioctl *': {
    ENOTTY: 'This file does not know the request.',
    EFAULT: 'The argument cannot be read or written.',
    EBADF: 'The descriptor is not open.',
    EOPNOTSUPP: 'The kernel knows the request, but this file does not support it.',
  },
  '* attribute': {
    ENOENT: 'The file does not exist.',
    EACCES: 'The file cannot be read.',
    EINVAL: 'The file does not accept or return such a value now.',
  },
};

/** Meanings for every call, whatever its file. */
const ALWAYS: Meanings = { EBADF: 'The descriptor is not open.' };

/**
 * The meaning of an errno for a call on a file; undefined if unknown.
 * @param name of the call, or of an ioctl
 * @param file its name in the timeline
 */
export function fileError(name: string, errno: string, file: string): string | undefined {
  const call = /^[A-Z]/.test(name) ? 'ioctl' : name;
  const kind = kindOf(file, call);
  return [`${call} ${kind}`, `${call} *`, `* ${kind}`]
    .map((key) => MEANINGS[key]?.[errno])
    .concat(ALWAYS[errno])
    .find((meaning) => meaning !== undefined);
}
