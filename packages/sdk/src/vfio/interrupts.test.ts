import { expect, test } from '@jest/globals';
import { aer, createDevice, express, type FakePciDevice, FakeSmmuv3, msi } from '@iommufd/fakekernel';
import { turn } from '@iommufd/testkit';
import { errorOf } from '../testing/devices.testing.js';
import { onEveryBackend } from '../testing/testbed.testing.js';
import { type Interrupt, InterruptLine } from '../index.js';
import { openFunction, sampler } from './functions.testing.js';

onEveryBackend((open) => {
  const start = (hardware: FakePciDevice = sampler()) => {
    const testbed = open();
    const plugged = openFunction(testbed, hardware);
    plugged.device.pciCommand({ memory: true, busMaster: true });
    return { testbed, ...plugged };
  };

  test('messages are returned in order, and counted if they are signalled together', async () => {
    const { hardware, device } = start();
    const messages = device.enableInterrupts('msix', { vectors: 3 });
    hardware.interrupt(2);
    hardware.interrupt(0);
    hardware.interrupt(2);
    expect(messages.read()).toEqual([
      { vector: 0, count: 1n },
      { vector: 2, count: 2n },
    ]);
    expect(messages.read()).toEqual([]);
    const seen: Interrupt[] = [];
    const loop = (async () => {
      for await (const each of messages) seen.push(each);
    })();
    await turn();
    hardware.interrupt(1);
    while (seen.length === 0) await turn();
    messages.close();
    await loop;
    expect(seen).toEqual([{ vector: 1, count: 1n }]);
    hardware.interrupt(1);
    expect(errorOf(() => messages.read()).code).toBe('EBADF');
  });

  test('a listener is called for each, one at a time, until it is closed or throws', async () => {
    const { hardware, device } = start();
    const messages = device.enableInterrupts('msix', { vectors: 2 });
    const vectors: number[] = [];
    const listening = messages.listen(async ({ vector }) => {
      await turn();
      vectors.push(vector);
    });
    hardware.interrupt(0);
    hardware.interrupt(1);
    while (vectors.length < 2) await turn();
    expect(vectors).toEqual([0, 1]);
    listening.close();
    await listening.ended;
    const failing = messages.listen(() => {
      throw new Error('the listener');
    });
    hardware.interrupt(0);
    await expect(failing.ended).rejects.toThrow('the listener');
  });

  test('the line is masked when it fires, and fires again while the device asserts it', async () => {
    const { testbed, hardware, device } = start(createDevice({ vendor: 1, device: 1 }));
    const line = device.enableInterrupts('intx');
    expect(line).toBeInstanceOf(InterruptLine);
    hardware.setInterruptLine(true);
    expect(line.read()).toEqual([{ vector: 0, count: 1n }]);
    expect(line.read()).toEqual([]);
    line.unmask();
    expect(line.read()).toHaveLength(1);
    const unmask = testbed.iommufd.allocEventfd();
    line.unmaskOn(unmask);
    unmask.signal();
    expect(line.read()).toHaveLength(1);
    hardware.setInterruptLine(false);
    line.unmask();
    line.mask();
    hardware.setInterruptLine(true);
    expect(line.read()).toEqual([]);
    line.unmask();
    expect(await line.eventfd().wait()).toBe(1n);
  });

  test('of two waits for one eventfd, the one that reads 0 continues waiting', async () => {
    const { testbed } = start();
    const eventfd = testbed.iommufd.allocEventfd();
    const waits = [eventfd.wait(), eventfd.wait()];
    eventfd.signal(3n);
    expect(await Promise.race(waits)).toBe(3n);
    eventfd.signal(4n);
    expect((await Promise.all(waits)).sort()).toEqual([3n, 4n]);
  });

  test('vectors are triggered, disabled and enabled', () => {
    const { hardware, device } = start();
    const messages = device.enableInterrupts('msix', { vectors: 2 });
    messages.trigger(1);
    expect(messages.read()).toEqual([{ vector: 1, count: 1n }]);
    messages.setEnabled(1, false);
    hardware.interrupt(1);
    expect(messages.read()).toEqual([]);
    messages.setEnabled(1, true);
    // The pending interrupt is delivered now.
    expect(messages.read()).toEqual([{ vector: 1, count: 1n }]);
    expect(() => messages.eventfd(2)).toThrow(RangeError);
  });

  test('the request interrupt is signalled when the host requests the device back', async () => {
    const { testbed, hardware, device } = start();
    const request = device.enableInterrupts('request');
    const unplug = testbed.kernel.startUnplug(hardware);
    const { value } = (await request.events().next()) as { readonly value: Interrupt };
    expect([value.vector, unplug.isDone]).toEqual([0, false]);
    device.close();
    expect([unplug.isDone, request.isClosed]).toEqual([true, true]);
    request.close();
  });

  test('the error interrupt is signalled when the device reports an error', () => {
    const { hardware, device } = start(
      createDevice({ vendor: 1, device: 1, capabilities: [express({ flr: true }), aer()] }),
    );
    const errors = device.enableInterrupts('error');
    hardware.reportError();
    expect(errors.read()).toEqual([{ vector: 0, count: 1n }]);
    errors.close();
    hardware.reportError();
    expect(() => createDevice({ vendor: 1, device: 1 }).reportError()).toThrow('declare aer()');
  });

  test('an EINVAL error names the cause', () => {
    const { device } = start(createDevice({ vendor: 1, device: 1, capabilities: [msi({ vectors: 4 })] }));
    const meaning = (call: () => unknown): string => errorOf(call).meaning;
    expect(meaning(() => device.enableInterrupts('msi', { vectors: 5 }))).toMatch(
      /^device \d+ .* has 4 vectors of msi, and 5 were requested\.$/,
    );
    expect(meaning(() => device.enableInterrupts('msix', { vectors: 1 }))).toMatch(/has no msix\.$/);
    const line = device.enableInterrupts('intx');
    expect(meaning(() => device.enableInterrupts('msi', { vectors: 1 }))).toBe(
      'intx is enabled, and only one of intx, msi, msix can be: close it first.',
    );
    expect(errorOf(() => device.enableInterrupts('intx')).code).toBe('EBUSY');
    line.close();
    const messages = device.enableInterrupts('msi', { vectors: 1 });
    messages.setEnabled(0, false);
    expect(messages.describe()).toMatch(/^msi of device \d+/);
  });

  test('vectors that the host can only allocate in part are not enabled', () => {
    const testbed = open();
    const smmu = new FakeSmmuv3(testbed.kernel);
    const device = testbed.iommufd.openDevice(
      testbed.kernel.plug(smmu.addDevice({ streamId: 0x28, pci: sampler() })),
    );
    const enable = (vectors: number): unknown => device.enableInterrupts('msix', { vectors });
    // Without a page table the doorbell cannot be mapped, and its event is lost.
    expect(errorOf(() => enable(1)).code).toBe('ENOSPC');
    device.attach(testbed.iommufd.allocIoas());
    expect(errorOf(() => enable(4))).toMatchObject({
      call: 'VFIO_DEVICE_SET_IRQS',
      code: 'ENOSPC',
      meaning: 'The host can allocate 3 vectors of msix, and 4 were requested.',
    });
    expect(device.enableInterrupts('msix', { vectors: 3 }).vectors).toBe(3);
  });
});
