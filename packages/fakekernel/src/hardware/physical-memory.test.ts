import { expect, test } from '@jest/globals';
import { AnonymousMemory } from '../process/memory-object.js';
import { PhysicalMemory } from './physical-memory.js';

test('blocks are aligned, readable within their length, and never reused', () => {
  const memory = new PhysicalMemory();
  const first = memory.alloc(100);
  const second = memory.alloc(64, 0x1_0000);
  expect(second.address % 0x1_0000n).toBe(0n);
  first.bytes[99] = 5;
  expect(memory.read(first.address + 90n, 10)?.at(-1)).toBe(5);
  expect(memory.read(first.address + 90n, 11)).toBeUndefined();
  expect(memory.read(first.address - 1n, 1)).toBeUndefined();
  memory.free(first.address);
  expect(memory.read(first.address, 1)).toBeUndefined();
  expect(memory.alloc(1).address).not.toBe(first.address);
  expect(() => memory.free(first.address)).toThrow(RangeError);
  const table = { lookup: () => undefined };
  const address = memory.addTable(table);
  expect(memory.table(address)).toBe(table);
  memory.removeTable(address);
  expect(memory.table(address)).toBeUndefined();
  expect(() => memory.removeTable(address)).toThrow(RangeError);
});

test('the rest of a page is contiguous, and its writes are reported from the start of the page', () => {
  const memory = new PhysicalMemory();
  const written: number[] = [];
  const place = {
    object: new AnonymousMemory(2),
    byte: 4096,
    length: 100,
    written: (length: number) => void written.push(length),
  };
  const rest = memory.within(place, 60);
  expect(rest).toMatchObject({ byte: 4156, length: 40 });
  rest?.written?.(4);
  expect(written).toEqual([64]);
  expect(memory.within(place, 100)).toBeUndefined();
  expect(memory.within({ ...place, length: 8192 }, 4095)?.length).toBe(1);
});

test('a write that is partly outside memory changes nothing', () => {
  const memory = new PhysicalMemory();
  const { address, bytes } = memory.alloc(100);
  expect(memory.write(address + 97n, Uint8Array.of(1, 2, 3))).toBe(true);
  expect(memory.write(address + 98n, Uint8Array.of(7, 8, 9))).toBe(false);
  expect([...bytes.subarray(96)]).toEqual([0, 1, 2, 3]);
});
