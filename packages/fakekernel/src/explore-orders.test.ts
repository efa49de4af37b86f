/**
 * Explores orders of calls by two programs that share a context, and of a device. `ORDERS=50000` sets the limit, `ORDER_SEED` the
 * choice.
 */
import { expect, test } from '@jest/globals';
import {
  IOMMU_DESTROY,
  IOMMU_FAULT_QUEUE_ALLOC,
  IOMMU_HWPT_ALLOC,
  iommu_hwpt_pgfault,
  IOMMU_IOAS_ALLOC,
  IOMMU_IOAS_COPY,
  IOMMU_IOAS_MAP,
  IOMMU_IOAS_UNMAP,
  type Ioctl,
  iommufd_hwpt_alloc_flags,
  iommufd_ioas_map_flags,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  PROT_READ,
  PROT_WRITE,
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_BIND_IOMMUFD,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
} from '@iommufd/uapi';
import { type AnyType, type View, view } from '@iommufd/uapi/struct';
import { checkPins } from './fuzz/pins.testing.js';
import { checkReferences } from './fuzz/references.testing.js';
import { checkShown } from './fuzz/shown.testing.js';
import { filesIn } from './fuzz/world.testing.js';
import type { FakeKernel } from './index.js';
import {
  exploreOrders,
  MockDevice,
  mockModule,
  type OrderedCall,
  OrderFailed,
  type Process,
} from './index.js';

const most = Number(process.env['ORDERS'] ?? 600);
const seed = Number(process.env['ORDER_SEED'] ?? 1);
const { IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } =
  iommufd_ioas_map_flags;
const PAGE = 4096;
const IOVA = 0x100_0000n;

/** Two programs: the second has received the files of the first. The ids are those of the shared context. */
interface Kept {
  readonly first: Process;
  readonly second: Process;
  readonly device: MockDevice;
  readonly at: { readonly first: bigint; readonly second: bigint };
  readonly fds: { readonly iommu: number; readonly cdev: number; readonly faults: number };
  readonly ids: { readonly ioas: number; readonly other: number; readonly hwpt: number };
}

type Who = 'first' | 'second';

/** Calls an ioctl with a struct of zeros in which `set` sets fields. @returns its return value, and the struct */
function request<S extends AnyType>(
  process: Process,
  at: bigint,
  fd: number,
  { request: number, struct }: Ioctl<S>,
  set: Partial<View<S>>,
): { readonly result: number; readonly cmd: View<S> } {
  const bytes = process.memory(at, struct.byteLength).fill(0);
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, struct.byteLength, true);
  const cmd = view(struct, bytes) as View<S>;
  // A view is an object with the fields of its type.
  Object.assign(cmd as object, set);
  return { result: process.ioctl(fd, number, at), cmd };
}

const memoryOf = (process: Process): bigint =>
  process.mmap(0n, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);

function prepare(kernel: FakeKernel): Kept {
  const [first, second] = [kernel.spawn({ ipcLock: false, memlock: 64 * PAGE }), kernel.spawn()];
  const device = new MockDevice();
  const cdev = first.open(kernel.plug(device));
  const iommu = first.open('/dev/iommu');
  const at = { first: memoryOf(first), second: memoryOf(second) };
  const make = <S extends AnyType>(ioctl: Ioctl<S>, set: Partial<View<S>> = {}, fd = iommu): View<S> => {
    const { result, cmd } = request(first, at.first, fd, ioctl, set);
    expect(result).toBe(0);
    return cmd;
  };
  const { out_devid } = make(VFIO_DEVICE_BIND_IOMMUFD, { iommufd: iommu }, cdev);
  const ioas = make(IOMMU_IOAS_ALLOC).out_ioas_id;
  const other = make(IOMMU_IOAS_ALLOC).out_ioas_id;
  make(IOMMU_IOAS_MAP, {
    flags: IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE,
    ioas_id: ioas,
    user_va: at.first + BigInt(PAGE),
    length: BigInt(2 * PAGE),
    iova: IOVA,
  });
  const { out_fault_id, out_fault_fd: faults } = make(IOMMU_FAULT_QUEUE_ALLOC);
  const { out_hwpt_id: hwpt } = make(IOMMU_HWPT_ALLOC, {
    flags: iommufd_hwpt_alloc_flags.IOMMU_HWPT_FAULT_ID_VALID,
    dev_id: out_devid,
    pt_id: ioas,
    fault_id: out_fault_id,
  });
  const fds = { iommu, cdev, faults };
  for (const fd of [iommu, cdev, faults]) expect(second.receive(fd, first, fd)).toBe(fd);
  return { first, second, device, at, fds, ids: { ioas, other, hwpt } };
}

