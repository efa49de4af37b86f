// Written by `pnpm compile` from device-ioeventfd.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Connects an eventfd to a write of a value to a region, or disconnects it. */
export interface VfioDeviceIoeventfd {
  /** Bytes allocated; at least 28. */
  argsz: number;
  /** The width of the write. Flags of vfio_device_ioeventfd_flags. */
  flags: number;
  /** Position of the write in the device's file: the offset of the region plus the offset in it. */
  offset: bigint;
  /** The value, in the low bytes. The device receives them in little-endian order. */
  data: bigint;
  /** The eventfd; -1 disconnects the one with the same width, offset and data. */
  fd: number;
  /** Must be zero. */
  reserved: number;
}

export const vfio_device_ioeventfd: Named<VfioDeviceIoeventfd> = undefined;
