import { describe, expect, test } from '@jest/globals';
import { IOMMU_HW_QUEUE_ALLOC } from '@iommufd/uapi';
import { Guest, ID, NOWHERE } from './guest.testing.js';
import { IPA, Program, sure, sureQueue, VSID } from './program.testing.js';

describe('IOMMU_VIOMMU_ALLOC', () => {
  for (const type of [0, 2, 3, 0xffff_ffff])
    test(`fails with EOPNOTSUPP for type ${type}`, () => {
      const program = new Program();
      expect(program.viommu(program.parent(), { type })).toBe('EOPNOTSUPP');
    });

  test('fails for flags, an unknown device or page table, and one that is not a parent', () => {
    const program = new Program();
    const parent = program.parent();
    expect(program.viommu(parent, { flags: 1 })).toBe('EOPNOTSUPP');
    for (const dev_id of [99, parent, program.ioas])
      expect(program.viommu(parent, { dev_id })).toBe('ENOENT');
    for (const id of [99, program.ioas, program.dev.id]) expect(program.viommu(id)).toBe('ENOENT');
    expect(program.viommu(sure(program.hwpt({})))).toBe('EINVAL');
  });

  test('fails with ENOENT on a nested page table', () => {
    const guest = new Guest();
    expect(guest.viommu(guest.s1)).toBe('ENOENT');
  });

  test('ignores data and reserved fields, and allows several on a parent', () => {
    const program = new Program();
    const parent = program.parent();
    expect(program.viommu(parent, { data_len: 16, data_uptr: NOWHERE })).toEqual(ID);
    expect(program.viommu(parent, { __reserved: 7 })).toEqual(ID);
  });

  test('fails with EOPNOTSUPP without CANWBS, before the page table is looked up', () => {
    const program = new Program({ canwbs: false });
    expect(program.viommu(program.parent())).toBe('EOPNOTSUPP');
    expect(program.viommu(99)).toBe('EOPNOTSUPP');
  });
});

describe('IOMMU_VDEVICE_ALLOC', () => {
  test('fails with ENOENT for ids that are unknown or of another type', () => {
    const guest = new Guest();
    const other = guest.bind(1);
    for (const id of [99, guest.s1, guest.ioas, guest.dev.id])
      expect(guest.vdevice(id, 1n, other.id)).toBe('ENOENT');
    for (const id of [99, guest.s1, guest.vsmmu]) expect(guest.vdevice(guest.vsmmu, 1n, id)).toBe('ENOENT');
  });

  test('fails with EEXIST for a second vDEVICE of a device, and for a virt_id that is taken', () => {
    const guest = new Guest();
    const other = sure(guest.viommu(guest.s2));
    const dev = guest.bind(1);
    expect(guest.vdevice(guest.vsmmu, 5n)).toBe('EEXIST');
    expect(guest.vdevice(other, 5n)).toBe('EEXIST');
    expect(guest.vdevice(guest.vsmmu, BigInt(VSID), dev.id)).toBe('EEXIST');
    expect(guest.vdevice(other, BigInt(VSID), dev.id)).toEqual(ID);
  });

  for (const id of [0n, 1n << 32n, (1n << 64n) - 1n])
    test(`accepts virt_id 0x${id.toString(16)}`, () => {
      const program = new Program();
      expect(program.vdevice(sure(program.viommu(program.parent())), id)).toEqual(ID);
    });
});

describe('IOMMU_VEVENTQ_ALLOC', () => {
  for (const [name, fields, answer] of [
    ['depth 0', { veventq_depth: 0 }, 'EINVAL'],
    ['depth beyond 0x80000', { veventq_depth: 0x8_0001 }, 'EINVAL'],
    ['depth 0x80000', { veventq_depth: 0x8_0000 }, { id: ID, fd: ID }],
    ['type 0', { type: 0 }, 'EOPNOTSUPP'],
    ['flags', { flags: 1 }, 'EOPNOTSUPP'],
    ['__reserved', { __reserved: 1 }, 'EOPNOTSUPP'],
    ['unknown vIOMMU', { viommu_id: 99 }, 'ENOENT'],
    ['type 2 (TEGRA)', { type: 2 }, { id: ID, fd: ID }],
    ['type 7', { type: 7 }, { id: ID, fd: ID }],
  ] as const)
    test(`${typeof answer === 'string' ? `fails with ${answer} for` : 'accepts'} ${name}`, () => {
      const program = new Program();
      expect(program.veventq(sure(program.viommu(program.parent())), fields)).toEqual(answer);
    });

  test('fails with EEXIST for a second queue of a type', () => {
    const guest = new Guest();
    expect(guest.veventq(guest.vsmmu)).toBe('EEXIST');
    expect(guest.veventq(guest.vsmmu, { type: 7 })).toEqual({ id: ID, fd: ID });
    expect(guest.veventq(guest.vsmmu, { type: 7 })).toBe('EEXIST');
  });

  test('returns queues of types 2 and 7 that stay empty', () => {
    const guest = new Guest();
    const queues = [2, 7].map((type) => sureQueue(guest.veventq(guest.vsmmu, { type })));
    guest.fault();
    for (const queue of queues) expect([guest.poll(queue), guest.read(queue)]).toEqual([0, []]);
    expect(guest.sequences()).toEqual([0]);
  });
});

describe('IOMMU_HW_QUEUE_ALLOC', () => {
  for (const type of [0, 1])
    test(`fails with EOPNOTSUPP for type ${type}`, () => {
      const guest = new Guest();
      const fields = { viommu_id: guest.vsmmu, type, nesting_parent_iova: IPA, length: 4096n };
      expect(guest.call(IOMMU_HW_QUEUE_ALLOC, fields)).toBe('EOPNOTSUPP');
    });
});
