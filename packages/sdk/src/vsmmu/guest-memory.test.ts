import { expect, test } from '@jest/globals';
import { guestMemory } from './guest-memory.js';

const piece = (length: number, fill: number) => {
  const data = new Uint8Array(length).fill(fill);
  return {
    length,
    data,
    bytes: (offset = 0, count = length - offset) => data.subarray(offset, offset + count),
  };
};

test('memory is accessed by guest-physical address', () => {
  const low = piece(0x1000, 1);
  const memory = guestMemory({ memory: low, base: 0x4000_0000n });
  expect(memory.read(0x4000_0ffen, 2)).toEqual(Uint8Array.of(1, 1));
  expect(memory.write(0x4000_0010n, Uint8Array.of(7, 8))).toBe(true);
  expect([...low.data.subarray(0xf, 0x13)]).toEqual([1, 7, 8, 1]);
});

test('accesses outside of the pieces fail, even if only partly outside', () => {
  const low = piece(0x1000, 1);
  const high = piece(0x1000, 2);
  const memory = guestMemory({ memory: high, base: 0x8000n }, { memory: low, base: 0x1000n });
  for (const address of [0xffen, 0x1ffen, 0x7ffen, 0x8ffen, 0x10_0000n]) {
    expect(memory.read(address, 4)).toBeUndefined();
    expect(memory.write(address, Uint8Array.of(9, 9, 9, 9))).toBe(false);
  }
  expect(low.data.every((byte) => byte === 1)).toBe(true);
  expect(high.data.every((byte) => byte === 2)).toBe(true);
  expect(guestMemory().read(0n, 1)).toBeUndefined();
});

test('an access may cross from one piece to the next', () => {
  const low = piece(0x1000, 1);
  const high = piece(0x1000, 2);
  const memory = guestMemory({ memory: low, base: 0x1000n }, { memory: high, base: 0x2000n });
  expect(memory.read(0x1ffen, 4)).toEqual(Uint8Array.of(1, 1, 2, 2));
  expect(memory.write(0x1fffn, Uint8Array.of(5, 6))).toBe(true);
  expect([low.data[0xfff], high.data[0]]).toEqual([5, 6]);
});

test('overlapping pieces are refused', () => {
  const memory = piece(0x1000, 0);
  expect(() => guestMemory({ memory, base: 0x1000n }, { memory, base: 0x1fffn })).toThrow('0x1fff');
  expect(() => guestMemory({ memory, base: -1n })).toThrow(RangeError);
});
