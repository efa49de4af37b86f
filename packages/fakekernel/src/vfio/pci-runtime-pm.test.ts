import { describe, expect, test } from '@jest/globals';
import {
  errno,
  VFIO_DEVICE_FEATURE,
  vfio_device_feature_flags,
  vfio_device_feature_index,
  VFIO_DEVICE_RESET,
} from '@iommufd/uapi';
import { createDevice, express, FakeKernel, type PciDeviceOptions, pm, registers, sriov } from '../index.js';
import { filesOf } from '../task.js';
import { InterruptProgram } from './interrupts.testing.js';

const {
  VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY: ENTRY,
  VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP: ENTRY_WITH_WAKEUP,
  VFIO_DEVICE_FEATURE_LOW_POWER_EXIT: EXIT,
} = vfio_device_feature_index;

/** Sets a feature. @param wakeup its data: an eventfd */
function set(program: InterruptProgram, feature: number, wakeup?: number): number {
  const { memory, at, process, cdev } = program;
  const view = new DataView(memory.buffer);
  view.setUint32(0, wakeup === undefined ? 8 : 16, true);
  view.setUint32(4, vfio_device_feature_flags.VFIO_DEVICE_FEATURE_SET | feature, true);
  view.setInt32(8, wakeup ?? 0, true);
  view.setUint32(12, 0, true);
  return process.ioctl(cdev, VFIO_DEVICE_FEATURE.request, at);
}

