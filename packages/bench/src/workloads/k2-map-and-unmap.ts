import { MockDevice } from '@iommufd/fakekernel';
import {
  IOMMU_IOAS_MAP,
  IOMMU_IOAS_UNMAP,
  iommu_ioas_map,
  iommu_ioas_unmap,
  iommufd_ioas_map_flags,
} from '@iommufd/uapi';
import { Random } from '@iommufd/testkit';
import { type Case, type CaseWorkload, type Goal, type Runner, timed } from '../workload.js';
import { offsetOf, PAGE, Program } from './program.js';

const { IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } =
  iommufd_ioas_map_flags;
const BOTH = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;

const SIZES = [100, 10_000, 1_000_000] as const;
/** Distance between the starts of areas, each a page long. Fixed mappings use the gaps between them. */
const STRIDE = 4n * BigInt(PAGE);
const BETWEEN = 2n * BigInt(PAGE);
/** Length of automatically placed mappings. It exceeds the gaps, so the search passes all areas. */
const TOO_LONG = STRIDE;

/** Pairs of map and unmap that are timed together. */
const PAIRS = 2000;

const PLACEMENTS = ['fixed', 'automatic', 'fixed, with a device'] as const;
type Placement = (typeof PLACEMENTS)[number];

const count = (areas: number): string => areas.toLocaleString('en-US');
export const nameOf = (areas: number, placement: Placement): string => `${count(areas)} areas, ${placement}`;

function start(areas: number, placement: Placement): Runner {
  const program = new Program();
  const { iommufd } = program;
  const ioas = iommufd.allocIoas();
  if (placement === 'fixed, with a device') {
    const device = iommufd.openDevice(program.kernel.plug(new MockDevice()));
    // A page table for 56 bits of address.
    const data = { type: 'selftest', iotlb: 0, pagetable_type: 1 } as const;
    device.attach(device.allocHwpt({ ioas, data }));
  }
  const memory = iommufd.allocMemory(Number(STRIDE));
  const isFixed = placement !== 'automatic';
  const length = isFixed ? BigInt(PAGE) : TOO_LONG;
  const fields = { size: iommu_ioas_map.byteLength, ioas_id: ioas.id, user_va: memory.address };
  const fixed = BOTH | IOMMU_IOAS_MAP_FIXED_IOVA;
  const fill = program.prepare(IOMMU_IOAS_MAP, { ...fields, flags: fixed, length: BigInt(PAGE), iova: 0n });
  const map = program.prepare(IOMMU_IOAS_MAP, {
    ...fields,
    flags: isFixed ? fixed : BOTH,
    length,
    iova: 0n,
  });
  const unmap = program.prepare(IOMMU_IOAS_UNMAP, {
    size: iommu_ioas_unmap.byteLength,
    ioas_id: ioas.id,
    iova: 0n,
    length,
  });
  const mapIova = offsetOf(iommu_ioas_map, 'iova');
  const unmapIova = offsetOf(iommu_ioas_unmap, 'iova');
  const unmapLength = offsetOf(iommu_ioas_unmap, 'length');
  for (let i = 0; i < areas; i++) {
    fill.view.setBigUint64(mapIova, BigInt(i) * STRIDE, true);
    program.call(fill);
  }
  const random = new Random(areas);
  // The addresses of the mappings, chosen before the measurement.
  const iovas = new BigUint64Array(PAIRS);
  return {
    run: () => {
      for (let i = 0; i < PAIRS; i++) iovas[i] = BigInt(random.next() % areas) * STRIDE + BETWEEN;
      return timed(2 * PAIRS, () => {
        for (const wanted of iovas) {
          map.view.setBigUint64(mapIova, isFixed ? wanted : 0n, true);
          program.call(map);
          const iova = isFixed ? wanted : map.view.getBigUint64(mapIova, true);
          unmap.view.setBigUint64(unmapIova, iova, true);
          unmap.view.setBigUint64(unmapLength, length, true);
          program.call(unmap);
        }
      });
    },
  };
}

const goal = (placement: Placement): Goal => ({
  kind: 'growth',
  of: nameOf(1_000_000, placement),
  from: nameOf(100, placement),
  below: 3,
});

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'K2',
  title: 'K2: map and unmap',
  operation: 'operation',
  unit: 'us',
  module: import.meta.url,
  goals: [goal('fixed'), goal('automatic')],
  text: `IOMMU_IOAS_MAP and IOMMU_IOAS_UNMAP in an IOAS that holds areas of a page each, with gaps of three pages between them. Fixed
mappings of a page go to gaps at random. Automatic ones are of four pages, so that no gap takes them and the kernel has to look
past all areas. An operation is either of the two; the two take turns. With a device the pages are pinned as well, and shown
in a page table.`,
  cases: PLACEMENTS.flatMap((placement) =>
    SIZES.map((areas): Case => ({
      name: nameOf(areas, placement),
      kind: 'ours',
      isLong: areas > 100_000,
      size: areas,
      start: () => start(areas, placement),
    })),
  ),
};
