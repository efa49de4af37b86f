/** Encodes the results of `stat()` and `statx()` for files of the fake kernel. */

import { STATX, STATX_BASIC_STATS } from '../linux/constants.js';
import type { StatLayout } from '../linux/system-calls.js';

/** The properties of a file that `stat()` returns. */
export interface FileStatus {
  /** Type and permissions. */
  readonly mode: number;
  readonly inode: number;
  /** The device number of a device node. */
  readonly device?: DeviceNumber | undefined;
  /** In bytes. */
  readonly size?: number | undefined;
  /** The device number of its filesystem. Default: devtmpfs. */
  readonly filesystem?: DeviceNumber | undefined;
}

export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
}

/** Device numbers of filesystems. */
const DEVTMPFS: DeviceNumber = { major: 0, minor: 6 };
const SYSFS: DeviceNumber = { major: 0, minor: 23 };
const BLOCK = 4096;

/** A device node, owned by root. */
export function nodeStatus(mode: number, device: DeviceNumber): FileStatus {
  return { mode, inode: 0x1000 + device.major * 0x100 + device.minor, device };
}

/** A file, link or directory of sysfs. @param size in bytes */
export function sysfsStatus(mode: number, inode: number, size: number): FileStatus {
  return { mode, inode, size, filesystem: SYSFS };
}

/** A file without a path: `anon_inode_getfile()`. All such files share one inode. */
export const anonymousStatus: FileStatus = { mode: 0o600, inode: 0x800 };

/** `new_encode_dev()`. */
function encodeDevice({ major, minor }: DeviceNumber): number {
  return (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
}

/** Encodes a `struct stat`. */
export function encodeStat(layout: StatLayout, status: FileStatus): Uint8Array {
  const { mode, inode, device, size = 0, filesystem = DEVTMPFS } = status;
  const bytes = new Uint8Array(layout.size);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(layout.dev, BigInt(encodeDevice(filesystem)), true);
  view.setBigUint64(layout.ino, BigInt(inode), true);
  view.setUint32(layout.mode, mode, true);
  if (layout.nlinkBytes === 8) view.setBigUint64(layout.nlink, 1n, true);
  else view.setUint32(layout.nlink, 1, true);
  if (device !== undefined) view.setBigUint64(layout.rdev, BigInt(encodeDevice(device)), true);
  view.setBigUint64(layout.bytes, BigInt(size), true);
  if (layout.blksizeBytes === 8) view.setBigUint64(layout.blksize, BigInt(BLOCK), true);
  else view.setUint32(layout.blksize, BLOCK, true);
  return bytes;
}

/** Encodes a `struct statx`. */
export function encodeStatx(status: FileStatus): Uint8Array {
  const { mode, inode, device, size = 0, filesystem = DEVTMPFS } = status;
  const bytes = new Uint8Array(STATX.size);
  const view = new DataView(bytes.buffer);
  view.setUint32(STATX.mask, STATX_BASIC_STATS, true);
  view.setUint32(STATX.blksize, BLOCK, true);
  view.setUint32(STATX.nlink, 1, true);
  view.setUint16(STATX.mode, mode, true);
  view.setBigUint64(STATX.ino, BigInt(inode), true);
  view.setBigUint64(STATX.bytes, BigInt(size), true);
  if (device !== undefined) {
    view.setUint32(STATX.rdevMajor, device.major, true);
    view.setUint32(STATX.rdevMinor, device.minor, true);
  }
  view.setUint32(STATX.devMajor, filesystem.major, true);
  view.setUint32(STATX.devMinor, filesystem.minor, true);
  return bytes;
}
