import { describe, expect, test } from '@jest/globals';
import { createDevice, MemoryFault, ram, registers } from '../index.js';
import { PciProgram } from './pci.testing.js';

const PAGE = 4096;

/** A function with memory in BAR 0, registers in BAR 2, and two small BARs. */
function program(): { readonly program: PciProgram; readonly written: [number, number, bigint][] } {
  const written: [number, number, bigint][] = [];
  const handler = {
    read: (offset: number, size: number) => BigInt(offset) * 0x100n + BigInt(size),
    write: (offset: number, size: number, value: bigint) => void written.push([offset, size, value]),
  };
  const device = createDevice({
    vendor: 1,
    device: 2,
    bars: [ram(2 * PAGE, { is64: true }), undefined, registers(PAGE, handler), ram(256), ram(256)],
  });
  const made = new PciProgram(device);
  made.enable();
  return { program: made, written };
}

/** The signal that an access causes. */
function signalOf(access: () => unknown): string | undefined {
  try {
    access();
    return undefined;
  } catch (error) {
    if (error instanceof MemoryFault) return error.signal;
    throw error;
  }
}

describe('a mapped BAR', () => {
  test('of memory is bytes in place, which pread() and the device use as well', () => {
    const { program: p } = program();
    const at = p.mmap(0, 0, 2 * PAGE);
    const bytes = p.process.memory(at, 2 * PAGE);
    bytes[PAGE] = 0x5a;
    expect(p.read(0, PAGE, 1)).toBe(0x5a);
    p.write(0, 8, 4, 0x1234);
    expect([bytes[8], p.process.load(at + 8n, 2)]).toEqual([0x34, 0x1234n]);
  });

  test('of registers takes loads and stores, each as one access', () => {
    const { program: p, written } = program();
    const at = p.mmap(2, 0, PAGE);
    expect([p.process.load(at + 0x10n, 8), p.process.load(at + 0x20n, 2)]).toEqual([0x1008n, 0x2002n]);
    p.process.store(at + 0x40n, 4, 0x1_2345_6789n);
    expect(written).toEqual([[0x40, 4, 0x2345_6789n]]);
    expect(() => p.process.memory(at, 4)).toThrow('load() and store() reach them');
  });

  test('is SIGBUS while memory is not decoded, in D3hot and in low power, and needs no new mapping', () => {
    const { program: p } = program();
    const at = p.mmap(0, 0, PAGE);
    p.writeConfig(4, 2, 0);
    expect(signalOf(() => p.process.load(at, 4))).toBe('SIGBUS');
    expect(signalOf(() => p.process.store(at, 4, 0n))).toBe('SIGBUS');
    expect(signalOf(() => p.process.memory(at, 4))).toBe('SIGBUS');
    // A copy of the kernel to this memory fails with EFAULT.
    expect(p.process.pread(p.cdev, at, 4, 7n << 40n)).toBe(-14);
    p.writeConfig(4, 2, 2);
    expect(p.process.load(at, 4)).toBe(0n);
    expect(p.process.pread(p.cdev, at, 4, 7n << 40n)).toBe(4);
    expect(p.process.load(at, 4)).toBe(0x2_0001n);
  });

  test('is SIGSEGV where nothing is mapped, or the mapping forbids it', () => {
    const { program: p } = program();
    const at = p.mmap(0, 0, PAGE);
    expect(signalOf(() => p.process.load(at - 1n, 1))).toBe('SIGSEGV');
    expect(p.process.mprotect(at, PAGE, 1)).toBe(0);
    expect(signalOf(() => p.process.store(at, 1, 0n))).toBe('SIGSEGV');
    expect(signalOf(() => p.process.load(at, 1))).toBeUndefined();
    p.process.mprotect(at, PAGE, 0);
    expect(signalOf(() => p.process.load(at, 1))).toBe('SIGSEGV');
  });

  test('of less than a page can be mapped only if its page has nothing else', () => {
    const { program: p } = program();
    // BAR 3 begins a page that also contains BAR 4.
    expect([p.mmap(3, 0, PAGE), p.mmap(4, 0, PAGE)]).toEqual([-22n, -22n]);
  });

  test('keeps the device bound when the file is closed', () => {
    const { program: p } = program();
    const at = p.mmap(0, 0, PAGE);
    p.process.close(p.cdev);
    expect(p.process.load(at, 4)).toBe(0n);
    expect(p.kernel.leftOver().join()).toContain('a bound device');
    p.process.munmap(at, PAGE);
    expect(p.kernel.leftOver().join()).not.toContain('a bound device');
  });
});

test('an access that crosses a page is made as a whole or not at all', () => {
  const { program: p } = program();
  const at = p.mmap(0, 0, 2 * PAGE);
  p.process.store(at + BigInt(PAGE) - 4n, 8, 0x0102_0304_0506_0708n);
  expect(p.process.load(at + BigInt(PAGE) - 4n, 8)).toBe(0x0102_0304_0506_0708n);
  expect(signalOf(() => p.process.store(at - 2n, 4, 0xffff_ffffn))).toBe('SIGSEGV');
  expect(p.process.load(at, 2)).toBe(0n);
});
