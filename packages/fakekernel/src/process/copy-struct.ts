import { fail } from '../errno.js';
import type { UserMemory } from './user-memory.js';

/**
 * `copy_struct_from_user()`: copies a struct of which the caller knows `userSize` bytes and the kernel `size` bytes. Bytes that
 * only the kernel knows are zero. Bytes that only the caller knows must be zero.
 * @throws E2BIG if they are not; EFAULT
 */
export function copyStructFromUser(
  memory: UserMemory,
  address: bigint,
  userSize: number,
  size: number,
): Uint8Array {
  const bytes = new Uint8Array(size);
  copyStructInto(memory, address, userSize, bytes);
  return bytes;
}

/** Like {@link copyStructFromUser}, into a buffer of the size that the kernel knows. @throws E2BIG | EFAULT */
export function copyStructInto(
  memory: UserMemory,
  address: bigint,
  userSize: number,
  bytes: Uint8Array,
): void {
  const size = bytes.length;
  // The caller's additional bytes are checked first: E2BIG takes precedence over EFAULT in the common part.
  if (userSize > size && !memory.isZero(address + BigInt(size), userSize - size)) throw fail('E2BIG');
  memory.readInto(address, Math.min(userSize, size), bytes);
  if (userSize < size) bytes.fill(0, userSize);
}

/**
 * `copy_struct_to_user()`: copies a struct to a caller with a buffer of `userSize` bytes. The rest of a larger buffer is cleared.
 */
export function copyStructToUser(
  memory: UserMemory,
  address: bigint,
  userSize: number,
  bytes: Uint8Array,
): void {
  if (userSize > bytes.length) memory.clearBytes(address + BigInt(bytes.length), userSize - bytes.length);
  memory.write(address, bytes.subarray(0, Math.min(userSize, bytes.length)));
}
