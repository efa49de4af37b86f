import type { SystemMemory } from '@iommufd/smmuv3';
import type { Memory } from '../objects/memory.js';

/** The guest's RAM as a virtual SMMU accesses it, by guest-physical addresses. */
export type GuestMemory = SystemMemory;

/** A piece of the guest's RAM. */
export interface GuestRam {
  /** The memory. */
  readonly memory: Pick<Memory, 'bytes' | 'length'>;
  /** The guest-physical address of its first byte. */
  readonly base: bigint;
}

/**
 * Combines pieces of RAM to the guest's physical memory.
 * @param ram the pieces and their guest-physical addresses
 * @throws RangeError if two pieces overlap, or an address is negative
 */
export function guestMemory(...ram: readonly GuestRam[]): GuestMemory {
  const pieces = ram
    .map(({ memory, base }) => ({ memory, base, end: base + BigInt(memory.length) }))
    .sort((a, b) => (a.base < b.base ? -1 : 1));
  let last = 0n;
  for (const { base, end } of pieces) {
    if (base < last)
      throw new RangeError(`base: guest memory at 0x${base.toString(16)} overlaps another piece`);
    last = end;
  }

  /** The bytes in place, one array per piece; undefined if there is a hole. */
  const spans = (address: bigint, length: number): Uint8Array[] | undefined => {
    const found: Uint8Array[] = [];
    const end = address + BigInt(length);
    let at = address;
    for (const piece of pieces) {
      if (at >= piece.end) continue;
      if (at < piece.base) return undefined;
      const until = end < piece.end ? end : piece.end;
      found.push(piece.memory.bytes(Number(at - piece.base), Number(until - at)));
      if (until === end) return found;
      at = until;
    }
    return undefined;
  };

  return {
    read(address, length) {
      const [first, ...others] = spans(address, length) ?? [];
      if (first === undefined || others.length === 0) return first;
      const whole = new Uint8Array(length);
      let offset = 0;
      for (const span of [first, ...others]) {
        whole.set(span, offset);
        offset += span.length;
      }
      return whole;
    },
    write(address, bytes) {
      const found = spans(address, bytes.length);
      if (found === undefined) return false;
      let offset = 0;
      for (const span of found) {
        span.set(bytes.subarray(offset, offset + span.length));
        offset += span.length;
      }
      return true;
    },
  };
}
