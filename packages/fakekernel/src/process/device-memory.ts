/**
 * Device memory that a program maps: a BAR. It has no pages. Each load and store of the program reaches the device as a separate
 * access, and so does each copy that the kernel makes to or from it.
 */
import { KernelBug } from '../errno.js';
import { LocalMemory } from './memory-object.js';

/** Size of an access, in bytes. */
export type AccessSize = 1 | 2 | 4 | 8;

/** The largest access that is aligned, and not larger than `left` bytes or `most`. */
export function accessSize(byte: number, left: number, most: AccessSize = 8): AccessSize {
  if (most >= 8 && left >= 8 && byte % 8 === 0) return 8;
  if (most >= 4 && left >= 4 && byte % 4 === 0) return 4;
  return left >= 2 && byte % 2 === 0 ? 2 : 1;
}

/** The memory behind a mapping of a BAR. */
export abstract class DeviceMemory extends LocalMemory {
  /**
   * True if the device can be reached. If false, an access of the program causes SIGBUS, and a copy of the kernel fails with
   * EFAULT.
   */
  abstract readonly isReachable: boolean;

  /** A load. The caller has checked that the device can be reached. */
  abstract load(byte: number, size: AccessSize): bigint;

  /** A store. The caller has checked that the device can be reached. */
  abstract store(byte: number, size: AccessSize, value: bigint): void;

  override page(): Uint8Array {
    throw new KernelBug('memory of a device is used like a page of memory');
  }

  override read(byte: number, into: Uint8Array): void {
    const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
    for (let done = 0; done < into.length;) {
      const size = accessSize(byte + done, into.length - done);
      putValue(view, done, size, this.load(byte + done, size));
      done += size;
    }
  }

  override write(byte: number, bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let done = 0; done < bytes.length;) {
      const size = accessSize(byte + done, bytes.length - done);
      this.store(byte + done, size, getValue(view, done, size));
      done += size;
    }
  }

  override look(byte: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.read(byte, bytes);
    return bytes;
  }
}

/** A little-endian value of 1, 2, 4 or 8 bytes. */
export function getValue(view: DataView, at: number, size: AccessSize): bigint {
  switch (size) {
    case 1:
      return BigInt(view.getUint8(at));
    case 2:
      return BigInt(view.getUint16(at, true));
    case 4:
      return BigInt(view.getUint32(at, true));
    case 8:
      return view.getBigUint64(at, true);
  }
}

/** Writes a little-endian value of 1, 2, 4 or 8 bytes. Higher bits are dropped. */
export function putValue(view: DataView, at: number, size: AccessSize, value: bigint): void {
  switch (size) {
    case 1:
      view.setUint8(at, Number(BigInt.asUintN(8, value)));
      break;
    case 2:
      view.setUint16(at, Number(BigInt.asUintN(16, value)), true);
      break;
    case 4:
      view.setUint32(at, Number(BigInt.asUintN(32, value)), true);
      break;
    case 8:
      view.setBigUint64(at, value, true);
  }
}
