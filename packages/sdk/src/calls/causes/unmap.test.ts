import { describe, expect, test } from '@jest/globals';
import { Testbed } from '../../testing/testbed.testing.js';
import { errorOf, IOVA, PAGE } from '../../testing/devices.testing.js';
import { type Row, tellsTheCause } from './causes.testing.js';

const ULONG_MAX = (1n << 64n) - 1n;

function start(testbed: Testbed) {
  const ioas = testbed.iommufd.allocIoas();
  const memory = testbed.iommufd.allocMemory(4 * PAGE);
  const map = (page: number, pages: number) =>
    ioas.mapMemory(memory, { iova: IOVA + BigInt(page * PAGE), length: pages * PAGE });
  const [first, second] = [map(0, 2), map(4, 2)];
  const unmap = (page: number, pages: number): unknown =>
    ioas.unmap({ iova: IOVA + BigInt(page * PAGE), length: BigInt(pages * PAGE) });
  return { ioas, first, second, unmap, empty: testbed.iommufd.allocIoas() };
}

const rows: Row<ReturnType<typeof start>>[] = [
  [
    'nothing is mapped in the range',
    'ENOENT',
    ({ unmap }) => [
      () => unmap(2, 2),
      'Nothing is mapped at 0x1002000-0x1003fff. Mapped through this Ioas: 0x1000000-0x1001fff, 0x1004000-0x1005fff.',
    ],
  ],
  [
    'nothing is mapped at all',
    'ENOENT',
    ({ empty }) => [
      () => empty.unmap({ iova: IOVA, length: 4096n }),
      'Nothing is mapped at 0x1000000-0x1000fff. Mapped through this Ioas: nothing.',
    ],
  ],
  [
    'the end of a mapping',
    'ENOENT',
    ({ unmap }) => [
      () => unmap(1, 2),
      'The mapping 0x1000000-0x1001fff lies only partly within 0x1001000-0x1002fff, and mappings cannot be split: unmap it as a ' +
        'whole.',
    ],
  ],
  [
    'the start of a mapping',
    'ENOENT',
    ({ unmap }) => [
      () => unmap(3, 2),
      'The mapping 0x1004000-0x1005fff lies only partly within 0x1003000-0x1004fff, and mappings cannot be split: unmap it as a ' +
        'whole.',
    ],
  ],
  ['no bytes', 'EINVAL', ({ ioas }) => [() => ioas.unmap({ iova: IOVA, length: 0n }), 'length is 0.']],
  [
    'an IOVA of 2^64-1',
    'EOVERFLOW',
    ({ ioas }) => [
      () => ioas.unmap({ iova: ULONG_MAX, length: 1n }),
      'iova is 2^64-1, which is not a valid address.',
    ],
  ],
  [
    'a range beyond the end of the address space',
    'EOVERFLOW',
    ({ ioas }) => [
      () => ioas.unmap({ iova: 0x1000n, length: ULONG_MAX - 1n }),
      'iova 0x1000 and length 18446744073709551614 exceed 64 bits in sum.',
    ],
  ],
];

describe('IOMMU_IOAS_UNMAP', () => tellsTheCause(start, rows));

test('mappings before a partly covered one are unmapped, and the error reports it', () => {
  const testbed = new Testbed();
  const { ioas, first, second, unmap } = start(testbed);
  const error = errorOf(() => unmap(0, 5));
  expect(error.meaning).toBe(
    'The mapping 0x1004000-0x1005fff lies only partly within 0x1000000-0x1004fff, and mappings cannot be split: unmap it as a ' +
      'whole. Mappings before it in the range have been unmapped.',
  );
  // The kernel does not report whether it is still mapped.
  expect(errorOf(() => unmap(0, 2)).meaning).toBe(
    'Nothing is mapped at 0x1000000-0x1001fff any more, since an unmap that failed.',
  );
  expect(errorOf(() => unmap(1, 2)).meaning).toBe(
    'One of these: nothing is mapped at 0x1001000-0x1002fff any more, since an unmap that failed; 0x1000000-0x1001fff lies ' +
      'only partly within 0x1001000-0x1002fff, and mappings cannot be split.',
  );
  first.unmap();
  second.unmap();
  expect(ioas.unmapAll()).toBe(0n);
  expect(testbed.end()).toEqual([]);
});

test('a mapping that was unmapped without the SDK', () => {
  const testbed = new Testbed();
  const { ioas, first } = start(testbed);
  const other = testbed.iommufd.allocIoas();
  // By another program with the same /dev/iommu, or by a direct ioctl.
  Object.assign(other, { id: ioas.id });
  other.unmapAll();
  expect(errorOf(() => first.unmap()).meaning).toBe(
    '0x1000000-0x1001fff was unmapped already, but not through this Ioas.',
  );
  expect(testbed.end()).toEqual([]);
});
