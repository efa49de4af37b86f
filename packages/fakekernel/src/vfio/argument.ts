import type { AnyType } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import { copyStructFromUser } from '../process/copy-struct.js';
import type { UserMemory } from '../process/user-memory.js';

/** A struct whose first version was shorter. */
type Versioned = AnyType & { readonly minByteLength: number };

/** Offset of argsz. */
const ARGSZ = 0;
/** Offset of flags. */
const FLAGS = 4;

const u32 = (bytes: Uint8Array, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);

/**
 * Copies the first version of a struct in; later fields are zero. These bytes are read whatever the value of argsz.
 * @throws EFAULT; EINVAL if argsz is less
 */
export function copyFirstVersion(memory: UserMemory, address: bigint, struct: Versioned): Uint8Array {
  const bytes = new Uint8Array(struct.byteLength);
  bytes.set(memory.read(address, struct.minByteLength));
  if (u32(bytes, ARGSZ) < struct.minByteLength) throw fail('EINVAL');
  return bytes;
}

/**
 * Copies a struct in as `copy_struct_from_user()` does: argsz is read first, and bytes after the struct must be zero.
 * @throws EFAULT | E2BIG; EINVAL if argsz is less than the first version
 */
export function copyWhole(memory: UserMemory, address: bigint, struct: Versioned): Uint8Array {
  const argsz = memory.readU32(address);
  if (argsz < struct.minByteLength) throw fail('EINVAL');
  return copyStructFromUser(memory, address, argsz, struct.byteLength);
}

/**
 * Copies in a struct whose last fields are valid only with the struct's only flag.
 * @param flag the flag; 0 if this version of the kernel supports no flag
 * @throws EFAULT; EINVAL for another flag, or if argsz is less than the size of the valid fields
 */
export function copyWithFlag(
  memory: UserMemory,
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
