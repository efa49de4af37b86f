/**
 * What an errno means for calls that are no ioctls, by the file that they are about: the declarations say it of ioctls alone. It is
 * what Linux's functions behind these files check.
 */

/** What the name of a file says of it. */
type FileKind = 'iommu' | 'veventq' | 'fault' | 'device' | 'eventfd' | 'attribute' | 'other';

function kindOf(file: string, call: string): FileKind {
  if (file === '/dev/iommu' || file === '/dev/vfio/vfio') return 'iommu';
  if (/^(veventq|fault)\b/.test(file)) return file.startsWith('veventq') ? 'veventq' : 'fault';
  if (file.startsWith('/dev/vfio/devices/')) return 'device';
  if (file === 'eventfd') return 'eventfd';
  return /^(cat|ls|readlink|stat|put|putbg)$/.test(call) ? 'attribute' : 'other';
}

type Meanings = Readonly<Record<string, string>>;

/** By the call and the kind of file, `*` for all kinds. */
const MEANINGS: Readonly<Record<string, Meanings>> = {
  'read iommu': { EINVAL: 'This file has no read(): only ioctls are asked of it.' },
  'write iommu': { EINVAL: 'This file has no write(): only ioctls are asked of it.' },
  'pread iommu': { EINVAL: 'This file has no read(): only ioctls are asked of it.' },
  'pwrite iommu': { EINVAL: 'This file has no write(): only ioctls are asked of it.' },
  'read veventq': {
    EINVAL: 'The buffer is smaller than a header of 8 bytes, or than the first event with its header.',
    EFAULT: 'The buffer is no memory that can be written; what was not copied stays in the queue.',
  },
  'write veventq': { EINVAL: 'Events of a vEVENTQ are read, and never answered.' },
  'read fault': {
    ESPIPE:
      'The length is no multiple of the size of struct iommu_hwpt_pgfault, which is 40, or the position is not 0.',
    EFAULT: 'The buffer is no memory that can be written; the groups that do not fit stay in the queue.',
  },
  'write fault': {
    ESPIPE:
      'The length is no multiple of the size of struct iommu_hwpt_page_response, which is 8, or the position is not 0.',
    EINVAL:
      'A response has a cookie that no open group has, or a code that there is not; those before it are answered.',
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
      'The device is not bound, or the position is in no region that it has, or beyond the end of the region.',
    EFAULT: 'The range goes beyond configuration space, or the buffer cannot be written.',
    EIO: 'Memory space is off in the command register, or the device sleeps: its registers cannot be reached.',
  },
  'pwrite device': {
    EINVAL:
      'The device is not bound, or the position is in no region that it has, or the region cannot be written.',
    EFAULT: 'The range goes beyond configuration space, or the buffer cannot be read.',
    EIO: 'Memory space is off in the command register, or the device sleeps: its registers cannot be reached.',
  },
  'read device': { EINVAL: 'The device is not bound, or the position is in no region that it has.' },
  'write device': { EINVAL: 'The device is not bound, or the position is in no region that it has.' },
  'lseek *': { ESPIPE: 'This file has no position: what is read is named by the offset of pread().' },
  'pread *': { ESPIPE: 'This file has no positions: read() takes what comes next.' },
  'pwrite *': { ESPIPE: 'This file has no positions: write() is what it takes.' },
  'read *': {
    EBADF: 'The descriptor is not open, or not for reading.',
    EINVAL: 'This file has no read().',
  },
  'write *': {
    EBADF: 'The descriptor is not open, or not for writing.',
    EINVAL: 'This file has no write().',
  },
  'mmap *': {
    EINVAL:
      'The flags, the length or the offset is invalid; a region of a device is mapped with MAP_SHARED, within its size, if its flags have MMAP.',
    EPERM: 'This memory can never be executed: PROT_EXEC is refused.',
    ENXIO: 'No such offset and length was handed out: both are those that an ioctl returned.',
    EACCES: 'The file is not open for what the mapping allows.',
    ENODEV: 'This file cannot be mapped.',
    EBADF: 'The descriptor is not open.',
    ENOMEM: 'There is no room for it in the address space.',
  },
  'madvise *': {
    EINVAL: 'The advice or the range is invalid, or the memory is of a device, which takes no advice.',
    ENOMEM: 'A part of the range is not mapped.',
  },
  'open *': {
    ENOENT: 'There is no such node: the driver is not loaded, or the device is not bound to vfio-pci.',
    EBUSY: 'Another file of the group or the device is open, or it is bound by its own node.',
    EACCES: 'The user may not open it.',
    EPERM: 'The user may not open it.',
    ENODEV: 'The device is gone.',
    EMFILE: 'The process has as many descriptors as it may have.',
  },
  'ioctl device': { EINVAL: 'The device is not bound: until then every other request fails.' },
  'ioctl *': {
    ENOTTY: 'This file knows no such request.',
    EFAULT: 'The argument cannot be read or written.',
    EBADF: 'The descriptor is not open.',
    EOPNOTSUPP: 'This kernel knows the request, and this file does not support it.',
  },
  '* attribute': {
    ENOENT: 'There is no such file.',
    EACCES: 'The file cannot be read.',
    EINVAL: 'The file takes or gives nothing of this kind now.',
  },
};

/** What holds of every call, and is no matter of its file. */
const ALWAYS: Meanings = { EBADF: 'The descriptor is not open.' };

/**
 * What an errno means for a call on a file; undefined if nothing is known of it.
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
