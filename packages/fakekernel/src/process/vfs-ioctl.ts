/**
 * Requests that Linux handles for every file, before it calls the file: `do_vfs_ioctl()` of `fs/ioctl.c`. For all other requests
 * {@link vfsIoctl} returns undefined.
 */

import { fail } from '../errno.js';
import type { UserMemory } from './user-memory.js';
import type { File } from './file.js';
import { PAGE_SIZE } from './page.js';
import type { Task } from './task.js';

/** `asm-generic/ioctls.h`. */
const FIONBIO = 0x5421;
const FIONREAD = 0x541b;
const FIONCLEX = 0x5450;
const FIOCLEX = 0x5451;
const FIOASYNC = 0x5452;
const FIOQSIZE = 0x5460;
/** `linux/fs.h`. */
const FIGETBSZ = 0x0002;
const FIFREEZE = 0xc004_5877;
const FITHAW = 0xc004_5878;
const FS_IOC_FIEMAP = 0xc020_660b;

/** @returns the return value of ioctl(); undefined if the file must handle the request @throws Errno */
export function vfsIoctl(
  { files, memorySpace: memory, privileges }: Task,
  fd: number,
  file: File,
  request: number,
  arg: bigint,
): number | undefined {
  switch (request) {
    case FIOCLEX:
    case FIONCLEX:
      files.setCloseOnExec(fd, request === FIOCLEX);
      return 0;
    case FIONBIO:
      file.nonBlocking = memory.readU32(arg) !== 0;
      return 0;
    case FIOASYNC:
      // None of these files sends signals (`fasync`): it can only be disabled.
      if (memory.readU32(arg) !== 0) throw fail('ENOTTY');
      return 0;
    case FIOQSIZE:
      if (file.memory === undefined) throw fail('ENOTTY');
      putNumber(memory, arg, BigInt(file.memory.size), 8);
      return 0;
    case FIONREAD:
      if (file.memory === undefined) return undefined;
      putNumber(memory, arg, BigInt(file.memory.size), 4);
      return 0;
    case FIGETBSZ:
      putNumber(memory, arg, BigInt(PAGE_SIZE), 4);
      return 0;
    case FIFREEZE:
    case FITHAW:
      if (!privileges.sysAdmin) throw fail('EPERM');
      // The filesystems of these files cannot be frozen, so none is frozen.
      throw fail(request === FIFREEZE ? 'EOPNOTSUPP' : 'EINVAL');
    case FS_IOC_FIEMAP:
      throw fail('EOPNOTSUPP');
    default:
      return undefined;
  }
}

/** `put_user()`. @throws EFAULT */
function putNumber(memory: UserMemory, address: bigint, value: bigint, size: 4 | 8): void {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  memory.writePart(address, bytes, 0, size);
}
