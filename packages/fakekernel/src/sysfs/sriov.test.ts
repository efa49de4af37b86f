import { expect, test } from '@jest/globals';
import { createDevice, FakeKernel, sriov } from '@iommufd/fakekernel';
import { filesOf } from '@iommufd/fakekernel/task';
import { Errno } from '../errno.js';

const TOTAL = 4;

/** Writes to `sriov_numvfs` of a physical function that vfio-pci has. @returns 0, or the name of an errno */
function writer(numVfs: number): (text: string) => string | number | undefined {
  const kernel = new FakeKernel();
  const device = createDevice({
    vendor: 0x1234,
    device: 1,
    capabilities: [sriov({ totalVfs: TOTAL, vfDevice: 2 })],
  });
  kernel.plug(device, { at: '00:05.0' });
  const at = device.findExtended(0x10) ?? 0;
  device.writeConfig(at + 0x10, 2, numVfs);
  const { entry } = filesOf(kernel).walk('/sys/bus/pci/devices/0000:00:05.0/sriov_numvfs', true);
  if (entry?.kind !== 'attribute') throw new Error('it is no file');
  return (text) => {
    try {
      return entry.write?.(text).status;
    } catch (cause) {
      if (cause instanceof Errno) return cause.result;
      throw cause;
    }
  };
}

const [ENOENT, EBUSY, EINVAL, ERANGE] = [-2, -16, -22, -34];

test.each([
  ['0', 0],
  ['0\n', 0],
  ['+0x0', 0],
  ['2', ENOENT],
  ['0x4\n', ENOENT],
  ['04', ENOENT],
  ['5', ERANGE],
  ['65535', ERANGE],
  ['65536', EINVAL],
  ['', EINVAL],
  ['-1', EINVAL],
  ['08', EINVAL],
  ['two', EINVAL],
  ['2 ', EINVAL],
] as const)(
  'sriov_numvfs of a function of vfio-pci without virtual functions takes %j: %i',
  (text, expected) => {
    expect(writer(0)(text)).toBe(expected);
  },
);

test.each([
  ['2', 0],
  ['0', ENOENT],
  ['3', EBUSY],
  ['9', ERANGE],
] as const)('with two virtual functions it takes %j: %i', (text, expected) => {
  expect(writer(2)(text)).toBe(expected);
});
