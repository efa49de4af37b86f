import { expect, test } from '@jest/globals';
import {
  errno,
  IOMMU_IOAS_ALLOC,
  IOMMU_IOAS_MAP,
  iommu_test_op,
  iommufd_ioas_map_flags,
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_BIND_IOMMUFD,
} from '@iommufd/uapi';
import { command } from './iommufd/command.js';
import { Ioas } from './iommufd/ioas.js';
import { FakeKernel, forEachFailure, MockDevice, mockModule, StateChanged, type Trial } from './index.js';
import { allocate } from './process/failure-points.js';
import { TestProgram } from './program.testing.js';

const { IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE } = iommufd_ioas_map_flags;
const PAGE = 4096;
const IOVA = 0x100_0000n;

const map = (program: TestProgram, iova = IOVA): number =>
  program.call(IOMMU_IOAS_MAP, (cmd) => {
    cmd.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE;
    cmd.ioas_id = 1;
    cmd.user_va = program.at + BigInt(PAGE);
    cmd.length = BigInt(PAGE);
    cmd.iova = iova;
  });

/** Creates a mock device, attached to IOAS 1. */
const mockDomain = (program: TestProgram): number =>
  program.testCmd(iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN, (cmd) => {
    cmd.id = 1;
  });

test('failAllocation(n) makes the n-th allocation fail, once', () => {
  const program = new TestProgram(2);
  const plan = program.kernel.failAllocation(3);
  expect(map(program)).toBe(0);
  expect(map(program, IOVA * 2n)).toBe(-errno.ENOMEM);
  expect(map(program, IOVA * 2n)).toBe(0);
  expect(plan.failed).toEqual([
    { kind: 'allocation', what: 'iopt_alloc_user_pages()', in: 'IOMMU_IOAS_MAP', errno: 'ENOMEM' },
  ]);
});

test('`every` makes each n-th allocation of one ioctl fail, until stop()', () => {
  const program = new TestProgram(2);
  const plan = program.kernel.failAllocation({ every: 2, in: 'IOMMU_IOAS_ALLOC' });
  expect(map(program)).toBe(0);
  expect([program.allocIoas(), program.allocIoas()]).toEqual([-errno.ENOMEM, -errno.ENOMEM]);
  plan.stop();
  expect(program.allocIoas()).toBe(0);
  expect([plan.count, plan.failed.length]).toEqual([4, 2]);
});

test('a plan without a number only counts places', () => {
  const program = new TestProgram(2);
  const plan = program.kernel.failAllocation({});
  expect([mockDomain(program), map(program)]).toEqual([0, 0]);
  expect([plan.count > 5, plan.failed]).toEqual([true, []]);
});

test.each([
  ['copy', 'EFAULT'],
  ['signal', 'EINTR'],
  ['pin', 'EFAULT'],
  ['driver', 'EIO'],
  ['file', 'EMFILE'],
] as const)('a failure of kind %s is %s', (kind, name) => {
  const program = new TestProgram(2);
  map(program);
  const { failed } = program.kernel.failAllocation({ kinds: [kind], nth: 1 });
  const result = kind === 'file' ? program.process.open('/dev/iommu') : mockDomain(program);
  expect([result, failed[0]?.kind]).toEqual([-errno[name], kind]);
});

test('`errno` replaces the errno of a failure', () => {
  const program = new TestProgram(1);
  program.kernel.failAllocation({ kinds: ['driver'], nth: 1, errno: 'ENODEV' });
  expect(mockDomain(program)).toBe(-errno.ENODEV);
});

test('failAllocation() throws for an invalid number and for an unknown ioctl', () => {
  const kernel = new FakeKernel([mockModule]);
  expect(() => kernel.failAllocation(0)).toThrow(
    new RangeError('nth: expected a number of at least 1, found 0'),
  );
  expect(() => kernel.failAllocation({ every: 1.5 })).toThrow(
    'every: expected a number of at least 1, found 1.5',
  );
  expect(() => kernel.failAllocation({ in: 'IOMMU_IOAS_MAPP', nth: 1 })).toThrow(
    'in: "IOMMU_IOAS_MAPP" is no ioctl of this kernel, nor one of open, read, write, pread, pwrite, mmap',
  );
});

test('forEachFailure() makes each place fail once', async () => {
  const points = await forEachFailure(
    ({ kernel, begin }) => {
      const program = new TestProgram(2, kernel);
      try {
        mockDomain(program);
        begin();
        if (map(program) !== 0) throw new Error('not mapped');
      } finally {
        program.process.exit();
      }
    },
    { modules: [mockModule], kinds: ['allocation', 'pin', 'copy'] },
  );
  expect(points.map(({ what }) => what)).toEqual([
    'copy_from_user()',
    'copy_from_user()',
    'iopt_alloc_user_pages()',
    'iopt_area_alloc()',
    'temp_kmalloc()',
    'pfn_reader_user_pin()',
    'iommu_map()',
    'copy_to_user()',
  ]);
});