/** An ioctl of one of the two programs. */
function ioctl<S extends AnyType>(
  who: Who,
  name: string,
  call: Ioctl<S>,
  fdOf: keyof Kept['fds'],
  set: (kept: Kept) => Partial<View<S>>,
): OrderedCall<Kept> {
  const make = (kept: Kept): number =>
    request(kept[who], kept.at[who], kept.fds[fdOf], call, set(kept)).result;
  return { name: `the ${who} ${name}`, make };
}

const attach = (who: Who, to: keyof Kept['ids']): OrderedCall<Kept> =>
  ioctl(who, `attaches to ${to}`, VFIO_DEVICE_ATTACH_IOMMUFD_PT, 'cdev', ({ ids }) => ({ pt_id: ids[to] }));
const detach = (who: Who): OrderedCall<Kept> =>
  ioctl(who, 'detaches', VFIO_DEVICE_DETACH_IOMMUFD_PT, 'cdev', () => ({}));
const destroy = (who: Who, what: keyof Kept['ids']): OrderedCall<Kept> =>
  ioctl(who, `destroys ${what}`, IOMMU_DESTROY, 'iommu', ({ ids }) => ({ id: ids[what] }));
const unmap = (who: Who): OrderedCall<Kept> =>
  ioctl(who, 'unmaps', IOMMU_IOAS_UNMAP, 'iommu', ({ ids }) => ({
    ioas_id: ids.ioas,
    iova: IOVA,
    length: BigInt(2 * PAGE),
  }));
const copy = (who: Who): OrderedCall<Kept> =>
  ioctl(who, 'copies a mapping', IOMMU_IOAS_COPY, 'iommu', ({ ids }) => ({
    flags: IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE,
    dst_ioas_id: ids.other,
    src_ioas_id: ids.ioas,
    length: BigInt(PAGE),
    dst_iova: IOVA,
    src_iova: IOVA,
  }));
const close = (who: Who, what: keyof Kept['fds']): OrderedCall<Kept> => ({
  name: `the ${who} closes ${what}`,
  make: ({ fds, ...kept }) => kept[who].close(fds[what]),
});
const read = (who: Who): OrderedCall<Kept> => ({
  name: `the ${who} reads faults`,
  make: ({ fds, at, ...kept }) =>
    kept[who].read(fds.faults, at[who] + BigInt(4 * PAGE), 64 * iommu_hwpt_pgfault.byteLength),
});
/** DMA to two pages. If they are missing and there is a fault queue, the device requests them and waits. */
const dma: OrderedCall<Kept> = {
  name: 'the device writes',
  make: ({ device }) => {
    device.dma.write(IOVA, new Uint8Array(2 * PAGE)).catch(() => undefined);
    return 0;
  },
};

/** Checks that references, pins and charges are exact, and that page tables match the mappings. */
function check(kernel: FakeKernel, { first, second }: Kept): void {
  const processes = [first, second];
  const world = { kernel, processes, files: () => filesIn(kernel, processes) };
  checkReferences(world);
  checkPins(world);
  checkShown(world);
}

