import { expect, test } from '@jest/globals';
import { isPending, turn } from '@iommufd/testkit';
import { steWords, translatesBy } from '@iommufd/testkit/guest';
import {
  type Context,
  type Machine,
  type MachineOptions,
  onGoodAndBadDays,
  type Start,
} from './guest.testing.js';
import type { FaultGroup, FaultQueue } from '../index.js';

const VSID = 5;
const VA = 0x1000_0000n;
const OUTSIDE = 0x9000_0000n;
const STALLING: MachineOptions = {
  devices: [{ vsid: VSID, options: { streamId: 0x28, pasidBits: 8, canStall: true } }],
};

interface Stalling extends Context {
  readonly machine: Machine;
  readonly faults: FaultQueue;
}

/**
 * A guest whose stream reports faults to a queue of the VMM. `SdkBackend` uses no fault queue, so the VMM attaches
 * the device itself.
 */
function stalling(start: Start, S: number): Stalling {
  const machine = start(STALLING);
  const { root, context } = machine.translate(VSID, { cd: { S } });
  const { iommufd, viommu, devices } = machine.vmm;
  const faults = iommufd.allocFaultQueue();
  const data = { type: 'arm-smmuv3', ste: steWords(translatesBy(context)) } as const;
  const device = devices.get(VSID);
  device?.attach(device.allocNestedHwpt({ on: viommu, data, faultQueue: faults }));
  return { machine, faults, root, context };
}

/** Waits for the next fault. */
async function next(faults: FaultQueue): Promise<FaultGroup> {
  for (;;) {
    const [group] = faults.read();
    if (group !== undefined) return group;
    await turn();
  }
}

onGoodAndBadDays((start) => {
  test('a stall of stage 1 is reported to the VMM’s fault queue, not to the guest, and is retried', async () => {
    const { machine, faults, root } = stalling(start, 1);
    const read = machine.device(VSID).dma.read(VA + 0x123n, 1);
    expect(await isPending(read)).toBe(true);
    const group = await next(faults);
    expect(group.faults).toEqual([
      expect.objectContaining({ address: VA + 0x123n, read: true, write: false }),
    ]);
    expect(group.device).toBe(machine.vmm.devices.get(VSID));
    expect(machine.events()).toEqual([]);
    machine.tables.map(root, VA, machine.page(0x55));
    group.respond('success');
    await expect(read).resolves.toEqual(Uint8Array.of(0x55));
  });

  test('a stall with the response invalid is aborted without an event', async () => {
    const { machine, faults } = stalling(start, 1);
    const before = machine.host.kernel.messages.length;
    const write = machine.device(VSID).dma.write(VA, Uint8Array.of(1));
    const group = await next(faults);
    expect(group.faults).toEqual([expect.objectContaining({ address: VA, read: false, write: true })]);
    group.respond('invalid');
    await expect(write).rejects.toMatchObject({ reason: 'answered as invalid' });
    expect(machine.events()).toEqual([]);
    expect(machine.messages(before)).toBe('');
  });

  test('a device that can stall does so at stage 2: the VMM maps the page, and the access completes', async () => {
    const { machine, faults, root } = stalling(start, 0);
    machine.tables.map(root, VA, OUTSIDE);
    const read = machine.device(VSID).dma.read(VA, 1);
    const group = await next(faults);
    // Linux reports the input address, not the missing IPA.
    expect(group.faults).toEqual([expect.objectContaining({ address: VA, read: true })]);
    machine.fill(0x4007_0000n, 0x77, 16);
    machine.vmm.ioas.mapMemory(machine.vmm.memory, { iova: OUTSIDE, offset: 0x7_0000, length: 4096 });
    group.respond('success');
    await expect(read).resolves.toEqual(Uint8Array.of(0x77));
    expect(machine.events()).toEqual([]);
  });

  test('with only SdkBackend, stage 2 stalls of such a device are aborted and logged', async () => {
    const machine = start(STALLING);
    const { root } = machine.translate(VSID);
    machine.tables.map(root, VA, OUTSIDE);
    const before = machine.host.kernel.messages.length;
    await expect(machine.device(VSID).dma.read(VA, 1)).rejects.toMatchObject({
      reason: 'answered as invalid',
    });
    expect(machine.events()).toEqual([]);
    expect(machine.messages(before)).toContain(
      'unpriv data read s2 "Input address caused fault" stall stag: 0x0',
    );
  });

  test('faults of stage 1 that may not stall are reported to the guest', async () => {
    const machine = start(STALLING);
    machine.translate(VSID);
    expect(await machine.read(VSID, VA)).toBe('aborted');
    expect(machine.events()).toMatchObject([{ EventNumber: 0x10, Stall: 0, STAG: 0, StreamID: VSID }]);
  });
});
