import { describe, expect, test } from '@jest/globals';
import { type Testbed, onEveryBackend } from '../testing/testbed.testing.js';
import { counted, errorOf, mapped, IOVA, NESTED, plugged } from '../testing/devices.testing.js';
import type { IommufdObject } from '../index.js';

/** A pair of objects, of which the upper one uses the lower one. */
interface Pair {
  readonly lower: IommufdObject;
  readonly upper: IommufdObject;
  /** Ends the use; closes `upper` by default. */
  readonly end?: () => void;
}

const paging = (testbed: Testbed, options: { pasids?: boolean } = {}) => {
  const ioas = testbed.iommufd.allocIoas();
  const { device } = plugged(testbed, options);
  return { ioas, device };
};

const nestable = (testbed: Testbed) => {
  const { ioas, device } = paging(testbed);
  const parent = device.allocHwpt({ ioas, nestParent: true });
  return { ioas, device, parent };
};

const virtual = (testbed: Testbed) => {
  const { ioas, device, parent } = nestable(testbed);
  return { ioas, device, parent, viommu: device.allocViommu({ type: 'selftest', parent }) };
};

const queues = (testbed: Testbed) => {
  const { ioas, viommu } = virtual(testbed);
  mapped(testbed, ioas, 1);
  return { viommu, queue: { type: 'selftest', iova: IOVA, length: 64n } } as const;
};

const pairs: readonly [upper: string, lower: string, (testbed: Testbed) => Pair][] = [
  [
    'a device',
    'an IOAS',
    (testbed) => {
      const { ioas, device } = paging(testbed);
      device.attach(ioas);
      return { lower: ioas, upper: device };
    },
  ],
  [
    'a device until it is detached',
    'an IOAS',
    (testbed) => {
      const { ioas, device } = paging(testbed);
      const attachment = device.attach(ioas);
      return { lower: ioas, upper: device, end: () => attachment.detach() };
    },
  ],
  [
    'a device until it is moved',
    'a page table',
    (testbed) => {
      const { ioas, device } = paging(testbed);
      const hwpt = device.allocHwpt({ ioas });
      device.attach(hwpt);
      return { lower: hwpt, upper: device, end: () => void device.attach(ioas) };
    },
  ],
  [
    'a device',
    'a nested page table',
    (testbed) => {
      const { device, parent } = nestable(testbed);
      const nested = device.allocNestedHwpt({ on: parent, data: NESTED });
      device.attach(nested);
      return { lower: nested, upper: device };
    },
  ],
  [
    'a PASID of a device',
    'a page table',
    (testbed) => {
      const { ioas, device } = paging(testbed, { pasids: true });
      const hwpt = device.allocHwpt({ ioas, pasid: true });
      const attachment = device.attach(hwpt, { pasid: 4 });
      return { lower: hwpt, upper: device, end: () => attachment.detach() };
    },
  ],
  [
    'a selftest device',
    'an IOAS',
    (testbed) => {
      const ioas = testbed.iommufd.allocIoas();
      return { lower: ioas, upper: testbed.iommufd.createSelftestDevice({ attachTo: ioas }) };
    },
  ],
  [
    'a selftest device that has moved',
    'a page table',
    (testbed) => {
      const ioas = testbed.iommufd.allocIoas();
      const upper = testbed.iommufd.createSelftestDevice({ attachTo: ioas });
      const lower = upper.allocHwpt({ ioas });
      upper.attach(lower);
      return { lower, upper };
    },
  ],
  [
    'a page table',
    'an IOAS',
    (testbed) => {
      const { ioas, device } = paging(testbed);
      return { lower: ioas, upper: device.allocHwpt({ ioas }) };
    },
  ],
  [
    'a page table',
    'a fault queue',
    (testbed) => {
      const { ioas, device } = paging(testbed);
      const faultQueue = testbed.iommufd.allocFaultQueue();
      return { lower: faultQueue, upper: device.allocHwpt({ ioas, faultQueue }) };
    },
  ],
  [
    'a nested page table',
    'a fault queue',
    (testbed) => {
      const { device, parent } = nestable(testbed);
      const faultQueue = testbed.iommufd.allocFaultQueue();
      return { lower: faultQueue, upper: device.allocNestedHwpt({ on: parent, data: NESTED, faultQueue }) };
    },
  ],
  [
    'a nested page table',
    'a nest parent',
    (testbed) => {
      const { device, parent } = nestable(testbed);
      return { lower: parent, upper: device.allocNestedHwpt({ on: parent, data: NESTED }) };
    },
  ],
  [
    'a nested page table',
    'a virtual IOMMU',
    (testbed) => {
      const { device, viommu } = virtual(testbed);
      return { lower: viommu, upper: device.allocNestedHwpt({ on: viommu, data: NESTED }) };
    },
  ],
  [
    'a virtual IOMMU',
    'a nest parent',
    (testbed) => {
      const { parent, viommu } = virtual(testbed);
      return { lower: parent, upper: viommu };
    },
  ],
  [
    'the id of a device',
    'a virtual IOMMU',
    (testbed) => {
      const { device, viommu } = virtual(testbed);
      return { lower: viommu, upper: viommu.allocVdevice({ device, virtualId: 1n }) };
    },
  ],
  [
    'the id of a device until the device is closed',
    'a virtual IOMMU',
    (testbed) => {
      const { device, viommu } = virtual(testbed);
      const upper = viommu.allocVdevice({ device, virtualId: 1n });
      return { lower: viommu, upper, end: () => device.close() };
    },
  ],
  [
    'a queue of events',
    'a virtual IOMMU',
    (testbed) => {
      const { viommu } = virtual(testbed);
      return { lower: viommu, upper: viommu.allocVeventq({ type: 'selftest', depth: 1 }) };
    },
  ],
  [
    'a hardware queue',
    'a virtual IOMMU',
    (testbed) => {
      const { viommu, queue } = queues(testbed);
      return { lower: viommu, upper: viommu.allocHwQueue({ ...queue, index: 0 }) };
    },
  ],
  [
    'a hardware queue',
    'the one before it',
    (testbed) => {
      const { viommu, queue } = queues(testbed);
      const [lower, upper] = [0, 1].map((index) => viommu.allocHwQueue({ ...queue, index }));
      if (lower === undefined || upper === undefined) throw new Error('there are two');
      return { lower, upper };
    },
  ],
];

