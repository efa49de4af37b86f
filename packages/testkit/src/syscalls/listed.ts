import type { Syscalls } from '@iommufd/uapi';
import { ioctlsByRequest } from '@iommufd/uapi/registry';
import { wrapSyscalls } from './wrap.js';

/** Wraps system calls so that their names are added to `calls`: `open`, `IOMMU_IOAS_MAP`, `read`. */
export function listedSyscalls(sys: Syscalls, calls: string[]): Syscalls {
  const nameOf = (request: unknown): string =>
    (typeof request === 'number' && ioctlsByRequest(request)[0]?.name) || String(request);
  return wrapSyscalls(sys, (name, args) => {
    calls.push(name === 'ioctl' ? nameOf(args[1]) : name);
    return undefined;
  });
}
