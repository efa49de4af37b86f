import { expect, test } from '@jest/globals';
import { VFIO_DEVICE_BIND_IOMMUFD, VFIO_DEVICE_PCI_HOT_RESET } from '@iommufd/uapi';
import { createDevice, express, FakeKernel, type FakePciDevice } from '../index.js';
import { PciProgram } from './pci.testing.js';

/** A kernel with a port, which has bus 1 behind it. */
function kernelWithPort(): FakeKernel {
  const kernel = new FakeKernel();
  kernel.pci.addBridge('00:1c.0', { secondary: 1 });
  return kernel;
}

const functionThat = (reset: () => void): FakePciDevice =>
  createDevice({ vendor: 1, device: 2, capabilities: [express()], reset });

/** A program that has bound both functions of a slot on bus 1, and the number of resets of each. */
function bound(): { readonly program: PciProgram; readonly other: number; readonly resets: number[] } {
  const kernel = kernelWithPort();
  const resets: [number, number] = [0, 0];
  kernel.plug(
    functionThat(() => resets[1]++),
    { at: '01:00.1' },
  );
  const program = new PciProgram(
    functionThat(() => resets[0]++),
    { kernel, at: '01:00.0' },
  );
  const other = program.process.open('/dev/vfio/devices/vfio0');
  expect(program.call(VFIO_DEVICE_BIND_IOMMUFD, (cmd) => (cmd.iommufd = program.fd), other)).toBe(0);
  expect(resets).toEqual([0, 0]);
  return { program, other, resets };
}

const hotReset = (program: PciProgram): number =>
  program.call(VFIO_DEVICE_PCI_HOT_RESET, (cmd) => (cmd.argsz = 12), program.cdev);

test('a hot reset concerns the bus, and keeps what programs see of configuration space', () => {
  const { program, resets } = bound();
  program.enable();
  expect([hotReset(program), resets]).toEqual([0, [1, 1]]);
  expect([program.readConfig(4, 2), program.device.readConfig(4, 2)]).toEqual([6, 6]);
});

test('functions that cannot be reset alone are, when the last of their bus is closed', () => {
  const { program, other, resets } = bound();
  program.process.close(program.cdev);
  expect(resets).toEqual([0, 0]);
  program.process.close(other);
  expect(resets).toEqual([1, 1]);
});

test('a function beside a bridge is not reset with it', () => {
  const kernel = kernelWithPort();
  kernel.pci.addBridge('01:01.0', { secondary: 2 });
  const program = new PciProgram(
    functionThat(() => undefined),
    { kernel, at: '01:00.0' },
  );
  expect(hotReset(program)).toBe(-22);
});
