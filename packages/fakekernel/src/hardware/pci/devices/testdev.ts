/**
 * QEMU's `pci-testdev`: memory in a 64-bit BAR, and the description of a test in two other BARs, one of memory and one of I/O
 * ports. Writing a number to the first byte of these selects a test; writes to the offset that the test describes are counted.
 * {@link testdev} creates one. Source: `docs/specs/pci-testdev.rst` and `hw/misc/pci-testdev.c` of QEMU.
 */
import { restorable } from '../../../lib/restorable.js';
import { ioPorts, ram, type Registers, registers } from '../bar.js';
import type { ConfigImage } from '../declaration.js';
import { createDevice, type FakePciDevice } from '../function.js';
import { ascii } from '../../../lib/ascii.js';

/** The tests of each of these two BARs. */
const TESTS = ['no-eventfd', 'wildcard-eventfd', 'datamatch-eventfd'] as const;
/** The value to write, which the wildcard test ignores. */
const DATA = 0xfa;
/** Offsets in the description: the count of writes, and the name at its end. */
const COUNT = 12;
const NAME = 16;

/** A selected test. */
interface Test {
  readonly description: Uint8Array;
  /** The offset whose writes are counted. */
  readonly place: number;
  readonly takesAnyData: boolean;
}

function testOf(index: number, isIo: boolean): Test | undefined {
  const test = TESTS[index];
  if (test === undefined) return undefined;
  const number = index + (isIo ? TESTS.length : 0);
  const place = (isIo ? 128 : 2048) + number;
  const name = ascii(`${isIo ? 'portio' : 'mmio'}-${test}`);
  const description = new Uint8Array(NAME + name.length + 1);
  const view = new DataView(description.buffer);
  view.setUint8(0, number);
  // The size of an access: one byte.
  view.setUint8(1, 1);
  view.setUint32(4, place, true);
  view.setUint8(8, DATA);
  description.set(name, NAME);
  return { description, place, takesAnyData: test === 'wildcard-eventfd' };
}

/** The state: both BARs show the test that was selected last. */
interface TestdevState {
  test: Test | undefined;
}

const handler = restorable('testdev.registers', (state: TestdevState, isIo: boolean): Registers => ({
  read: (offset, size) => {
    const description = state.test?.description ?? new Uint8Array(0);
    // The last byte of the description reads as zero.
    const byte = (at: number): number => (at + 1 < description.length ? (description[at] ?? 0) : 0);
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(byte(offset + i));
    return value;
  },
  write: (offset, _size, value) => {
    const { test } = state;
    if (offset === 0) state.test = testOf(Number(value), isIo);
    else if (offset === test?.place && (test.takesAnyData || value === BigInt(DATA))) {
      const view = new DataView(test.description.buffer);
      view.setUint32(COUNT, view.getUint32(COUNT, true) + 1, true);
    }
  },
}));

/** Creates a `pci-testdev`. */
export function testdev(options: { readonly config?: ConfigImage } = {}): FakePciDevice {
  const state: TestdevState = { test: undefined };
  return createDevice({
    vendor: 0x1b36,
    device: 0x0005,
    subsystemVendor: 0x1af4,
    subsystemDevice: 0x1100,
    interruptPin: 0,
    ...options,
    bars: [
      registers(4096, handler(state, false)),
      ioPorts(256, handler(state, true)),
      ram(64 << 10, { is64: true, prefetchable: true }),
    ],
  });
}
