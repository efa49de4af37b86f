/**
 * Scenarios of the SDK on the mock driver of CONFIG_IOMMUFD_TEST. They need `/dev/iommu` and no VFIO device, so they run on any kernel
 * with that driver: the fake kernel, and the machine's own. A scenario returns what it saw, as JSON; `kernels.test.ts` has the expected
 * values, which are the same for every kernel.
 */

import {
  type FaultGroup,
  InvalidationError,
  Iommufd,
  IommufdError,
  type IommufdObject,
  type SelftestDevice,
  type Viommu,
} from '@iommufd/sdk';
import { encode, IOMMU_TEST_CMD, iommu_test_cmd, iommu_test_op, type Syscalls } from '@iommufd/uapi';
import type { Encodable } from '@iommufd/uapi/struct';

const PAGE = 4096;
/** The page size of the mock IOMMU, MOCK_IO_PAGE_SIZE. */
const MOCK_PAGE = 2048n;
/** MOCK_APERTURE_START, the first IOVA of a page table of the mock IOMMU. */
const IOVA = 0x0100_0000n;
const NESTED = { type: 'selftest', iotlb: 1, pagetable_type: 0 } as const;
/** IOMMU_TEST_DEV_CACHE_DEFAULT, a slot of a device's cache that was not invalidated. */
const CACHED = 0x00ba_ddad;

/** The result of a call: 'ok', or the name of its errno. */
function codeOf(call: () => unknown): string {
  try {
    call();
    return 'ok';
  } catch (error) {
    if (error instanceof IommufdError) return error.code;
    throw error;
  }
}

/** What a failed invalidation reports. */
function invalidation(call: () => unknown): unknown {
  try {
    call();
    return 'ok';
  } catch (error) {
    if (!(error instanceof InvalidationError)) throw error;
    const { code, handled, failedIndex, total } = error;
    return { code, handled, failedIndex, total };
  }
}

/** A program with the mock driver. */
class Bench {
  readonly iommufd: Iommufd;
  private readonly argument: bigint;

  constructor(readonly sys: Syscalls) {
    this.iommufd = Iommufd.open(sys);
    this.argument = sys.mmap(0n, PAGE, 3, 0x22, -1, 0n);
  }

  /** Controls the hardware with IOMMU_TEST_CMD. @returns the result of the ioctl */
  hardware(cmd: Omit<Encodable<typeof iommu_test_cmd>, 'size' | 'last'>): number {
    const size = iommu_test_cmd.byteLength;
    // `Omit` of a union type keeps only the common fields; the others are checked when the struct is encoded.
    const bytes = encode(iommu_test_cmd, { ...cmd, size, last: 0 } as Encodable<typeof iommu_test_cmd>);
    this.sys.memory(this.argument, bytes.length).set(bytes);
    return this.sys.ioctl(this.iommufd.fd, IOMMU_TEST_CMD.request, this.argument);
  }

  /** Sends events of the device's virtual IOMMU. */
  events(device: SelftestDevice, count: number): number[] {
    const trigger_vevent = { dev_id: device.id };
    const op = iommu_test_op.IOMMU_TEST_OP_TRIGGER_VEVENT;
    return Array.from({ length: count }, () => this.hardware({ op, id: 0, trigger_vevent } as never));
  }

  /** Sends a page request of the device. */
  pageRequest(device: SelftestDevice, fault: { addr: bigint; grpid: number; perm?: number }): number {
    const trigger_iopf = { dev_id: device.id, perm: 1, pasid: 0, ...fault };
    const op = iommu_test_op.IOMMU_TEST_OP_TRIGGER_IOPF;
    return this.hardware({ op, id: 0, trigger_iopf } as never);
  }

  /** The result of a comparison of a page table with memory, MD_CHECK_MAP. */
  compare({ id }: IommufdObject, check_map: { iova: bigint; length: bigint; uptr: bigint }): number {
    return this.hardware({ op: iommu_test_op.IOMMU_TEST_OP_MD_CHECK_MAP, id, check_map } as never);
  }

