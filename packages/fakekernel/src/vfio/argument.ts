import type { AnyType } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import type { AddressSpace } from '../process/address-space.js';

/** A struct of which the first version is shorter than the one that the kernel knows. */
type Versioned = AnyType & { readonly minByteLength: number };

/** Of the structs of VFIO. */
const ARGSZ = 0;
/** Of the structs of a device's address space. */
const FLAGS = 4;

const u32 = (bytes: Uint8Array, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);

/**
 * Copies in what the first version of a struct has; the rest is zero. Whatever argsz says, so much must be there.
 * @throws EFAULT; EINVAL if argsz is less
 */
export function copyFirstVersion(memory: AddressSpace, address: bigint, struct: Versioned): Uint8Array {
  const bytes = new Uint8Array(struct.byteLength);
  bytes.set(memory.read(address, struct.minByteLength));
  if (u32(bytes, ARGSZ) < struct.minByteLength) throw fail('EINVAL');
  return bytes;
}

/**
 * Copies in a struct which has a tail that counts only with a flag, the only one that there is.
 * @throws EFAULT; EINVAL for another flag, or if argsz is less than what counts
 */
export function copyWithFlag(
  memory: AddressSpace,
  address: bigint,
  struct: Versioned,
  flag: number,
): Uint8Array {
  const bytes = copyFirstVersion(memory, address, struct);
  const flags = u32(bytes, FLAGS);
  if ((flags & ~flag) !== 0) throw fail('EINVAL');
  if ((flags & flag) === 0) return bytes;
  const { minByteLength: min, byteLength: size } = struct;
  if (u32(bytes, ARGSZ) < size) throw fail('EINVAL');
  bytes.set(memory.read(address + BigInt(min), size - min), min);
  return bytes;
}