describe('with runtime power management', () => {
  test('the next call wakes the device up, signals the eventfd and ends low power', () => {
    const program = new InterruptProgram({});
    const wakeup = program.eventfd();
    expect(set(program, ENTRY_WITH_WAKEUP, wakeup)).toBe(0);
    expect(program.count(wakeup)).toBe(0);
    // A call that fails wakes it up as well.
    expect(program.process.ioctl(program.cdev, VFIO_DEVICE_RESET.request, 0n)).toBe(-errno.EINVAL);
    expect(program.count(wakeup)).toBe(1);
    expect(set(program, ENTRY)).toBe(0);
  });

  test('a read wakes it up; the exit does, too', () => {
    const program = new InterruptProgram({});
    const wakeup = program.eventfd();
    set(program, ENTRY_WITH_WAKEUP, wakeup);
    program.command();
    expect(program.count(wakeup)).toBe(1);
    set(program, ENTRY_WITH_WAKEUP, wakeup);
    expect(set(program, EXIT)).toBe(0);
    expect(program.count(wakeup)).toBe(1);
  });

  test('without an eventfd it is awake for each call, and goes on sleeping', () => {
    const program = new InterruptProgram({});
    expect(set(program, ENTRY)).toBe(0);
    program.command();
    expect(set(program, ENTRY)).toBe(-errno.EINVAL);
    expect(set(program, EXIT)).toBe(0);
    expect(set(program, ENTRY)).toBe(0);
  });

  test('a line that is on is masked while it sleeps, and sent when it wakes up', () => {
    const program = new InterruptProgram({});
    const [line, wakeup] = [program.eventfd(), program.eventfd()];
    program.set('intx', 'trigger', { fds: [line] });
    set(program, ENTRY_WITH_WAKEUP, wakeup);
    program.device.setInterruptLine(true);
    expect(program.count(line)).toBe(0);
    program.command();
    expect([program.count(line), program.count(wakeup)]).toEqual([1, 1]);
  });

  describe('with virtual functions', () => {
    const capabilities = [pm({ softReset: false }), sriov({ totalVfs: 2, vfDevice: 2 })];

    function physical(options: Partial<PciDeviceOptions> = {}): {
      readonly program: InterruptProgram;
      readonly setCount: (count: number) => void;
      readonly state: () => string;
    } {
      const kernel = new FakeKernel([], { enableSriov: true });
      const program = new InterruptProgram({ capabilities, ...options }, kernel);
      const name = [...kernel.pci.nodes()].find(({ device }) => device === program.device)?.name;
      const directory = `/sys/bus/pci/devices/${name}`;
      return {
        program,
        setCount: (count) => void filesOf(kernel).write(`${directory}/sriov_numvfs`, `${count}`),
        state: () => new TextDecoder().decode(filesOf(kernel).read(`${directory}/power_state`)).trim(),
      };
    }

    test('sriov_numvfs resumes a suspended function, which is suspended again when they are removed', () => {
      const { program, setCount, state } = physical();
      set(program, ENTRY);
      expect(state()).toBe('D3hot');
      setCount(2);
      expect(state()).toBe('D0');
      program.command();
      expect(state()).toBe('D0');
      setCount(0);
      expect(state()).toBe('D3hot');
    });

    test('sriov_numvfs signals the eventfd of a suspended function', () => {
      const { program, setCount, state } = physical();
      const wakeup = program.eventfd();
      set(program, ENTRY_WITH_WAKEUP, wakeup);
      setCount(1);
      expect(program.count(wakeup)).toBe(1);
      setCount(0);
      expect(state()).toBe('D0');
    });

    test('only those that vfio-pci has created keep the function in D0', () => {
      const setState = ({ device, memory, process, cdev, at }: InterruptProgram): void => {
        memory.set([3, 0]);
        process.pwrite(cdev, at, 2, (7n << 40n) + BigInt((device.findCapability(1) ?? 0) + 4));
      };
      const other = physical();
      createDevice({ vendor: 0xffff, device: 0xffff, physicalFunction: other.program.device });
      setState(other.program);
      expect(other.state()).toBe('D3hot');
      const own = physical();
      own.setCount(1);
      setState(own.program);
      expect(own.state()).toBe('D0');
    });

    test('a function whose virtual functions cannot be enabled is suspended again', () => {
      const { program, setCount, state } = physical({
        capabilities: [
          pm({ softReset: false }),
          sriov({ totalVfs: 2, vfDevice: 2, firstOffset: 0xfff, stride: 1 }),
        ],
      });
      set(program, ENTRY);
      expect(() => setCount(2)).toThrow(expect.objectContaining({ name: 'ENOMEM' }));
      expect(state()).toBe('D3hot');
    });
  });

  test('a reset through sysfs resumes a suspended function, which is suspended again after it', () => {
    const program = new InterruptProgram({
      capabilities: [pm({ softReset: false }), express({ flr: true })],
    });
    const name = [...program.kernel.pci.nodes()].find(({ device }) => device === program.device)?.name;
    const directory = `/sys/bus/pci/devices/${name}`;
    const state = (): string =>
      new TextDecoder().decode(filesOf(program.kernel).read(`${directory}/power_state`)).trim();
    set(program, ENTRY);
    filesOf(program.kernel).write(`${directory}/reset`, '1');
    expect(state()).toBe('D3hot');
    set(program, EXIT);
    const wakeup = program.eventfd();
    set(program, ENTRY_WITH_WAKEUP, wakeup);
    filesOf(program.kernel).write(`${directory}/reset`, '1');
    expect(program.count(wakeup)).toBe(1);
    expect(state()).toBe('D0');
  });

  test('a function that loses its registers in D3hot has lost them', () => {
    let resets = 0;
    const program = new InterruptProgram({
      capabilities: [pm({ softReset: true })],
      bars: [registers(4096, { read: () => 0, write: () => undefined })],
      reset: () => resets++,
    });
    program.command(0x6);
    const before = resets;
    set(program, ENTRY);
    expect(program.command()).toBe(0x6);
    expect(resets).toBe(before + 1);
  });
});

test('without it the device stays awake', () => {
  const program = new InterruptProgram({}, new FakeKernel([], { runtimePm: false }));
  const wakeup = program.eventfd();
  expect(set(program, ENTRY_WITH_WAKEUP, wakeup)).toBe(0);
  program.command();
  expect(program.count(wakeup)).toBe(0);
  expect(set(program, ENTRY)).toBe(-errno.EINVAL);
});
