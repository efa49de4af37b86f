/** Bytes of a page. Linux on x86_64 and most arm64 kernels. */
export const PAGE_SIZE = 4096;
/** The same as bigint, for addresses. */
export const PAGE = 4096n;
export const PAGE_MASK = ~(PAGE - 1n);

/** Bytes of a huge page. */
export const HUGE_PAGE_SIZE = 2 << 20;

/** The lowest address that a process without CAP_SYS_RAWIO can map, as distributions set it: vm.mmap_min_addr. */
export const MMAP_MIN_ADDR = 65536;

/** The highest address of 64 bits, ULONG_MAX. */
export const ULONG_MAX = 0xffff_ffff_ffff_ffffn;

/** Where a user address space ends on x86_64 with four levels: TASK_SIZE. */
export const TASK_SIZE = 0x7fff_ffff_f000;

/** Where in its page an address is. Without `%`, which for numbers beyond 32 bits is a library call. */
export const offsetInPage = (address: number): number =>
  address - Math.floor(address / PAGE_SIZE) * PAGE_SIZE;

/** Bytes from an address to the end of its page. */
export const bytesBehind = (address: number): number => PAGE_SIZE - offsetInPage(address);
