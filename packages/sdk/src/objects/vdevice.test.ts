import { expect, test } from '@jest/globals';
import { iommu_test_op } from '@iommufd/uapi';
import { type Testbed, onEveryBackend } from '../testing/testbed.testing.js';
import { counted, errorOf, NESTED, plugged, unlike } from '../testing/devices.testing.js';

const start = (testbed: Testbed) => {
  const ioas = testbed.iommufd.allocIoas();
  const { device } = plugged(testbed);
  const parent = device.allocHwpt({ ioas, nestParent: true });
  return { device, parent, viommu: device.allocViommu({ type: 'selftest', parent }) };
};

onEveryBackend((open) => {
  test('a device has an id on a virtual IOMMU, and its events have the id', () => {
    const testbed = open();
    const { device, viommu } = start(testbed);
    const vdevice = viommu.allocVdevice({ device, virtualId: 0xdead_beefn });
    expect(unlike(vdevice, { kind: 'vdevice', viommu, device, virtualId: 0xdead_beefn })).toEqual([]);
    device.attach(device.allocNestedHwpt({ on: viommu, data: NESTED }));
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 4 });
    const op = iommu_test_op.IOMMU_TEST_OP_TRIGGER_VEVENT;
    expect(testbed.testCmd({ op, id: 0, trigger_vevent: { dev_id: device.id } } as never)).toBe(0);
    expect(veventq.read()).toEqual([{ kind: 'event', sequence: 0, event: { virt_id: 0xdead_beef } }]);
  });

  test('a device can have one id, and an id one device', () => {
    const testbed = open();
    const { device, parent, viommu } = start(testbed);
    const { device: other } = plugged(testbed);
    const vdevice = viommu.allocVdevice({ device, virtualId: 7n });
    const error = errorOf(() => viommu.allocVdevice({ device, virtualId: 8n }));
    expect(error).toMatchObject({ call: 'IOMMU_VDEVICE_ALLOC', code: 'EEXIST' });
    expect(error.meaning).toBe(
      `${device.describe()} has a vDEVICE already: ${vdevice.describe()}, 0x7 on ${viommu.describe()}.`,
    );
    expect(error.args).toMatchObject({ viommu_id: viommu.id, dev_id: device.id, virt_id: 8n });
    expect(errorOf(() => viommu.allocVdevice({ device: other, virtualId: 7n })).code).toBe('EEXIST');
    const second = other.allocViommu({ type: 'selftest', parent });
    expect(errorOf(() => second.allocVdevice({ device, virtualId: 7n })).code).toBe('EEXIST');
    vdevice.close();
    expect(viommu.allocVdevice({ device: other, virtualId: 7n }).id).toBe(vdevice.id);
    expect(second.allocVdevice({ device, virtualId: 7n }).device === device).toBe(true);
  });

  test('an id may be any number of 64 bits', () => {
    const testbed = open();
    const { device, viommu } = start(testbed);
    const virtualId = (1n << 64n) - 1n;
    using vdevice = viommu.allocVdevice({ device, virtualId });
    expect(vdevice.virtualId).toBe(virtualId);
    const calls = counted(testbed.process);
    expect(() => viommu.allocVdevice({ device, virtualId: 1n << 64n })).toThrow(
      'Viommu.allocVdevice: virtualId: expected a bigint from 0 to 2^64-1, found ',
    );
    expect(() => viommu.allocVdevice({ device, virtualId: -1n })).toThrow(
      'Viommu.allocVdevice: virtualId: expected a bigint from 0 to 2^64-1, found ',
    );
    expect(calls()).toBe(0);
  });

  test('a closed vDEVICE is independent of its device', () => {
    const testbed = open();
    const { device, parent, viommu } = start(testbed);
    const old = viommu.allocVdevice({ device, virtualId: 1n });
    old.close();
    const vdevice = viommu.allocVdevice({ device, virtualId: 2n });
    expect(vdevice.id).toBe(old.id);
    device.close();
    expect(vdevice.isClosed).toBe(true);
    viommu.close();
    parent.close();
  });
});
