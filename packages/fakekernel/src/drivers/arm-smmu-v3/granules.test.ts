import { smmuv3Config, type Smmuv3Options } from '@iommufd/smmuv3';
import { expect, test } from '@jest/globals';
import { IOMMU_IOAS_IOVA_RANGES, iommu_ioas_iova_ranges, iommu_iova_range } from '@iommufd/uapi';
import { decode, view } from '@iommufd/uapi/struct';
import { restrictBits, tableFormat } from './page-table.js';
import { DATA, IOVA, SmmuProgram } from './smmu.testing.js';

const NEST = 1;
const ALL = ['4KB', '16KB', '64KB'] as const;

/** The last IOVA that IOAS 1 can map. */
function lastIova(program: SmmuProgram): bigint {
  const at = 4096;
  const set = { ioas_id: 1, num_iovas: 8, allowed_iovas: program.at + BigInt(at) };
  expect(program.call(IOMMU_IOAS_IOVA_RANGES, (cmd) => Object.assign(cmd, set))).toBe(0);
  const { num_iovas } = view(iommu_ioas_iova_ranges, program.memory);
  const { byteLength } = iommu_iova_range;
  const end = at + num_iovas * byteLength;
  return decode(iommu_iova_range, program.memory.subarray(end - byteLength, end)).last;
}

test.each([
  [32, 1n << 32n],
  [36, 1n << 36n],
  [40, 1n << 40n],
  [42, 1n << 42n],
  [44, 1n << 44n],
  [48, 1n << 48n],
  // Tables of 4 KB pages have 48 bits, because Linux does not use DS.
  [52, 1n << 48n],
] as const)('with addresses of %i bits both stages translate 4 KB pages', async (addressBits, end) => {
  for (const largeAddresses of addressBits === 52 ? [false, true] : [false]) {
    const program = new SmmuProgram(smmuv3Config({ addressBits, granules: ALL, largeAddresses }));
    const bound = program.bind({ streamId: 0x28 });
    program.map(IOVA, DATA, 1);
    program.guestPage(DATA)[0] = 5;
    for (const flags of [0, NEST]) {
      const hwpt = program.ok(program.hwpt(bound, flags));
      program.ok(program.attach(bound, hwpt));
      await expect(bound.device.dma.read(IOVA, 1)).resolves.toEqual(Uint8Array.of(5));
    }
    expect(lastIova(program)).toBe(end - 1n);
  }
});

test.each([
  ['16 KB', { granules: ['16KB'] }],
  ['64 KB', { granules: ['64KB'] }],
  ['16 KB and 64 KB', { granules: ['16KB', '64KB'] }],
  ['64 KB, with addresses of 52 bits', { granules: ['64KB'], addressBits: 52 }],
] as const satisfies readonly (readonly [string, Smmuv3Options])[])(
  'hardware with only %s pages cannot map 4 KiB pages of the kernel',
  (_name, options) => {
    const program = new SmmuProgram(smmuv3Config(options));
    const bound = program.bind({ streamId: 0x28 });
    for (const flags of [0, NEST]) expect(program.hwpt(bound, flags)).toBe('EINVAL');
    expect(program.attach(bound, 1)).toBe('EINVAL');
  },
);

test.each([
  // Input bits, output bits, base 2 logarithm of the page size; the expected level and S2SL0.
  [44, 44, 12, 0, 2],
  [48, 48, 12, 0, 2],
  [42, 42, 12, 1, 1],
  [40, 40, 12, 1, 1],
  [36, 36, 12, 1, 1],
  [32, 32, 12, 1, 1],
  [48, 48, 14, 1, 2],
  [44, 44, 14, 1, 2],
  [40, 40, 14, 2, 1],
  [36, 36, 14, 2, 1],
  [52, 52, 16, 1, 2],
  [48, 48, 16, 1, 2],
  [42, 42, 16, 2, 1],
])(
  'stage 2 from %i bits to %i bits with pages of 2^%i bytes begins at level %i',
  (input, output, page, _level, code) => {
    const format = tableFormat(restrictBits(input, page), restrictBits(output, page), page);
    expect(format).toMatchObject({ tsz: 64 - input, startLevelCode: code });
  },
);
