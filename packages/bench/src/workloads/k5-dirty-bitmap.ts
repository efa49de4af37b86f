import { MockDevice, mockModule } from '@iommufd/fakekernel';
import {
  IOMMU_HWPT_GET_DIRTY_BITMAP,
  iommu_hwpt_get_dirty_bitmap,
  IOMMU_TEST_CMD,
  iommu_test_cmd,
  iommu_test_op,
} from '@iommufd/uapi';
import { type Case, type CaseWorkload, type Runner, timed } from '../workload.js';
import { PAGE, Program } from './program.js';

const GIB = 2 ** 30;
/** The aperture of the mock driver's page table format with huge pages, in bytes. */
const WHOLE = 256 * GIB;

/** How the bitmap is read. */
type Way = 'ioctl' | 'read' | 'take';

interface Problem {
  /** Size of the range in bytes. */
  readonly range: number;
  /** Number of dirty pages, evenly spread. */
  readonly dirty: number;
  /** Number of areas that map the range. Default: 1. */
  readonly areas?: number;
  /** Default: the ioctl without the SDK. */
  readonly way?: Way;
}

function start({ range, dirty, areas = 1, way = 'ioctl' }: Problem): Runner {
  const program = new Program([mockModule]);
  const { iommufd } = program;
  const ioas = iommufd.allocIoas();
  const device = iommufd.openDevice(program.kernel.plug(new MockDevice()));
  // A page table for 38 bits of address.
  const data = { type: 'selftest', iotlb: 0, pagetable_type: 1 } as const;
  const hwpt = device.allocHwpt({ ioas, dirtyTracking: true, data });
  device.attach(hwpt);
  const memory = iommufd.allocMemory(range);
  const length = range / areas;
  for (let i = 0; i < areas; i++) {
    const offset = i * length;
    ioas.mapMemory(memory, { iova: BigInt(offset), offset, length });
  }
  hwpt.setDirtyTracking(true);

  // Marks pages dirty through IOMMU_TEST_CMD instead of writing to them: a bit for the first page of each step.
  const step = Math.floor(range / PAGE / dirty) * PAGE;
  const steps = iommufd.allocMemory(Math.ceil(dirty / 8));
  const stepBits = steps.bytes(0, Math.ceil(dirty / 8)).fill(0xff);
  if (dirty % 8 !== 0) stepBits[stepBits.length - 1] = (1 << (dirty % 8)) - 1;
  const mark = program.prepare(IOMMU_TEST_CMD, {
    size: iommu_test_cmd.byteLength,
    op: iommu_test_op.IOMMU_TEST_OP_DIRTY,
    id: hwpt.id,
    dirty: {
      flags: 0,
      iova: 0n,
      length: BigInt(step * dirty),
      page_size: BigInt(step),
      uptr: steps.address,
      out_nr_dirty: 0n,
    },
    last: 0,
  });

  if (way === 'ioctl') {
    const bitmap = iommufd.allocMemory(range / PAGE / 8);
    const bytes = bitmap.bytes();
    const read = program.prepare(IOMMU_HWPT_GET_DIRTY_BITMAP, {
      size: iommu_hwpt_get_dirty_bitmap.byteLength,
      hwpt_id: hwpt.id,
      flags: 0,
      iova: 0n,
      length: BigInt(range),
      page_size: BigInt(PAGE),
      data: bitmap.address,
    });
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    let isChecked = false;
    return {
      run: () => {
        bytes.fill(0);
        program.call(mark);
        const pass = timed(1, () => program.call(read));
        if (!isChecked) checkCount(dirty, countBits(words));
        isChecked = true;
        return pass;
      },
    };
  }

  const bitmap = hwpt.dirtyBitmap({ iova: 0n, length: BigInt(range) });
  const takeAll = (): number => {
    let taken = 0;
    for (const { length: bytes } of bitmap.take()) taken += Number(bytes) / PAGE;
    return taken;
  };
  return {
    run: () => {
      program.call(mark);
      if (way === 'take')
        return timed(1, () => {
          bitmap.read();
          checkCount(dirty, takeAll());
        });
      const pass = timed(1, () => bitmap.read());
      checkCount(dirty, takeAll());
      return pass;
    },
  };
}

function checkCount(expected: number, found: number): void {
  if (found !== expected) throw new Error(`${found} pages are dirty, and not ${expected}`);
}

function countBits(words: Uint32Array): number {
  let count = 0;
  for (const word of words) for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}

const size = (bytes: number): string => `${bytes / GIB} GiB`;

function caseOf(problem: Problem): Case {
  const { range, dirty, areas = 1, way = 'ioctl' } = problem;
  const mapped = areas === 1 ? '' : ` in ${areas.toLocaleString('en-US')} areas`;
  const through = {
    ioctl: '',
    read: ', DirtyBitmap.read()',
    take: ', DirtyBitmap.read() and take()',
  }[way];
  return {
    name: `${size(range)}${mapped}, ${dirty.toLocaleString('en-US')} dirty${through}`,
    kind: 'ours',
    size: range / GIB,
    start: () => start(problem),
  };
}

/** One page in a thousand of the largest range. */
const THOUSANDTH = 67_108;
/** The number of dirty pages in each range. */
const FEW = 1024;

const whole = caseOf({ range: WHOLE, dirty: THOUSANDTH });
export const few = [1, 16, 256].map((gib) => caseOf({ range: gib * GIB, dirty: FEW }));
const [smallest = whole, , largest = whole] = few;
const manyAreas = caseOf({ range: WHOLE, dirty: FEW, areas: 1024 });

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'K5',
  title: 'K5: dirty bitmaps',
  operation: 'call',
  unit: 'ms',
  module: import.meta.url,
  goals: [
    // 256 times the range, with the same number of dirty pages.
    { kind: 'growth', of: largest.name, from: smallest.name, below: 3 },
    // 66 times as many dirty pages in the same range, which exceeds the processor's caches.
    { kind: 'growth', of: whole.name, from: largest.name, below: (3 * THOUSANDTH) / FEW },
    // 1,024 areas with the same number of dirty pages: an area may take as long as a few dirty pages.
    { kind: 'growth', of: manyAreas.name, from: largest.name, below: 5 },
  ],
  text: `IOMMU_HWPT_GET_DIRTY_BITMAP at 4 KiB pages, which reads and clears: one page in a thousand of 256 GiB is dirty, and for comparison
the same few pages in ranges of other sizes, and in a range that is mapped in many areas. The SDK's \`DirtyBitmap\` makes the
same call; \`take()\` then looks at every word of the bitmap, so its time is proportional to the range: a bitmap of 256 GiB is 8 MiB.`,
  cases: [
    whole,
    caseOf({ range: WHOLE, dirty: THOUSANDTH, way: 'read' }),
    caseOf({ range: WHOLE, dirty: THOUSANDTH, way: 'take' }),
    ...few,
    manyAreas,
    caseOf({ range: WHOLE, dirty: FEW, way: 'read' }),
    caseOf({ range: WHOLE, dirty: FEW, way: 'take' }),
  ],
};
