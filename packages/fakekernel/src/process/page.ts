/** Size of a page in bytes: Linux on x86_64 and most arm64 kernels. */
export const PAGE_SIZE = 4096;
/** {@link PAGE_SIZE} as a bigint, for addresses. */
export const PAGE = 4096n;
export const PAGE_MASK = ~(PAGE - 1n);

/** Size of a huge page in bytes. */
export const HUGE_PAGE_SIZE = 2 << 20;

/** The lowest address that a process without CAP_SYS_RAWIO can map: the default of vm.mmap_min_addr in distributions. */
export const MMAP_MIN_ADDR = 65536;

/** The highest 64-bit address, ULONG_MAX. */
export const ULONG_MAX = 0xffff_ffff_ffff_ffffn;

/** TASK_SIZE on x86-64 with page tables of four levels: one beyond the last address of user space. */
export const TASK_SIZE = 0x7fff_ffff_f000;

/** Offset of an address in its page. Without `%`, which is a library call for numbers beyond 32 bits. */
export const offsetInPage = (address: number): number =>
  address - Math.floor(address / PAGE_SIZE) * PAGE_SIZE;

/** Number of bytes from an address to the end of its page. */
export const bytesBehind = (address: number): number => PAGE_SIZE - offsetInPage(address);
