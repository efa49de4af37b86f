import { fail } from '../errno.js';
import type { UserMemory } from './user-memory.js';

/**
 * `copy_struct_from_user()`: a struct of which the caller knows `userSize` bytes and the kernel `size`. What the
 * caller does not know is zero; what the kernel does not know must be.
 * @throws E2BIG if it is not; EFAULT
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

/** The same into a buffer that is as long as the struct that the kernel knows. @throws E2BIG; EFAULT */
export function copyStructInto(
  memory: UserMemory,
  address: bigint,
  userSize: number,
  bytes: Uint8Array,
): void {
  const size = bytes.length;
  // The excess is looked at first: E2BIG wins over an EFAULT in the part that both know.
  if (userSize > size && !memory.isZero(address + BigInt(size), userSize - size)) throw fail('E2BIG');
  memory.readInto(address, Math.min(userSize, size), bytes);
  if (userSize < size) bytes.fill(0, userSize);
}

/** `copy_struct_to_user()`: a struct for a caller who has room for `userSize` bytes; what is beyond it is cleared. */
export function copyStructToUser(
  memory: UserMemory,
  address: bigint,
  userSize: number,
  bytes: Uint8Array,
): void {
  if (userSize > bytes.length) memory.clearBytes(address + BigInt(bytes.length), userSize - bytes.length);
  memory.write(address, bytes.subarray(0, Math.min(userSize, bytes.length)));
}
