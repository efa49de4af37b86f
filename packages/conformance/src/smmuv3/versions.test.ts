import { expect, test } from '@jest/globals';
import {
  IOMMU_GET_HW_INFO,
  iommu_hw_info,
  iommu_hw_info_type,
  IOMMU_HWPT_ALLOC,
  iommu_hwpt_alloc,
  IOMMU_VIOMMU_ALLOC,
} from '@iommufd/uapi';
import { Guest, SID, span } from './guest.testing.js';
import { CFGI_CD, NH_ALL, NH_VA, NSNH_ALL } from './invalidate.testing.js';
import { Program } from './program.testing.js';

const ATC_INV = 0x40n;
const OLD = { version: '7.2' };

test('until 7.2 only the opcode of a command is looked at, and its vSID', () => {
  const guest = new Guest(64, OLD);
  const give = (words: readonly bigint[]): unknown => guest.invalidate(guest.vsmmu, words);
  const taken = span(0, 255).filter((opcode) => {
    const [answer] = guest.invalidate(guest.vsmmu, [BigInt(opcode) | SID, 0n]);
    return answer === 'ok';
  });
  expect(taken).toEqual([0x05, 0x06, 0x10, 0x11, 0x12, 0x13, 0x30, 0x40]);
  expect(give([NH_ALL | (1n << 60n), 1n << 60n])).toEqual(['ok', 1]);
  for (const opcode of [CFGI_CD, ATC_INV])
    for (const sid of [0n, 0x124n]) expect(give([opcode | (sid << 32n), 0n])).toEqual(['EIO', 0]);
});

test.each([
  [[NSNH_ALL, 1n << 60n]],
  // A level hint without a granule.
  [[NH_VA, 1n << 8n]],
])('command %j is refused from 7.3 on', (words) => {
  const newest = new Guest();
  expect(newest.invalidate(newest.vsmmu, words)).toEqual(['EIO', 0]);
  const guest = new Guest(64, OLD);
  expect(guest.invalidate(guest.vsmmu, words)).toEqual(['ok', 1]);
});

test('6.12 has no part of the driver for iommufd', () => {
  const program = new Program({ version: '6.12' });
  const dev_id = program.dev.id;
  expect(program.call(IOMMU_GET_HW_INFO, { dev_id })).toBe('ok');
  expect(program.out(iommu_hw_info)).toMatchObject({
    out_data_type: iommu_hw_info_type.IOMMU_HW_INFO_TYPE_NONE,
    data_len: 0,
    out_max_pasid_log2: 0,
  });
  for (const flags of [1, 2, 8])
    expect(program.call(IOMMU_HWPT_ALLOC, { dev_id, pt_id: program.ioas, flags })).toBe('EOPNOTSUPP');
  expect(program.call(IOMMU_HWPT_ALLOC, { dev_id, pt_id: program.ioas })).toBe('ok');
  expect(program.call(IOMMU_VIOMMU_ALLOC, { dev_id })).toBe('ENOTTY');
});

test('a nested page table on a paging one is EINVAL in 6.12, as it is no nest parent, and later not an operation of the driver', () => {
  const answers = (['6.12', '7.2', '7.3'] as const).map((version) => {
    const program = new Program({ version });
    const dev_id = program.dev.id;
    expect(program.call(IOMMU_HWPT_ALLOC, { dev_id, pt_id: program.ioas })).toBe('ok');
    const pt_id = program.out(iommu_hwpt_alloc).out_hwpt_id;
    return program.call(IOMMU_HWPT_ALLOC, {
      dev_id,
      pt_id,
      data_type: 1,
      data_len: 8,
      data_uptr: program.at,
    });
  });
  expect(answers).toEqual(['EINVAL', 'EOPNOTSUPP', 'EOPNOTSUPP']);
});
