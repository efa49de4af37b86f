import { describe, expect, test } from '@jest/globals';
import {
  errno,
  VFIO_DEVICE_FEATURE,
  vfio_device_feature_flags,
  vfio_device_feature_index,
  VFIO_DEVICE_RESET,
} from '@iommufd/uapi';
import { FakeKernel, pm, registers } from '../index.js';
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