  /** The slots of the TLB of a nested page table that hold a value. */
  tlb({ id }: IommufdObject, iotlb: number): number[] {
    const op = iommu_test_op.IOMMU_TEST_OP_MD_CHECK_IOTLB;
    const holds = (slot: number): boolean =>
      this.hardware({ op, id, check_iotlb: { id: slot, iotlb } } as never) === 0;
    return [0, 1, 2, 3].filter(holds);
  }

  /** The slots of a device's cache that hold a value. */
  cache({ id }: SelftestDevice, cache: number): number[] {
    const op = iommu_test_op.IOMMU_TEST_OP_DEV_CHECK_CACHE;
    const holds = (slot: number): boolean =>
      this.hardware({ op, id, check_dev_cache: { id: slot, cache } } as never) === 0;
    return [0, 1, 2, 3].filter(holds);
  }

  /** A device on a nested page table of a virtual IOMMU. */
  nested() {
    const ioas = this.iommufd.allocIoas();
    const device = this.iommufd.createSelftestDevice({ attachTo: ioas });
    const parent = device.allocHwpt({ ioas, nestParent: true });
    const viommu = device.allocViommu({ type: 'selftest', parent });
    return { ioas, device, parent, viommu };
  }

  end(): void {
    this.iommufd.close();
    this.sys.munmap(this.argument, PAGE);
  }
}

/** A scenario. @returns what it saw, as JSON */
type Scenario = (bench: Bench) => unknown;

