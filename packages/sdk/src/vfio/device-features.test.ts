import { describe, expect, test } from '@jest/globals';
import { createDevice, express, type FakePciDevice, sriov } from '@iommufd/fakekernel';
import { errorOf } from '../testing/devices.testing.js';
import { onEveryBackend } from '../testing/testbed.testing.js';
import { openFunction, sampler } from './functions.testing.js';

onEveryBackend((open) => {
  test('features are probed, and refused with a message', () => {
    const { device } = openFunction(open(), sampler());
    expect(device.supports('low-power')).toBe(true);
    expect([device.supports('migration'), device.supports('bus-master')]).toEqual([false, false]);
    expect(errorOf(() => device.migration()).message).toMatch(
      /^VFIO_DEVICE_FEATURE: ENOTTY: device \d+ .* cannot be migrated\. /,
    );
    expect(errorOf(() => device.setBusMaster(true)).meaning).toMatch(/does not have the feature/);
    expect(errorOf(() => device.startDmaLogging({ ranges: [] })).meaning).toMatch(/does not log its writes/);
  });

  test('parts of a BAR are a file, which other devices reach through an IOAS', () => {
    const testbed = open();
    const { device } = openFunction(testbed, sampler());
    device.pciCommand({ memory: true });
    expect(device.supports('dma-buf')).toBe(true);
    const fd = device.dmaBuf('bar2', [{ offset: 4096, length: 4096 }]);
    const ioas = testbed.iommufd.allocIoas();
    expect(ioas.mapFile({ fd, length: 4096n }).length).toBe(4096n);
    expect(errorOf(() => device.dmaBuf('bar2', [{ offset: 4096, length: 8192 }])).code).toBe('EINVAL');
    expect(errorOf(() => device.dmaBuf('bar1', [{ offset: 0, length: 4096 }])).code).toBe('ENODEV');
    testbed.process.close(fd);
  });

  test('low power can be entered once, and exited', () => {
    const testbed = open();
    const { device } = openFunction(testbed, sampler());
    device.enterLowPower();
    expect(errorOf(() => device.enterLowPower()).meaning).toBe(
      'The device is in low power already: exitLowPower() ends it.',
    );
    device.exitLowPower();
    device.enterLowPower({ wakeup: testbed.iommufd.allocEventfd() });
    device.exitLowPower();
  });

  test('a virtual function is opened with the token of the physical one', () => {
    const testbed = open();
    const physical = createDevice({
      vendor: 1,
      device: 1,
      capabilities: [express({ flr: true }), sriov({ totalVfs: 1, vfDevice: 2 })],
    });
    const virtual = createDevice({ vendor: 0xffff, device: 0xffff, physicalFunction: physical });
    const pf = openFunction(testbed, physical, '00:05.0');
    const path = testbed.kernel.plug(virtual, { at: '00:05.1' });
    const token = '01234567-89ab-cdef-0123-456789abcdef';
    pf.device.setVfToken(token);
    expect(errorOf(() => testbed.iommufd.openDevice(path)).meaning).toMatch(/^A token is required/);
    expect(errorOf(() => testbed.iommufd.openDevice(path, { token: new Uint8Array(16) })).meaning).toBe(
      'The token is not that of the physical function.',
    );
    testbed.iommufd.openDevice(path, { token }).close();
    expect(() => testbed.iommufd.openDevice(path, { token: 'abc' })).toThrow(
      'Iommufd.openDevice: token: expected 16 bytes, or a UUID',
    );
  });

  describe('a hot reset', () => {
    const withoutReset = (): FakePciDevice => createDevice({ vendor: 1, device: 1 });

    test('names the functions that it resets, and those that prevent it', () => {
      const testbed = open();
      testbed.kernel.pci.addBridge('00:1c.0', { secondary: 1 });
      const first = openFunction(testbed, withoutReset(), '01:00.0');
      const second = withoutReset();
      const path = testbed.kernel.plug(second, { at: '01:00.1' });
      const info = first.device.hotResetInfo();
      // They share an IOMMU group.
      expect(info.functions.map(({ address, owner }) => [address, owner])).toEqual([
        ['0000:01:00.0', 'bound'],
        ['0000:01:00.1', 'owned'],
      ]);
      expect(info.isAllowed).toBe(true);
      expect(info.functions[0]?.device).toBe(first.device);
      const device = testbed.iommufd.openDevice(path);
      expect(first.device.hotResetInfo().text).toBe(
        `A hot reset of ${first.device.describe()} resets 0000:01:00.0 (${first.device.describe()}), 0000:01:00.1 (${device.describe()}).`,
      );
      first.device.hotReset();
    });

    test('is refused by name', () => {
      const testbed = open();
      testbed.kernel.pci.addBridge('00:1c.0', { secondary: 1 });
      const first = openFunction(testbed, sampler(), '01:00.0');
      testbed.kernel.plug(sampler(), { at: '01:01.0' });
      expect(first.device.hotResetInfo().isAllowed).toBe(false);
      expect(errorOf(() => first.device.hotReset()).meaning).toBe(
        '0000:01:01.0 is on the same bus, but not open on this /dev/iommu: bind it to vfio-pci, and open it here.',
      );
      expect(errorOf(() => openFunction(testbed, sampler(), '00:09.0').device.hotReset()).code).toBe(
        'ENODEV',
      );
    });

    test('is the advice for a device without a reset of its own', () => {
      const { device } = openFunction(open(), withoutReset());
      expect(errorOf(() => device.reset()).meaning).toMatch(
        /has no reset of its own \(VFIO_DEVICE_FLAGS_RESET\): hotReset\(\) resets its bus\.$/,
      );
      openFunction(open(), sampler()).device.reset();
    });

    test('affects any number of functions', () => {
      const testbed = open();
      testbed.kernel.pci.addBridge('00:1c.0', { secondary: 1 });
      for (let slot = 1; slot < 21; slot++)
        testbed.kernel.plug(sampler(), { at: `01:${slot.toString(16).padStart(2, '0')}.0` });
      const { device } = openFunction(testbed, sampler(), '01:00.0');
      expect(device.hotResetInfo().functions).toHaveLength(21);
    });
  });
});
