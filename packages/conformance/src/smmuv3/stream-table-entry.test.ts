import { describe, expect, test } from '@jest/globals';
import { ID, NOWHERE, translate, vsmmu } from './guest.testing.js';

const ste =
  (word0: bigint, word1: bigint, answer: unknown, fields: object = {}): (() => void) =>
  () => {
    const { program, viommu } = vsmmu();
    expect(program.nested(viommu, word0, word1, fields)).toEqual(answer);
  };

describe('The stream table entry of a nested page table', () => {
  test('may be zero', ste(0n, 0n, ID));

  test('may have any bit but V set', ste(~1n, ~0n, ID));

  for (const config of [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n])
    test(
      `with V=1 and Config=${config} ${[0n, 4n, 5n].includes(config) ? 'is accepted' : 'fails with EIO'}`,
      ste(1n | (config << 1n), 0n, config === 0n || config === 4n || config === 5n ? ID : 'EIO'),
    );

  test('may have each bit of word 0 but 52 to 58, which fail with EIO', () => {
    const { program, viommu } = vsmmu();
    for (let bit = 4n; bit < 64n; bit++) {
      const answer = program.nested(viommu, 1n | (5n << 1n) | (1n << bit));
      expect([bit, answer]).toEqual([bit, bit >= 52n && bit <= 58n ? 'EIO' : ID]);
    }
  });

  for (const config of [0n, 4n, 5n])
    test(`with Config=${config} may have bits 0 to 7, 27 and 28 of word 1, and the others fail with EIO`, () => {
      const { program, viommu } = vsmmu();
      for (let bit = 0n; bit < 64n; bit++) {
        const answer = program.nested(viommu, 1n | (config << 1n), 1n << bit);
        expect([bit, answer]).toEqual([bit, bit < 8n || bit === 27n || bit === 28n ? ID : 'EIO']);
      }
    });

  for (const eats of [0n, 1n, 2n, 3n])
    for (const config of [0n, 4n, 5n])
      test(
        `with EATS=${eats} and Config=${config} ${eats < 2n ? 'is accepted' : 'fails with EIO'}`,
        ste(1n | (config << 1n), eats << 28n, eats < 2n ? ID : 'EIO'),
      );

  for (const data_len of [0, 8, 15, 24, 32, 4096])
    test(`fails with EINVAL for data_len ${data_len}`, ste(translate(), 0n, 'EINVAL', { data_len }));

  for (const data_type of [0, 1, 3, 99])
    test(`fails with EINVAL for data_type ${data_type}`, ste(translate(), 0n, 'EINVAL', { data_type }));

  test('fails with EFAULT for a pointer to no memory', ste(0n, 0n, 'EFAULT', { data_uptr: NOWHERE }));

  for (const flags of [1, 2, 8, 16])
    test(`fails with EOPNOTSUPP for flags ${flags}`, ste(translate(), 0n, 'EOPNOTSUPP', { flags }));

  test('fails with ENOENT for an unknown device', ste(translate(), 0n, 'ENOENT', { dev_id: 99 }));
});