const scenarios = {
  'maps memory in an IOAS'({ iommufd }) {
    const [ioas, other] = [iommufd.allocIoas(), iommufd.allocIoas()];
    const memory = iommufd.allocMemory(4 * PAGE);
    const file = iommufd.allocMemory(2 * PAGE, { memfd: true });
    const { iova, length } = ioas.mapMemory(memory, { iova: IOVA });
    const seen = {
      ids: [ioas.id, other.id],
      mapped: [iova, length].map(String),
      overlapping: codeOf(() => ioas.mapMemory(memory, { iova: IOVA + 4096n })),
      unaligned: codeOf(() => ioas.mapMemory(memory, { iova: IOVA + 17n })),
      part: codeOf(() => ioas.unmap({ iova: IOVA, length: 4096n })),
      file: String(ioas.mapFile({ fd: file.fd, length: BigInt(2 * PAGE), iova: IOVA + 0x1_0000n }).length),
      copied: String(other.copy({ from: ioas, fromIova: IOVA, length: 8192n, iova: 2n * IOVA }).iova),
      unmapped: String(ioas.unmap({ iova: IOVA, length: BigInt(4 * PAGE) })),
      missing: codeOf(() => ioas.unmap({ iova: IOVA, length: 4096n })),
    };
    return { ...seen, rest: [ioas.unmapAll(), other.unmapAll()].map(String) };
  },

  'limits the IOVAs of an IOAS'({ iommufd }) {
    const ioas = iommufd.allocIoas();
    const ranges = () => {
      const { ranges: all, alignment } = ioas.iovaRanges();
      return {
        alignment: String(alignment),
        ranges: all.map(({ start, last }) => [String(start), String(last)]),
      };
    };
    const before = ranges();
    ioas.allowIovas([{ start: IOVA, last: IOVA + 0xffffn }]);
    const memory = iommufd.allocMemory(PAGE);
    const { iova } = ioas.mapMemory(memory);
    iommufd.createSelftestDevice({ attachTo: ioas });
    return { before, isAllowed: iova >= IOVA && iova <= IOVA + 0xffffn, after: ranges() };
  },

  'sets options'({ iommufd }) {
    const ioas = iommufd.allocIoas();
    const before = [iommufd.rlimitMode, ioas.hugePages];
    ioas.hugePages = false;
    const late = codeOf(() => (iommufd.rlimitMode = 'process'));
    return { before, after: [iommufd.rlimitMode, ioas.hugePages], late };
  },

  'attaches a device to page tables'(bench) {
    const { iommufd } = bench;
    const ioas = iommufd.allocIoas();
    const memory = iommufd.allocMemory(2 * PAGE);
    const uptr = memory.use();
    ioas.mapMemory(memory, { iova: IOVA });
    const device = iommufd.createSelftestDevice({ attachTo: ioas });
    const automatic = device.attachment()?.pageTableId;
    const hwpt = device.allocHwpt({ ioas });
    const attached = device.attach(hwpt).pageTableId;
    const range = { iova: IOVA, length: BigInt(2 * PAGE) };
    const seen = {
      ids: [ioas.id, device.id, automatic, hwpt.id, attached],
      same: bench.compare(hwpt, { ...range, uptr }),
      other: bench.compare(hwpt, { ...range, iova: IOVA + MOCK_PAGE, length: MOCK_PAGE, uptr }),
      used: [codeOf(() => hwpt.close()), codeOf(() => ioas.close())],
    };
    device.detach();
    return { ...seen, home: device.attachment()?.pageTableId, closed: codeOf(() => hwpt.close()) };
  },

  'attaches PASIDs'({ iommufd }) {
    const ioas = iommufd.allocIoas();
    const device = iommufd.createSelftestDevice({ attachTo: ioas, pasids: true });
    const hwpt = device.allocHwpt({ ioas, pasid: true });
    const plain = device.allocHwpt({ ioas });
    const beforehand = codeOf(() => device.attach(hwpt, { pasid: 100 }));
    const without = codeOf(() => device.attach(plain, { pasid: 101 }));
    device.attach(hwpt);
    const seen = {
      beforehand,
      without,
      together: codeOf(() => device.attach(hwpt, { pasid: 100 })),
      plain: codeOf(() => device.attach(plain)),
      pasids: device.pasids,
      used: codeOf(() => hwpt.close()),
    };
    for (const pasid of device.pasids) device.detach({ pasid });
    device.detach();
    return { ...seen, closed: codeOf(() => hwpt.close()) };
  },

  'tracks dirty pages'(bench) {
    const { iommufd } = bench;
    const ioas = iommufd.allocIoas();
    const device = iommufd.createSelftestDevice({ attachTo: ioas });
    const hwpt = device.allocHwpt({ ioas, dirtyTracking: true });
    device.attach(hwpt);
    ioas.mapMemory(iommufd.allocMemory(8 * PAGE), { iova: IOVA });
    const early = codeOf(() => hwpt.dirtyBitmap({ iova: IOVA, length: BigInt(8 * PAGE) }).read());
    hwpt.setDirtyTracking(true);
    const bits = iommufd.allocMemory(PAGE);
    // Pages 1, 2 and 9 of 16.
    bits.bytes(0, 2).set([0b110, 0b10]);
    const dirty = {
      flags: 0,
      iova: IOVA,
      length: BigInt(8 * PAGE),
      page_size: MOCK_PAGE,
      uptr: bits.use(),
      out_nr_dirty: 0n,
    };
    const made = bench.hardware({ op: iommu_test_op.IOMMU_TEST_OP_DIRTY, id: hwpt.id, dirty } as never);
    // In units of 4 KiB: before the release of 7.3, record_dirty() reports only the first half of a leaf of two entries.
    const read = (clear: boolean): unknown => {
      using bitmap = hwpt.dirtyBitmap({ iova: IOVA, length: BigInt(8 * PAGE) });
      bitmap.read({ clear });
      return [...bitmap].map(({ iova, length }) => [Number(iova - IOVA), Number(length)]);
    };
    const refused = iommufd.createSelftestDevice({ attachTo: ioas, dirtyTracking: false });
    return {
      early,
      made,
      kept: read(false),
      cleared: read(true),
      empty: read(true),
      refused: codeOf(() => refused.allocHwpt({ ioas, dirtyTracking: true })),
    };
  },

  'reports the hardware'({ iommufd }) {
    const device = iommufd.createSelftestDevice({ attachTo: iommufd.allocIoas() });
    const { type, ...info } = device.hwInfo();
    return { type, ...info, other: codeOf(() => device.hwInfo({ type: 'vtd' })) };
  },

  'allocates virtual IOMMUs, their devices and pages'({ iommufd }) {
    const ioas = iommufd.allocIoas();
    const device = iommufd.createSelftestDevice({ attachTo: ioas });
    const plain = device.allocHwpt({ ioas });
    const parent = device.allocHwpt({ ioas, nestParent: true });
    const refused = codeOf(() => device.allocViommu({ type: 'selftest', parent: plain }));
    const other: Viommu = device.allocViommu({ type: 'selftest', parent });
    const viommu = device.allocViommu({ type: 'selftest', parent, selftestData: 0xcafe_f00d });
    const vdevice = viommu.allocVdevice({ device, virtualId: 0x99n });
    const page = viommu.page();
    const again = viommu.page();
    page?.bytes().set([1, 2, 3], 5000);
    return {
      refused,
      ids: [parent.id, other.id, viommu.id, vdevice.id],
      twice: codeOf(() => other.allocVdevice({ device, virtualId: 0x98n })),
      none: other.page() === undefined,
      length: page?.length,
      data: Buffer.from(page?.bytes(0, 4) ?? []).toString('hex'),
      shared: [...(again?.bytes(5000, 3) ?? [])],
      used: codeOf(() => parent.close()),
    };
  },

  'invalidates caches, up to the entry that fails'(bench) {
    const { device, viommu } = bench.nested();
    viommu.allocVdevice({ device, virtualId: 0x99n });
    const hwpt = device.allocNestedHwpt({ on: viommu, data: NESTED });
    const slots = (...ids: number[]) => ids.map((iotlb_id) => ({ flags: 0, iotlb_id }));
    const entry = (cache_id: number, vdev_id = 0x99) => ({ flags: 0, vdev_id, cache_id });
    const tlb = [bench.tlb(hwpt, 1)];
    const failed = invalidation(() => hwpt.invalidate({ type: 'selftest', entries: slots(2, 0, 9, 1) }));
    tlb.push(bench.tlb(hwpt, 1));
    const all = invalidation(() =>
      hwpt.invalidate({ type: 'selftest', entries: [{ flags: 1, iotlb_id: 0 }] }),
    );
    tlb.push(bench.tlb(hwpt, 1));
    const unknown = invalidation(() =>
      viommu.invalidate({ type: 'selftest', entries: [entry(1), entry(3), entry(0, 0x98), entry(2)] }),
    );
    const flagged = invalidation(() =>
      hwpt.invalidate({ type: 'selftest', entries: [{ flags: 8, iotlb_id: 0 }] }),
    );
    return { failed, all, unknown, flagged, tlb, cache: bench.cache(device, CACHED) };
  },

  async 'reads events, and reports those that were lost'(bench) {
    const { device, viommu } = bench.nested();
    viommu.allocVdevice({ device, virtualId: 0x99n });
    device.attach(device.allocNestedHwpt({ on: viommu, data: NESTED }));
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 2 });
    const twice = codeOf(() => viommu.allocVeventq({ type: 'selftest', depth: 2 }));
    const silent = [veventq.read().length, await veventq.readable({ timeout: 0 })];
    const sent = bench.events(device, 5);
    const first = [await veventq.readable(), veventq.read()];
    const waiting = veventq.readable();
    bench.events(device, 1);
    const second = [await waiting, veventq.read()];
    const controller = new AbortController();
    const aborted = veventq.readable({ signal: controller.signal });
    controller.abort();
    const loop = (async () => {
      const got: unknown[] = [];
      for await (const item of veventq) if (got.push(item) === 3) break;
      return got;
    })();
    for (let i = 0; i < 3; i++) {
      bench.events(device, 1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { twice, silent, sent, first, second, aborted: await aborted, third: (await loop).length };
  },

  async 'reads page requests, and answers them'(bench) {
    const { iommufd } = bench;
    const { device, viommu } = bench.nested();
    viommu.allocVdevice({ device, virtualId: 0x99n });
    const faultQueue = iommufd.allocFaultQueue();
    const hwpt = device.allocNestedHwpt({ on: viommu, data: NESTED, faultQueue });
    const early = bench.pageRequest(device, { addr: 0x4000n, grpid: 1 });
    device.attach(hwpt);
    const waiting = faultQueue.readable();
    const sent = [
      bench.pageRequest(device, { addr: 0x5000n, grpid: 3 }),
      bench.pageRequest(device, { addr: 0x6000n, grpid: 4, perm: 0b1110 }),
    ];
    const isReady = await waiting;
    const groups = faultQueue.read();
    const shown = groups.map((group: FaultGroup) => ({
      isDevice: group.device === device,
      index: group.groupIndex,
      cookie: group.cookie,
      faults: group.faults.map(({ address, ...fault }) => ({ ...fault, address: String(address) })),
    }));
    groups[0]?.respond('success');
    const again = codeOf(() => groups[0]?.respond('success'));
    device.detach();
    // The kernel has answered what was pending.
    const late = codeOf(() => groups[1]?.respond('invalid'));
    return { early, sent, isReady, shown, again, late, used: codeOf(() => faultQueue.close()) };
  },

  'allocates hardware queues in order'({ iommufd }) {
    const ioas = iommufd.allocIoas();
    const device = iommufd.createSelftestDevice({ attachTo: ioas });
    const parent = device.allocHwpt({ ioas, nestParent: true });
    const viommu = device.allocViommu({ type: 'selftest', parent });
    const queue = (index: number, iova = IOVA) =>
      viommu.allocHwQueue({ type: 'selftest', index, iova, length: 64n });
    const unmapped = codeOf(() => queue(0));
    ioas.mapMemory(iommufd.allocMemory(PAGE), { iova: IOVA });
    const early = codeOf(() => queue(1));
    const first = queue(0);
    const second = queue(1, IOVA + 64n);
    const seen = {
      unmapped,
      early,
      twice: codeOf(() => queue(0)),
      beyond: codeOf(() => queue(2)),
      pinned: codeOf(() => ioas.unmapAll()),
      order: codeOf(() => first.close()),
    };
    second.close();
    first.close();
    return { ...seen, unpinned: codeOf(() => ioas.unmapAll()) };
  },

  'closes everything with its Iommufd'({ sys }) {
    const iommufd = Iommufd.open(sys);
    const ioas = iommufd.allocIoas();
    iommufd.createSelftestDevice({ attachTo: ioas });
    ioas.mapMemory(iommufd.allocMemory(PAGE), { iova: IOVA });
    iommufd.close();
    return {
      closed: iommufd.isClosed,
      late: codeOf(() => iommufd.allocIoas()),
      ioas: codeOf(() => ioas.iovaRanges()),
    };
  },
} satisfies Readonly<Record<string, Scenario>>;

/** The name of a scenario. */
export type ScenarioName = keyof typeof scenarios;

/** The names of all scenarios. */
export const SCENARIOS = Object.keys(scenarios) as readonly ScenarioName[];

/** Runs all scenarios, each on its own `/dev/iommu`. @returns what they saw, by name; of one that threw, the error */
export async function runScenarios(sys: () => Syscalls): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  for (const name of SCENARIOS) {
    const scenario: Scenario = scenarios[name];
    const bench = new Bench(sys());
    try {
      seen[name] = await scenario(bench);
    } catch (error) {
      seen[name] = { threw: String(error) };
    } finally {
      bench.end();
    }
  }
  return seen;
}
