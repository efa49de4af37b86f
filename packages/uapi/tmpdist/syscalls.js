/** `PROT_*` of `asm-generic/mman-common.h`. */
export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const PROT_EXEC = 4;
/** `MAP_*` of `asm-generic/mman-common.h` and `linux/mman.h`: the ones that `/dev/iommu` can tell apart. */
export const MAP_SHARED = 0x01;
export const MAP_PRIVATE = 0x02;
export const MAP_FIXED = 0x10;
/** `mmap()`: in huge pages, of 2 MiB on most machines. */
export const MAP_HUGETLB = 0x40000;
export const MAP_ANONYMOUS = 0x20;
/** `POLL*` of `asm-generic/poll.h`. */
export const POLLIN = 0x001;
export const POLLOUT = 0x004;
export const POLLERR = 0x008;
export const POLLHUP = 0x010;
export const POLLNVAL = 0x020;
//# sourceMappingURL=syscalls.js.map