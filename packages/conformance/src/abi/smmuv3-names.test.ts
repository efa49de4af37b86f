import { expect, test } from '@jest/globals';
import { arm_smmu_v3, smmuv3_ste } from '@iommufd/uapi';
import { maskOf } from '@iommufd/uapi/struct';
import { smmuv3Facts } from './facts.js';

const facts = smmuv3Facts;
const ours = new Map<string, bigint>(Object.entries(arm_smmu_v3));

test('the names are exactly those of the driver', () => {
  expect(Object.keys(facts.values)).toHaveLength(371);
  expect([...ours.keys()].sort()).toEqual(Object.keys(facts.values).sort());
});

test.each(Object.entries(facts.values).filter(([name]) => name !== 'GBPA_UPDATE'))(
  '%s is %s',
  (name, value) => {
    expect(ours.get(name)).toBe(BigInt(value));
  },
);

test('GBPA_UPDATE is bit 31 of a register of 32 bits', () => {
  // The driver writes 1 << 31, a negative int: widened to 64 bits it has all upper bits set.
  expect(facts.values['GBPA_UPDATE']).toBe('0xffffffff80000000');
  expect(arm_smmu_v3.GBPA_UPDATE).toBe(0x8000_0000n);
  expect(BigInt.asIntN(32, arm_smmu_v3.GBPA_UPDATE)).toBe(BigInt.asIntN(64, 0xffff_ffff_8000_0000n));
});

test('the names cannot be changed', () => {
  expect(Object.isFrozen(arm_smmu_v3)).toBe(true);
  arm_smmu_v3.CR0_SMMUEN satisfies bigint;
  // @ts-expect-error there is no such name
  expect(arm_smmu_v3.CR0_NOTHING).toBeUndefined();
});

test('the declarations have the wider addresses of SMMUv3.4', () => {
  const wide = maskOf(smmuv3_ste, 'S1ContextPtr');
  expect(wide & ~arm_smmu_v3.STRTAB_STE_0_S1CTXPTR_MASK).toBe(0xf0_0000_0000_0000n);
});
