/** Failures of the kernel's allocations: the SDK throws the right error, and nothing is left over. */
import { expect, test } from '@jest/globals';
import { forEachFailure, type FailurePoint, MockDevice, mockModule, type Trial } from '@iommufd/fakekernel';
import { errno, iommu_test_op } from '@iommufd/uapi';
import { Iommufd, IommufdError } from '../index.js';
import { IOVA, PAGE } from '../testing/devices.testing.js';
import { Testbed } from '../testing/testbed.testing.js';

/** The calls of a VMM before its guest runs. */
function startGuest(iommufd: Iommufd, path: string): void {
  const ioas = iommufd.allocIoas();
  const memory = iommufd.allocMemory(4 * PAGE);
  ioas.mapMemory(memory, { iova: IOVA });
  const device = iommufd.openDevice(path);
  const parent = device.allocHwpt({ ioas, nestParent: true });
  const viommu = device.allocViommu({ type: 'selftest', parent });
  viommu.allocVdevice({ device, virtualId: 1n });
  viommu.allocVeventq({ type: 'selftest', depth: 4 });
  const faultQueue = iommufd.allocFaultQueue();
  const data = { type: 'selftest', iotlb: 1, pagetable_type: 0 } as const;
  device.attach(device.allocNestedHwpt({ on: viommu, data, faultQueue }));
  device.attach(ioas);
}

function run({ kernel, begin }: Trial): void {
  const path = kernel.plug(new MockDevice());
  const process = kernel.spawn();
  try {
    begin();
    const iommufd = Iommufd.open(process);
    startGuest(iommufd, path);
    iommufd.close();
  } finally {
    process.exit();
  }
}

const check = (error: unknown, point: FailurePoint): void => {
  if (!(error instanceof IommufdError)) throw error;
  expect([point, error.code]).toEqual([point, point.errno]);
};

test('a VMM that cannot start gets the error of the call that failed', async () => {
  const points = await forEachFailure(run, {
    modules: [mockModule],
    kinds: ['allocation', 'pin', 'file', 'driver', 'copy'],
    onError: check,
  });
  expect([...new Set(points.map((point) => point.in))]).toEqual([
    'open',
    'IOMMU_IOAS_ALLOC',
    'IOMMU_IOAS_MAP',
    'VFIO_DEVICE_BIND_IOMMUFD',
    'IOMMU_HWPT_ALLOC',
    'IOMMU_VIOMMU_ALLOC',
    'IOMMU_VDEVICE_ALLOC',
    'IOMMU_VEVENTQ_ALLOC',
    'IOMMU_FAULT_QUEUE_ALLOC',
    'VFIO_DEVICE_ATTACH_IOMMUFD_PT',
  ]);
  expect(points.length).toBeGreaterThan(50);
});

test('an event for which memory cannot be allocated is lost, and reported as lost', () => {
  const testbed = new Testbed();
  const { device, viommu } = testbed.nested();
  const queue = viommu.allocVeventq({ type: 'selftest', depth: 4 });
  testbed.sendEvent(device);
  testbed.kernel.failAllocation({ kinds: ['event'], nth: 1 });
  const trigger_vevent = { dev_id: device.id };
  const op = iommu_test_op.IOMMU_TEST_OP_TRIGGER_VEVENT;
  expect(testbed.testCmd({ op, id: 0, trigger_vevent } as never)).toBe(-errno.ENOMEM);
  expect(queue.read()).toMatchObject([
    { kind: 'event', sequence: 0 },
    { kind: 'lost', sequence: 1, lost: 1 },
  ]);
  expect(testbed.end()).toEqual([]);
});
