import { expect, test } from '@jest/globals';
import { decodeArray, encodeArray } from '../struct/codec.js';
import { toHex } from '../struct/bytes.js';
import type { AnyType } from '../struct/type.js';
import { invalidationEntries, iommu_hwpt_invalidate_data_type as types } from './hwpt-invalidate.js';

const { hwpt, viommu } = invalidationEntries;

/** For each data type two entries and their bytes. */
const table: [name: string, type: AnyType, entries: object[], hex: string[]][] = [
  [
    'VT-d on an HWPT',
    hwpt[types.IOMMU_HWPT_INVALIDATE_DATA_VTD_S1],
    [
      { addr: 0x1000n, npages: 2n, flags: 1, __reserved: 0 },
      { addr: 0n, npages: 0xffff_ffff_ffff_ffffn, flags: 0, __reserved: 0 },
    ],
    [
      '0010000000000000' + '0200000000000000' + '01000000' + '00000000',
      '0000000000000000' + 'ffffffffffffffff' + '00000000' + '00000000',
    ],
  ],
  [
    'SMMUv3 on a vIOMMU',
    viommu[types.IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3],
    [{ cmd: [0x12n, 0x1000n] }, { cmd: [0x30n, 0n] }],
    ['12000000000000000010000000000000', '30000000000000000000000000000000'],
  ],
  [
    'the mock driver on an HWPT',
    hwpt[types.IOMMU_HWPT_INVALIDATE_DATA_SELFTEST],
    [
      { flags: 1, iotlb_id: 0 },
      { flags: 0, iotlb_id: 3 },
    ],
    ['0100000000000000', '0000000003000000'],
  ],
  [
    'the mock driver on a vIOMMU',
    viommu[types.IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST],
    [
      { flags: 1, vdev_id: 0x99, cache_id: 0 },
      { flags: 0, vdev_id: 0x99, cache_id: 2 },
    ],
    ['010000009900000000000000', '000000009900000002000000'],
  ],
];

test.each(table)(
  '%s: an array with entry_len equal to, longer than and shorter than the format',
  (_name, type, entries, hex) => {
    expect(toHex(encodeArray(type, entries as never[]))).toBe(hex.join(''));
    expect(decodeArray(type, encodeArray(type, entries as never[]))).toEqual(entries);

    const longer = { stride: type.byteLength + 8 };
    const bytes = encodeArray(type, entries as never[], longer);
    expect(toHex(bytes)).toBe(hex.map((entry) => `${entry}0000000000000000`).join(''));
    expect(decodeArray(type, bytes, { ...longer, count: 2 })).toEqual(entries);
    bytes[bytes.length - 1] = 1;
    expect(() => decodeArray(type, bytes, longer)).toThrow(
      `${type.name}[1] at offset ${bytes.length - 1}: expected zero beyond the struct, found 1`,
    );

    const shorter = encodeArray(type, entries as never[]).subarray(0, 4);
    expect(decodeArray(type, shorter, { stride: 4 })).toHaveLength(1);
  },
);
