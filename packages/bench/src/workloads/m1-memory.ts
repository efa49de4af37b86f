import { MockDevice } from '@iommufd/fakekernel';
import { IOMMU_IOAS_MAP, iommu_ioas_map, iommufd_ioas_map_flags } from '@iommufd/uapi';
import { held } from '../measure/allocated.js';
import type { Case, CaseWorkload, Runner } from '../workload.js';
import { offsetOf, PAGE, Program } from './program.js';

const { IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } =
  iommufd_ioas_map_flags;
const FLAGS = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;
/** Distance between the starts of areas, so that no two are adjacent. */
const STRIDE = 2n * BigInt(PAGE);
const MILLION = 1_000_000;
/** The greatest depth of a vEVENTQ, half a million. Two queues hold a million. */
const DEEPEST = 1 << 19;

/** Creates `count` objects, and returns a reference that keeps all of them. */
type Make = (count: number) => unknown;

function objects(count: number): unknown {
  const { iommufd } = new Program();
  return Array.from({ length: count }, () => iommufd.allocIoas());
}

/** Areas of a page each. @param withDevice true to map them in a page table, which pins each page */
function areas(count: number, withDevice: boolean): unknown {
  const program = new Program();
  const { iommufd } = program;
  const ioas = iommufd.allocIoas();
  if (withDevice) {
    const device = iommufd.openDevice(program.kernel.plug(new MockDevice()));
    const data = { type: 'selftest', iotlb: 0, pagetable_type: 1 } as const;
    device.attach(device.allocHwpt({ ioas, data }));
  }
  const memory = iommufd.allocMemory(PAGE);
  const fields = { size: iommu_ioas_map.byteLength, flags: FLAGS, ioas_id: ioas.id, length: BigInt(PAGE) };
  const map = program.prepare(IOMMU_IOAS_MAP, { ...fields, user_va: memory.address, iova: 0n });
  const at = offsetOf(iommu_ioas_map, 'iova');
  for (let i = 0; i < count; i++) {
    map.view.setBigUint64(at, BigInt(i) * STRIDE, true);
    program.call(map);
  }
  return program;
}

/** Events of mock devices that no program reads, half a million in each queue. */
function events(count: number): unknown {
  const program = new Program();
  const { iommufd, kernel } = program;
  for (let left = count; left > 0; left -= DEEPEST) {
    const hardware = new MockDevice();
    const device = iommufd.openDevice(kernel.plug(hardware));
    const parent = device.allocHwpt({ ioas: iommufd.allocIoas(), nestParent: true });
    const viommu = device.allocViommu({ type: 'selftest', parent });
    viommu.allocVdevice({ device, virtualId: 0x99n });
    const data = { type: 'selftest', iotlb: 0, pagetable_type: 0 } as const;
    device.attach(device.allocNestedHwpt({ on: viommu, data }));
    viommu.allocVeventq({ type: 'selftest', depth: DEEPEST });
    for (let i = 0; i < Math.min(left, DEEPEST); i++)
      if (!hardware.raiseEvent()) throw new Error('the event has no receiver');
  }
  return program;
}

function making(count: number, make: Make): Runner {
  const run = (): unknown => make(count);
  return {
    run: () => {
      const start = performance.now();
      run();
      return { operations: count, milliseconds: performance.now() - start };
    },
    bytesPerOperation: () => held(run) / count,
  };
}

const few = (name: string, count: number, make: Make): Case => ({
  name,
  kind: 'ours',
  countsBytes: true,
  isLong: true,
  size: count,
  start: () => making(count, make),
});

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'M1',
  title: 'M1: memory',
  operation: 'one',
  unit: 'us',
  module: import.meta.url,
  goals: [],
  text: `Bytes of the heap and of array buffers that one object holds after garbage collection, computed from the growth with many of
them. On Linux 7.3 of x86-64 an area is a struct iopt_area of 144 bytes and, for memory that no other area maps, a struct iopt_pages of
192, without what the allocator rounds up; a page that a page table shows is 8 bytes there, and 8 more while it is pinned without a page
table; an event that waits is a struct iommufd_vevent of 32 bytes and its data, which for the mock device are 4 and for an SMMUv3 are
32. In all, a million areas are 336 MB there, and a million events of an SMMUv3 64 MB.`,
  cases: [
    few('an object: an IOAS with its handle of the SDK', 10_000, objects),
    few('an area, of 10,000', 10_000, (count) => areas(count, false)),
    few('an area, of 1,000,000', MILLION, (count) => areas(count, false)),
    few('an area with its page mapped for a device, of 10,000', 10_000, (count) => areas(count, true)),
    few('an event that waits, of 10,000', 10_000, events),
    few('an event that waits, of 1,000,000', MILLION, events),
  ],
};
