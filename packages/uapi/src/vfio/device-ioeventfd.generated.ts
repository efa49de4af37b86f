// Written by `pnpm compile` from device-ioeventfd.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Ties an eventfd to a write of a value into a region, or unties it. */
export interface VfioDeviceIoeventfd {
  /** Bytes allocated; at least 28. */
  argsz: number;
  /** The width of the write. Flags of vfio_device_ioeventfd_flags. */
  flags: number;
  /** Where in the device's file it goes: the offset of the region and the place in it. */
  offset: bigint;
  /** What is written, in the low bytes: the bytes arrive at the device in little-endian order. */
  data: bigint;
  /** The eventfd; -1 unties what was tied with the same width, offset and data. */
  fd: number;
  /** Must be zero. */
  reserved: number;
}

export const vfio_device_ioeventfd: Named<VfioDeviceIoeventfd> = undefined;