onEveryBackend((open) => {
  describe.each(pairs)('%s uses %s', (_upper, _lower, make) => {
    test('closing an object in use names its users, and changes nothing', () => {
      const testbed = open();
      const { lower, upper, end = () => upper.close() } = make(testbed);
      const files = testbed.process.files.openCount;
      for (let i = 0; i < 2; i++) {
        const error = errorOf(() => lower.close());
        expect(error).toMatchObject({
          call: 'IOMMU_DESTROY',
          code: 'EBUSY',
          errno: 16,
          usedBy: [upper.describe()],
        });
        expect(error.message).toContain(`Still used by ${upper.describe()}.`);
        expect(error.args).toMatchObject({ id: lower.id });
      }
      expect([lower.isClosed, upper.isClosed]).toEqual([false, false]);
      expect(testbed.process.files.openCount).toBe(files);
      end();
      lower.close();
      expect(lower.isClosed).toBe(true);
      const calls = counted(testbed.process);
      lower.close();
      lower[Symbol.dispose]();
      expect(calls()).toBe(0);
    });

    test('closing everything at once leaves nothing over', () => {
      const testbed = open();
      const { lower, upper } = make(testbed);
      testbed.iommufd.close();
      expect([lower.isClosed, upper.isClosed]).toEqual([true, true]);
      expect(testbed.kernel.leftOver()).toEqual([]);
      const calls = counted(testbed.process);
      upper.close();
      lower.close();
      expect(calls()).toBe(0);
    });
  });

  test('an EBUSY error names all users', () => {
    const testbed = open();
    const { ioas, device } = paging(testbed);
    const { device: other } = plugged(testbed);
    const hwpts = [device.allocHwpt({ ioas }), other.allocHwpt({ ioas })];
    device.attach(ioas);
    const users = [...hwpts, device].map((user) => user.describe());
    const error = errorOf(() => ioas.close());
    expect(error.usedBy).toEqual(users);
    expect(error.message).toContain(`Still used by ${users.join(', ')}.`);
  });

  test('`using` closes objects in an order that the kernel accepts', () => {
    const testbed = open();
    const { device } = plugged(testbed);
    {
      using ioas = testbed.iommufd.allocIoas();
      using parent = device.allocHwpt({ ioas, nestParent: true });
      using viommu = device.allocViommu({ type: 'selftest', parent });
      using vdevice = viommu.allocVdevice({ device, virtualId: 1n });
      using veventq = viommu.allocVeventq({ type: 'selftest', depth: 4 });
      using nested = device.allocNestedHwpt({ on: viommu, data: NESTED });
      using attachment = device.attach(nested);
      expect([ioas, vdevice, veventq].every(({ isClosed }) => !isClosed)).toBe(true);
      expect(attachment.isCurrent).toBe(true);
    }
    device.close();
    // No id is in use; the vDEVICE was closed first, so it left no tombstone.
    expect(testbed.iommufd.allocIoas().id).toBe(1);
    expect([...testbed.kernel.contexts].map(({ objects }) => [...objects].length)).toEqual([1]);
  });

  test('an id is reused, and the closed object does not act on the new one', () => {
    const testbed = open();
    const old = testbed.iommufd.allocIoas();
    old.close();
    const fresh = testbed.iommufd.allocIoas();
    expect(fresh.id).toBe(old.id);
    old.close();
    expect(errorOf(() => old.unmapAll()).code).toBe('EBADF');
    expect(fresh.unmapAll()).toBe(0n);
  });
});
