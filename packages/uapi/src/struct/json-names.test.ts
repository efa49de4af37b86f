/** JSON with numbers given by name, or in another form than that of `toJson`. */
import { describe, expect, test } from '@jest/globals';
import { iommu_ioas_map } from '../iommufd/ioas-map.js';
import { smmuv3_event } from '../smmuv3/event.js';
import { decode, encode } from './codec.js';
import { fromJson, toJson } from './json-codec.js';
import { fromHex } from './bytes.js';

const MAP = toJson(iommu_ioas_map, decode(iommu_ioas_map, encode(iommu_ioas_map, mapOf(7))));
function mapOf(flags: number) {
  return { size: 40, flags, ioas_id: 1, user_va: 0x1000n, length: 0x1000n, iova: 0n };
}

describe('fromJson accepts flags', () => {
  test.each([
    ['a number', 7],
    ['a number in hex', '0x7'],
    ['names', 'IOMMU_IOAS_MAP_FIXED_IOVA|IOMMU_IOAS_MAP_WRITEABLE|IOMMU_IOAS_MAP_READABLE'],
    ['names with spaces between them', 'IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_WRITEABLE | 0x4'],
    ['names in lower case', 'iommu_ioas_map_fixed_iova|iommu_ioas_map_writeable|iommu_ioas_map_readable'],
  ])('as %s', (_how, flags) => {
    const value = fromJson(iommu_ioas_map, { ...(MAP as object), flags });
    expect(value.flags).toBe(7);
  });

  test('and names the unknown flag in its error', () => {
    expect(() => fromJson(iommu_ioas_map, { ...(MAP as object), flags: 'IOMMU_IOAS_MAP_FIXED' })).toThrow(
      /iommu_ioas_map\.flags at offset 4: .*IOMMU_IOAS_MAP_FIXED/,
    );
  });
});

test('a record with variants survives toJson and fromJson', () => {
  const bytes = fromHex('1000000023010000000000000802000000200010000000000000000000000000');
  const json = toJson(smmuv3_event, decode(smmuv3_event, bytes));
  expect(encode(smmuv3_event, fromJson(smmuv3_event, json))).toEqual(bytes);
  expect(fromJson(smmuv3_event, { ...(json as object), EventNumber: 'f_translation' })).toEqual(
    decode(smmuv3_event, bytes),
  );
});
