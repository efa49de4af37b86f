import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE } from '@iommufd/uapi';
import { flagSet } from '@iommufd/uapi/struct';

/** Names of the bits in arguments of `mmap()`, `fallocate()` and `poll()`. Source: Linux, `include/uapi`. */
export const mmapProt = flagSet('mmap_prot', 'Protection of a mapping.', {
  PROT_READ: [1, 'Readable.'],
  PROT_WRITE: [2, 'Writable.'],
  PROT_EXEC: [4, 'Executable.'],
});

export const mmapFlags = flagSet('mmap_flags', 'Kind of a mapping.', {
  MAP_SHARED: [0x01, 'Shared.'],
  MAP_PRIVATE: [0x02, 'Private.'],
  MAP_FIXED: [0x10, 'At exactly this address.'],
  MAP_ANONYMOUS: [0x20, 'Without a file.'],
  MAP_NORESERVE: [0x4000, 'Without reserving memory.'],
  MAP_POPULATE: [0x8000, 'With its pages present at once.'],
  MAP_HUGETLB: [0x40000, 'Of huge pages.'],
  MAP_FIXED_NOREPLACE: [
    0x100000,
    'At exactly this address; fails with EEXIST if it overlaps another mapping.',
  ],
});

export const fallocateModes = flagSet('fallocate_mode', 'What fallocate() does.', {
  FALLOC_FL_KEEP_SIZE: [FALLOC_FL_KEEP_SIZE, 'The size of the file does not change.'],
  FALLOC_FL_PUNCH_HOLE: [FALLOC_FL_PUNCH_HOLE, 'Pages are removed.'],
});

export const pollEvents = flagSet('poll_events', 'Events of poll().', {
  POLLIN: [0x001, 'Data can be read.'],
  POLLPRI: [0x002, 'Urgent data can be read.'],
  POLLOUT: [0x004, 'Data can be written.'],
  POLLERR: [0x008, 'An error is pending.'],
  POLLHUP: [0x010, 'The other end was closed.'],
  POLLNVAL: [0x020, 'Not an open file descriptor.'],
});