const justMap = ({ kernel, begin }: Trial): void => {
  const program = new TestProgram(2, kernel);
  begin();
  const result = map(program);
  program.process.exit();
  if (result !== 0) throw new Error(`errno ${-result}`);
};

test('forEachFailure() passes each error and its place to onError', async () => {
  const seen: string[] = [];
  await forEachFailure(justMap, {
    modules: [mockModule],
    onError: (error, { what }) => seen.push(`${what}: ${String(error)}`),
  });
  expect(seen).toEqual(['iopt_alloc_user_pages(): Error: errno 12', 'iopt_area_alloc(): Error: errno 12']);
});

test('forEachFailure() rejects with the error of onError, and with an error thrown without a failure', async () => {
  const wrong = new Error('wrong error');
  const throwing = (): void => {
    throw wrong;
  };
  await expect(forEachFailure(justMap, { modules: [mockModule], onError: throwing })).rejects.toBe(wrong);
  await expect(forEachFailure(throwing)).rejects.toBe(wrong);
});

test('forEachFailure() rejects if the test does not call begin()', async () => {
  await expect(forEachFailure(() => undefined)).rejects.toThrow('run: it has not called begin()');
});

test('forEachFailure() reports the remaining objects and the failure before', async () => {
  const leaking = ({ kernel, begin }: Trial): void => {
    const program = new TestProgram(2, kernel);
    begin();
    if (map(program) === 0) program.process.exit();
  };
  await expect(forEachFailure(leaking, { modules: [mockModule] })).rejects.toThrow(
    'after iopt_alloc_user_pages() in IOMMU_IOAS_MAP failed, this is left over: a process with open files: 1; an open /dev/iommu',
  );
});

test('forEachFailure() detects a failed call that does not undo its changes', async () => {
  // IOMMU_IOAS_ALLOC that publishes its object too early.
  const careless = command(IOMMU_IOAS_ALLOC, (_cmd, { context }) => {
    context.objects.create(new Ioas(), () => undefined);
    allocate('a part of it');
  });
  const run = ({ kernel, begin }: Trial): void => {
    const process = kernel.spawn();
    const fd = process.open('/dev/iommu');
    const at = process.mmap(0n, PAGE, 3, 0x22, -1, 0n);
    process.memory(at, 12).set([12]);
    begin();
    process.ioctl(fd, IOMMU_IOAS_ALLOC.request, at);
    process.exit();
  };
  const failed = forEachFailure(run, { modules: [{ commands: [careless] }] });
  await expect(failed).rejects.toThrow(StateChanged);
  await expect(failed).rejects.toThrow(
    /^a part of it in IOMMU_IOAS_ALLOC failed, and the state has changed:\n\+ .*ioas 1/,
  );
});

test('`unplug` removes a device before each call, and nothing remains after the program exits', async () => {
  const results = new Set<string>();
  const points = await forEachFailure(
    ({ kernel, begin }) => {
      const device = new MockDevice();
      const node = kernel.plug(device);
      const program = new TestProgram(2, kernel);
      begin();
      try {
        const cdev = program.process.open(node);
        const bound = program.call(VFIO_DEVICE_BIND_IOMMUFD, (cmd) => (cmd.iommufd = program.fd), cdev);
        const attached = program.call(VFIO_DEVICE_ATTACH_IOMMUFD_PT, (cmd) => (cmd.pt_id = 1), cdev);
        results.add([Math.min(cdev, 0), bound, attached, map(program)].join());
      } finally {
        program.process.exit();
      }
      // The node disappears when the removal begins, the device when its last file is closed.
      if (kernel.hasNode(node)) kernel.unplug(device);
      else expect(() => kernel.unplug(device)).toThrow('not plugged in');
    },
    { modules: [mockModule], kinds: ['unplug'] },
  );
  expect(points.map(({ what, in: within }) => `${what} in ${within}`)).toEqual(
    ['open', 'VFIO_DEVICE_BIND_IOMMUFD', 'VFIO_DEVICE_ATTACH_IOMMUFD_PT', 'IOMMU_IOAS_MAP'].map(
      (name) => `removal of /dev/vfio/devices/vfio0 in ${name}`,
    ),
  );
  expect([...results]).toEqual([
    [-errno.ENOENT, -errno.EBADF, -errno.EBADF, 0].join(),
    // A file that is open already keeps working.
    [0, 0, 0, 0].join(),
  ]);
});
