import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { iommu_hwpt_arm_smmuv3, smmuv3_event, smmuv3_ste } from '@iommufd/uapi';
import { allRecords, allStructs } from '@iommufd/uapi/registry';
import { type AnyType, array, decode, struct, u16, u8, view } from '@iommufd/uapi/struct';
import fc from 'fast-check';
import { bytesFor } from './arbitrary.js';

// A view of a tagged union shows all members; a decoded value has only the selected one.
const types = [...allStructs.values(), ...allRecords.values()]
  .filter(({ name }) => name !== 'iommu_test_cmd')
  .map((type) => [type.name, type as AnyType] as const);

describe('a logged view', () => {
  test.each(types)('shows the decoded value: %s', (_name, type) => {
    fc.assert(
      fc.property(bytesFor(type), (bytes) => {
        expect(inspect(view(type, bytes), { depth: null })).toBe(
          inspect(decode(type, bytes), { depth: null }),
        );
      }),
      { numRuns: 20 },
    );
  });

  test('shows fields by name, and elements of arrays', () => {
    const point = struct('point', '', { x: u8.in(''), y: u8.in('') });
    const shape = struct('shape', '', { kind: u16.in(''), at: array(point, 2).in('') });
    const bytes = new Uint8Array([7, 0, 1, 2, 3, 4]);
    expect(inspect(view(shape, bytes))).toBe('{ kind: 7, at: [ { x: 1, y: 2 }, { x: 3, y: 4 } ] }');
    expect(inspect(view(iommu_hwpt_arm_smmuv3, new Uint8Array(16)))).toBe('{ ste: [ 0n, 0n ] }');
  });

  test('does not prevent logging its declaration', () => {
    expect(inspect(smmuv3_ste, { depth: 4 })).toContain("name: 'smmuv3_ste'");
  });

  test('shows the bytes of a record whose form is unknown', () => {
    const shown = inspect(view(smmuv3_event, new Uint8Array(32)));
    expect(shown).toMatch(/^\{\s+EventNumber: 0,\s+raw: Uint8Array\(32\) \[/);
  });
});
