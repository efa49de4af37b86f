import { describe, expect, test } from '@jest/globals';
import { ioPorts, ram, registers } from './bar.js';
import { acs, aer, ats, express, msi, msix, pm, sriov } from './capability.js';
import type { PciDeviceOptions } from './declaration.js';
import { createDevice, type FakePciDevice } from './function.js';
import { PCI_EXT_CAP_ID } from './registers.js';

const ids = { vendor: 0x1234, device: 0x5678 };
const quiet = { read: () => 0, write: () => undefined };
const at = (found: number | undefined): number => found ?? -1;

/** Records the kinds and vectors of arriving messages, and the levels of the line. */
function watched(device: FakePciDevice): unknown[] {
  const seen: unknown[] = [];
  device.interrupts.sink = {
    error: () => undefined,
    line: (asserted) => seen.push(asserted),
    message: (kind, vector) => seen.push(`${kind} ${vector}`),
  };
  return seen;
}

test('capabilities are chained in the order in which they are declared', () => {
  const device = createDevice({ ...ids, capabilities: [pm(), msi(), express(), aer(), ats(), acs()] });
  expect([...device.capabilities()].map(({ id, at: place }) => [id, place])).toEqual([
    [1, 0x40],
    [5, 0x48],
    [0x10, 0x58],
  ]);
  expect([...device.extendedCapabilities()].map(({ id, at: place }) => [id, place])).toEqual([
    [PCI_EXT_CAP_ID.ERR, 0x100],
    [PCI_EXT_CAP_ID.ATS, 0x148],
    [PCI_EXT_CAP_ID.ACS, 0x150],
  ]);
  expect(device.configSize).toBe(4096);
  expect(createDevice(ids).configSize).toBe(256);
});

test('BARs take an address of their size, and say what they are', () => {
  const device = createDevice({
    ...ids,
    bars: [ram(1 << 20), ioPorts(32, quiet), ram(2 ** 33, { is64: true, prefetchable: true })],
  });
  const sized = [0x10, 0x14, 0x18, 0x1c, 0x20].map((register) => {
    device.writeConfig(register, 4, 0xffff_ffff);
    return device.readConfig(register, 4).toString(16);
  });
  expect(sized).toEqual(['fff00000', 'ffffffe1', 'c', 'fffffffe', '0']);
});

test.each<[string, Partial<PciDeviceOptions>]>([
  ['a power of two', { bars: [ram(3 << 10)] }],
  ['neither 64 bits wide', { bars: [{ size: 16, space: 'io', is64: true }] }],
  ['must be left undefined', { bars: [ram(4096, { is64: true }), ram(4096)] }],
  ['no 80 bytes', { bars: [registers(16, quiet)], capabilities: [msix({ vectors: 5, bar: 0 })] }],
  ['six BARs', { bars: Array.from({ length: 7 }, () => ram(4096)) }],
])('a declaration that no function can be is refused: %s', (message, options) => {
  expect(() => createDevice({ ...ids, ...options })).toThrow(message);
});

