import { expect, test } from '@jest/globals';
import { createDevice, FakeKernel } from '@iommufd/fakekernel';
import { filesOf } from '@iommufd/fakekernel/task';
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
  const named = (work: () => number | undefined): number | string | undefined => {
    try {
      return work();
    } catch (cause) {
      if (cause instanceof Errno) return cause.name;
      throw cause;
    }
  };
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
  expect(write('')).toBe('EINVAL');
});

test('one without an image is EIO', () => {
  const { read, write } = romOf(new Uint8Array(1024));
  write('1');
  expect(read()).toBe('EIO');
});
