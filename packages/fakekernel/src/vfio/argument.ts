import type { AnyType } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
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
 * Copies the first version of a struct in; the rest is zero. Those bytes are read whatever argsz says.
 * @throws EFAULT; EINVAL if argsz is less
 */
export function copyFirstVersion(memory: UserMemory, address: bigint, struct: Versioned): Uint8Array {
  const bytes = new Uint8Array(struct.byteLength);
  bytes.set(memory.read(address, struct.minByteLength));
  if (u32(bytes, ARGSZ) < struct.minByteLength) throw fail('EINVAL');
  return bytes;
}

/**
 * Copies in a struct whose last fields are valid only with a flag, the only flag of the struct.
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