describe('interrupts', () => {
  test('go by the line, which the command register can disable', () => {
    const device = createDevice(ids);
    const seen = watched(device);
    device.interrupt();
    device.interrupt();
    expect(device.readConfig(6, 2) & 8).toBe(8);
    device.writeConfig(4, 2, 0x400);
    device.writeConfig(4, 2, 0);
    device.setInterruptLine(false);
    expect(seen).toEqual([true, false, true, false]);
  });

  test('of MSI need bus mastering, and share vectors that the function was not given', () => {
    const device = createDevice({ ...ids, capabilities: [msi({ vectors: 4 })] });
    const seen = watched(device);
    device.writeConfig(0x42, 2, 1 | (1 << 4));
    device.interrupt(1);
    device.writeConfig(4, 2, 4);
    device.interrupt(0);
    device.interrupt(3);
    expect(seen).toEqual(['msi 0', 'msi 1']);
  });

  test('of MSI that are masked wait', () => {
    const device = createDevice({ ...ids, capabilities: [msi({ vectors: 2, maskable: true })] });
    const seen = watched(device);
    device.writeConfig(4, 2, 4);
    device.writeConfig(0x42, 2, 1 | (1 << 4));
    device.writeConfig(0x50, 4, 2);
    device.interrupt(1);
    expect([seen.length, device.readConfig(0x54, 4)]).toEqual([0, 2]);
    device.writeConfig(0x50, 4, 0);
    expect([seen, device.readConfig(0x54, 4)]).toEqual([['msi 1'], 0]);
  });

  test('of MSI-X that are masked, by vector or all, wait in the pending bits', () => {
    const device = createDevice({
      ...ids,
      bars: [ram(4096)],
      capabilities: [msix({ vectors: 3, bar: 0, table: 0x100, pending: 0x800 })],
    });
    const seen = watched(device);
    const [bar] = device.bars;
    device.writeConfig(4, 2, 6);
    device.writeConfig(0x42, 2, 0xc000);
    for (const vector of [0, 1]) bar?.write(0x100 + 16 * vector + 12, 4, 0n);
    device.interrupt(1);
    device.interrupt(2);
    expect([seen.length, bar?.read(0x800, 8)]).toEqual([0, 6n]);
    device.writeConfig(0x42, 2, 0x8000);
    expect([seen, bar?.read(0x800, 8)]).toEqual([['msix 1'], 4n]);
    bar?.write(0x12c, 4, 0n);
    expect(seen).toEqual(['msix 1', 'msix 2']);
    // The rest of the BAR is memory.
    bar?.write(0x10, 8, 7n);
    expect([bar?.read(0x10, 4), bar?.isMemory(0x10, 16), bar?.isMemory(0xf8, 16)]).toEqual([7n, true, false]);
  });
});

describe('a reset', () => {
  const build = (
    ...capabilities: PciDeviceOptions['capabilities'] & {}
  ): { device: FakePciDevice; resets: () => number } => {
    let count = 0;
    const device = createDevice({ ...ids, bars: [ram(4096)], capabilities, reset: () => count++ });
    return { device, resets: () => count };
  };

  test('by FLR clears what software has set, and not what is sticky', () => {
    const { device, resets } = build(express({ flr: true }), aer());
    device.writeConfig(4, 2, 7);
    device.writeConfig(0x10, 4, 0x1000);
    device.writeConfig(at(device.findExtended(PCI_EXT_CAP_ID.ERR)) + 8, 4, 0x10);
    device.writeConfig(0x48, 2, 0x8000 | 0x0f);
    expect([
      resets(),
      device.readConfig(4, 2),
      device.readConfig(0x10, 4),
      device.readConfig(0x48, 2),
    ]).toEqual([1, 0, 0, 0]);
    expect(device.readConfig(0x108, 4)).toBe(0x10);
  });

  test.each([
    [true, 1],
    [false, 0],
  ])('by coming back from D3hot, if it loses its state there (%s)', (softReset, count) => {
    const { device, resets } = build(pm({ softReset }));
    device.writeConfig(0x44, 2, 3);
    expect(resets()).toBe(0);
    device.writeConfig(0x44, 2, 0);
    expect(resets()).toBe(count);
  });
});

test('a virtual function has no BARs of its own, and its memory is always decoded', () => {
  const pf = createDevice({ ...ids, capabilities: [express(), sriov({ totalVfs: 2, vfDevice: 0x9abc })] });
  const vf = createDevice({ vendor: 0xffff, device: 0xffff, physicalFunction: pf, bars: [ram(4096)] });
  expect(pf.virtualFunctions).toEqual([vf]);
  vf.writeConfig(0x10, 4, 0xffff_ffff);
  expect(vf.readConfig(0x10, 4)).toBe(0);
  const [bar] = vf.bars;
  expect(bar && vf.readBar(bar, 0, 4)).toBe(0n);
});
