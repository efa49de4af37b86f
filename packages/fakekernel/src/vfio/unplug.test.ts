import { expect, test } from '@jest/globals';
import { createDevice } from '../index.js';
import { PciProgram } from './pci.testing.js';

const REQ = 4;

test('a device that is open is asked for, its node goes, and the file goes on until it is closed', () => {
  const device = createDevice({ vendor: 0x1234, device: 0x5678 });
  const program = new PciProgram(device);
  const { kernel, process } = program;
  const [request = -1] = program.interrupts(REQ, 1);
  expect(() => kernel.unplug(device)).toThrow('still open and bound');
  const unplug = kernel.startUnplug(device);
  expect([unplug.isDone, program.signals(request)]).toEqual([false, 1]);
  expect(process.open('/dev/vfio/devices/vfio0')).toBe(-2);
  expect(program.readConfig(0)).toBe(0x5678_1234);
  process.close(program.cdev);
  expect(unplug.isDone).toBe(true);
  expect(() => kernel.unplug(device)).toThrow('not plugged in');
  expect(kernel.plug(device)).toBe('/dev/vfio/devices/vfio0');
});

test('sysfs takes vfio-pci from a function and gives it back, with the lowest free number', () => {
  const device = createDevice({ vendor: 0x1234, device: 0x5678 });
  const program = new PciProgram(device, { at: '00:05.0' });
  const { files } = program.kernel;
  const names = (path: string): string[] => [...files.list(path).keys()];
  const driver = '/sys/bus/pci/drivers/vfio-pci';
  const unbind = files.write(`${driver}/unbind`, '0000:00:05.0\n');
  expect([unbind.status, names('/dev/vfio/devices')]).toEqual([undefined, []]);
  program.process.close(program.cdev);
  expect(unbind.status).toBe(0);
  expect(names(driver)).not.toContain('0000:00:05.0');
  expect(files.write(`${driver}/bind`, '0000:00:05.0').status).toBe(0);
  expect(names('/dev/vfio/devices')).toEqual(['vfio0']);
  expect(files.target('/sys/bus/pci/devices/0000:00:05.0')).toBe('../../../devices/pci0000:00/0000:00:05.0');
  expect(new TextDecoder().decode(files.read('/sys/bus/pci/devices/0000:00:05.0/vendor'))).toBe('0x1234\n');
});
