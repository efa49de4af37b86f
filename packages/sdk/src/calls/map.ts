import { MAP_ANONYMOUS, MAP_HUGETLB, MAP_SHARED, PROT_READ, PROT_WRITE, type Syscalls } from '@iommufd/uapi';
import { IommufdError } from './error.js';

/** `mmap()` for reading and writing. @returns the address @throws IommufdError */
export function map(sys: Syscalls, length: number, flags: number, fd: number, offset: bigint): bigint {
  const address = sys.mmap(0n, length, PROT_READ | PROT_WRITE, flags, fd, offset);
  if (address < 0n)
    throw new IommufdError({ call: 'mmap', args: { length, flags, fd, offset }, errno: -Number(address) });
  return address;
}

/** Maps anonymous memory. MAP_SHARED, so that a fork does not move pinned pages away by copy-on-write. */
export function mapAnonymous(sys: Syscalls, length: number, hugePages = false): bigint {
  return map(sys, length, MAP_SHARED | MAP_ANONYMOUS | (hugePages ? MAP_HUGETLB : 0), -1, 0n);
}
