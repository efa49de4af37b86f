import { expect, test } from '@jest/globals';
import { VFIO_DEVICE_BIND_IOMMUFD, VFIO_DEVICE_PCI_HOT_RESET } from '@iommufd/uapi';
import { createDevice, express, FakeKernel, type FakePciDevice } from '../index.js';
import { PciProgram } from './pci.testing.js';

/** Two functions of a slot behind a port, and how often each was reset. */
function pair(): {
  readonly kernel: FakeKernel;
  readonly devices: FakePciDevice[];
  readonly resets: number[];
} {
  const kernel = new FakeKernel();
  kernel.pci.addBridge('00:1c.0', { secondary: 1 });
  const resets = [0, 0];
  const devices = resets.map((_, i) =>
    createDevice({
      vendor: 1,
      device: 2,
      capabilities: [express()],
      reset: () => {
        resets[i] = (resets[i] ?? 0) + 1;
      },
    }),
  );
  return { kernel, devices, resets };
}

test('a hot reset concerns the bus, and keeps what programs see of configuration space', () => {
  const {
    kernel,
    devices: [first, second],
    resets,
  } = pair();
  if (first === undefined || second === undefined) throw new Error('there are two');
  kernel.plug(second, { at: '01:00.1' });
  const program = new PciProgram(first, { kernel, at: '01:00.0' });
  const reset = (): number =>
    program.call(VFIO_DEVICE_PCI_HOT_RESET, (cmd) => (cmd.argsz = 12), program.cdev);
  program.enable();
  const other = program.process.open('/dev/vfio/devices/vfio0');
  expect(program.call(VFIO_DEVICE_BIND_IOMMUFD, (cmd) => (cmd.iommufd = program.fd), other)).toBe(0);
  const before = [...resets];
  expect(reset()).toBe(0);
  expect(resets.map((count, i) => count - (before[i] ?? 0))).toEqual([1, 1]);
  expect([program.readConfig(4, 2), first.readConfig(4, 2)]).toEqual([6, 6]);
});

test('functions that cannot be reset alone are, when the last of their bus is closed', () => {
  const {
    kernel,
    devices: [first, second],
    resets,
  } = pair();
  if (first === undefined || second === undefined) throw new Error('there are two');
  kernel.plug(second, { at: '01:00.1' });
  const program = new PciProgram(first, { kernel, at: '01:00.0' });
  const other = program.process.open('/dev/vfio/devices/vfio0');
  expect(program.call(VFIO_DEVICE_BIND_IOMMUFD, (cmd) => (cmd.iommufd = program.fd), other)).toBe(0);
  expect(resets).toEqual([0, 0]);
  program.process.close(program.cdev);
  expect(resets).toEqual([0, 0]);
  program.process.close(other);
  expect(resets).toEqual([1, 1]);
});

test('a function beside a bridge is not reset with it', () => {
  const {
    kernel,
    devices: [first],
  } = pair();
  if (first === undefined) throw new Error('there is one');
  kernel.pci.addBridge('01:01.0', { secondary: 2 });
  const program = new PciProgram(first, { kernel, at: '01:00.0' });
  expect(program.call(VFIO_DEVICE_PCI_HOT_RESET, (cmd) => (cmd.argsz = 12), program.cdev)).toBe(-22);
});
