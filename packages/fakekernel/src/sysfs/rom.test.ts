import { expect, test } from '@jest/globals';
import { createDevice, express, FakeKernel } from '@iommufd/fakekernel';
import { filesOf, writeAttribute } from '@iommufd/fakekernel/task';
import { Errno } from '../errno.js';

/** An image of 512 bytes, followed by 512 bytes that belong to no image. */
function image(): Uint8Array {
  const bytes = new Uint8Array(1024).fill(0x5a);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xaa55, true);
  view.setUint16(0x18, 0x1c, true);
  view.setUint32(0x1c, 0x5249_4350, true);
  view.setUint16(0x1c + 0x10, 1, true);
  view.setUint8(0x1c + 0x15, 0x80);
  return bytes;
}

function named(work: () => number | undefined): number | string | undefined {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof Errno) return cause.name;
    throw cause;
  }
}

function romOf(bytes: Uint8Array): {
  readonly read: () => number | string | undefined;
  readonly write: (text: string) => number | string | undefined;
} {
  const kernel = new FakeKernel();
  const device = createDevice({ vendor: 1, device: 2, rom: { bytes } });
  kernel.plug(device, { at: '00:05.0' });
  // The firmware leaves memory decoding enabled.
  device.writeConfig(4, 2, 2);
  const path = '/sys/bus/pci/devices/0000:00:05.0/rom';
  return {
    read: () => named(() => filesOf(kernel).read(path).length),
    write: (text) => named(() => filesOf(kernel).write(path, text).status),
  };
}

test('a ROM can be read after 1 was written to it, up to the end of its last image', () => {
  const { read, write } = romOf(image());
  expect(read()).toBe('EINVAL');
  expect(write('on')).toBe(0);
  expect(read()).toBe(512);
  expect(write('0\n')).toBe(0);
  expect(read()).toBe('EINVAL');
  // `sysfs_kf_bin_write()` passes no empty text on.
  expect(write('')).toBe(0);
  expect(write('maybe')).toBe('EINVAL');
});

test.each([
  ['1\n', 0n, 2],
  ['1\n', 1022n, 2],
  ['1\n', 2047n, 1],
  ['', 2047n, 0],
  ['1\n', 2048n, 'EFBIG'],
  ['', 2048n, 'EFBIG'],
  ['2', 0n, 'EINVAL'],
] as const)('a write of %j to a ROM of 2048 bytes at %i returns %s', (text, position, expected) => {
  const kernel = new FakeKernel();
  kernel.plug(createDevice({ vendor: 1, device: 2, rom: { bytes: image() } }), { at: '00:05.0' });
  const { entry } = filesOf(kernel).walk('/sys/bus/pci/devices/0000:00:05.0/rom', true);
  if (entry?.kind !== 'attribute') throw new Error('the entry is not an attribute');
  expect(named(() => writeAttribute(entry, text, position).count)).toBe(expected);
});

test.each([
  ['1', 0],
  ['0x1\n', 0],
  ['+1', 0],
  ['0', 'EINVAL'],
  ['2', 'EINVAL'],
  ['1 ', 'EINVAL'],
  ['yes', 'EINVAL'],
  ['0x10000000000000000', 'EINVAL'],
] as const)('a write of %j to `reset` returns %s', (text, expected) => {
  let resets = 0;
  const kernel = new FakeKernel();
  const capabilities = [express({ flr: true })];
  kernel.plug(createDevice({ vendor: 1, device: 2, capabilities, reset: () => void resets++ }), {
    at: '00:05.0',
  });
  const path = '/sys/bus/pci/devices/0000:00:05.0/reset';
  expect(named(() => filesOf(kernel).write(path, text).status)).toBe(expected);
  expect(resets).toBe(expected === 0 ? 1 : 0);
});

test('one without an image is EIO', () => {
  const { read, write } = romOf(new Uint8Array(1024));
  write('1');
  expect(read()).toBe('EIO');
});
