import { fail } from '../errno.js';
import { PAGE_SIZE } from './page.js';
import type { UserMemory } from './user-memory.js';

/**
 * `strndup_user()`: a string of a program, in Latin-1.
 * @param most the largest size, in bytes, including the final 0
 * @throws EFAULT; EINVAL if the string is longer
 */
export function userString(memory: UserMemory, address: bigint, most: number): string {
  const bytes: number[] = [];
  while (bytes.length < most) {
    const at = address + BigInt(bytes.length);
    // Reads only to the end of the page, because the next page may be unmapped.
    const room = PAGE_SIZE - Number(at % BigInt(PAGE_SIZE));
    const piece = memory.read(at, Math.min(room, most - bytes.length));
    const end = piece.indexOf(0);
    bytes.push(...(end === -1 ? piece : piece.subarray(0, end)));
    if (end !== -1) return String.fromCharCode(...bytes);
  }
  throw fail('EINVAL');
}