test.each([
  [
    'attaching against destroying, unmapping and closing',
    560,
    [
      [attach('first', 'hwpt'), attach('first', 'other'), detach('first')],
      [destroy('second', 'hwpt'), unmap('second'), close('second', 'iommu')],
      [close('first', 'iommu'), close('first', 'cdev')],
    ],
  ],
  [
    'faults against their attachment',
    7560,
    [
      [attach('first', 'hwpt'), attach('first', 'ioas'), close('first', 'cdev')],
      [read('second'), close('second', 'faults')],
      [unmap('first'), dma],
      [destroy('second', 'hwpt'), close('second', 'cdev')],
    ],
  ],
  [
    'independent calls',
    40_320,
    [
      attach('first', 'ioas'),
      attach('second', 'hwpt'),
      destroy('first', 'ioas'),
      destroy('second', 'hwpt'),
      unmap('second'),
      copy('first'),
      close('first', 'iommu'),
      detach('second'),
    ].map((call) => [call]),
  ],
])(`%s: of %i orders at most ${most} keep the rules, with ORDER_SEED=${seed}`, (_name, possible, threads) => {
  const explored = exploreOrders({ modules: [mockModule], prepare, threads, check, most, seed });
  expect(explored).toMatchObject({ possible, orders: Math.min(possible, most) });
});

/** The state of the tests below: one process. */
interface One {
  readonly process: Process;
}

const prepareOne = (kernel: FakeKernel): One => ({ process: kernel.spawn() });

/** Returns the error that `work` throws. */
function thrown(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

test('exploreOrders() shortens a failing order to the calls that it needs', () => {
  const open: OrderedCall<One> = { name: 'open', make: ({ process }) => process.open('/dev/iommu') };
  const threads: OrderedCall<One>[][] = [
    [open, open],
    [{ name: 'dup', make: ({ process }) => process.dup(3) }],
    [{ name: 'close', make: ({ process }) => process.close(4) }],
  ];
  const failure = thrown(() =>
    exploreOrders({
      prepare: prepareOne,
      threads,
      check: (_kernel, { process }) => {
        if (process.files.openCount > 2) throw new Error(`${process.files.openCount} files are open`);
      },
    }),
  );
  expect(failure).toBeInstanceOf(OrderFailed);
  expect(failure).toMatchObject({
    calls: [
      { thread: 0, index: 0, name: 'open', result: 3 },
      { thread: 0, index: 1, name: 'open', result: 4 },
      { thread: 1, index: 0, name: 'dup', result: undefined },
    ],
    message:
      '3 files are open, after\n  thread 0: open = 3\n  thread 0: open = 4\n  thread 1: dup = undefined',
  });
});

test('exploreOrders() fails if a call fails and changes state', () => {
  const call: OrderedCall<One> = {
    name: 'opens, but returns a negative number',
    make: ({ process }) => -process.open('/dev/iommu'),
  };
  expect(() => exploreOrders({ prepare: prepareOne, threads: [[call]] })).toThrow(
    'a call that failed has changed: context',
  );
  expect(exploreOrders({ prepare: prepareOne, threads: [[{ ...call, mayLast: true }]] })).toEqual({
    possible: 1,
    orders: 1,
    calls: 1,
  });
});

test('exploreOrders() chooses orders by the seed if more are possible than `most`', () => {
  const orders = new Map<string, number>();
  const note = (name: string): OrderedCall<{ readonly order: string[] }> => ({
    name,
    make: ({ order }) => order.push(name),
  });
  const explored = exploreOrders({
    prepare: () => ({ order: [] }),
    threads: [[note('a'), note('b')], [note('c')]],
    check: (_kernel, { order }) => {
      if (order.length === 3) orders.set(order.join(''), (orders.get(order.join('')) ?? 0) + 1);
    },
    most: 2,
    seed: 3,
  });
  expect(explored).toEqual({ possible: 3, orders: 2, calls: 6 });
  expect([...orders.keys()].every((order) => ['abc', 'acb', 'cab'].includes(order))).toBe(true);
});
