import { describe, expect, test } from '@jest/globals';
import {
  iommu_hwpt_invalidate,
  IOMMU_HWPT_INVALIDATE,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { Guest, NOWHERE, SID } from './guest.testing.js';
import { CFGI_CD, CFGI_CD_ALL, NH_ALL, NH_VA, staleAfter } from './invalidate.testing.js';
import { IOVA, named, VSID } from './program.testing.js';

const BAD = [0xffn, 0n] as const;

const args =
  (fields: object, answer: readonly [string, number]): (() => void) =>
  () => {
    const guest = new Guest();
    expect(guest.invalidate(guest.vsmmu, [NH_ALL, 0n], fields)).toEqual(answer);
  };

/** Commands of 4 MiB or more, where there is memory for them. */
function manyCommands(entry_num: number): readonly [string, number] {
  const guest = new Guest();
  const length = 16 * 262_146;
  const protection = PROT_READ | PROT_WRITE;
  const data_uptr = guest.process.mmap(0n, length, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);
  return guest.invalidate(guest.vsmmu, [0n, 0n], { entry_num, data_uptr });
}

const repeated = (count: number): bigint[] =>
  new Array<readonly bigint[]>(count).fill([NH_VA | (1n << 48n), IOVA]).flat();

describe('IOMMU_HWPT_INVALIDATE', () => {
  for (const data_type of [0, 2, 99])
    test(`fails with EINVAL for data_type ${data_type}`, args({ data_type }, ['EINVAL', 0]));

  test('fails with EOPNOTSUPP if __reserved is set', args({ __reserved: 1 }, ['EOPNOTSUPP', 0]));

  test('fails with EINVAL for entry_num 0', args({ entry_num: 0 }, ['EINVAL', 0]));

  test('fails with EINVAL without a pointer', args({ data_uptr: 0n }, ['EINVAL', 0]));

  test('fails with EFAULT for a pointer to no memory', args({ data_uptr: NOWHERE }, ['EFAULT', 0]));

  test('fails with EINVAL for entry_len 0', args({ entry_len: 0 }, ['EINVAL', 0]));

  test('fails with EINVAL for an entry_len beyond a page', args({ entry_len: 4097 }, ['EINVAL', 0]));

  for (const entry_len of [1, 8, 15, 16, 17, 24, 4096])
    test(`accepts entry_len ${entry_len} with zeros`, args({ entry_len }, ['ok', 1]));

  test('fails with E2BIG for an entry whose tail is not zero', () => {
    const guest = new Guest();
    const words = [NH_ALL, 0n, 1n];
    expect(guest.invalidate(guest.vsmmu, words, { entry_len: 24, entry_num: 1 })).toEqual(['E2BIG', 0]);
  });

  for (const entry_num of [0x8_0001, 0x7fff_ffff, 0xffff_ffff])
    test(`fails with EINVAL for entry_num ${entry_num}`, args({ entry_num }, ['EINVAL', 0]));

  test(
    'fails with EFAULT for entry_num 262144 without memory',
    args({ entry_num: 262_144, data_uptr: NOWHERE }, ['EFAULT', 0]),
  );

  test('fails with EIO for entry_num 262144 of invalid commands', () =>
    expect(manyCommands(262_144)).toEqual(['EIO', 0]));

  for (const entry_num of [262_145, 0x8_0000])
    test(`fails with ENOMEM for entry_num ${entry_num}, and leaves the number`, () => {
      args({ entry_num, data_uptr: NOWHERE }, ['ENOMEM', entry_num])();
      args({ entry_num, data_uptr: NOWHERE, data_type: 9 }, ['ENOMEM', entry_num])();
      expect(manyCommands(entry_num)).toEqual(['ENOMEM', entry_num]);
    });

  test('fails for an object that is not a vIOMMU', () => {
    const guest = new Guest();
    const answer = (id: number): string => guest.invalidate(id, [NH_ALL, 0n])[0];
    expect(answer(guest.s1)).toBe('EOPNOTSUPP');
    for (const id of [guest.s2, guest.ioas, guest.vdev]) expect(answer(id)).toBe('EINVAL');
    expect(answer(99)).toBe('ENOENT');
  });

  for (const [size, tail, answer] of [
    [24, 0n, 'EINVAL'],
    [31, 0n, 'EINVAL'],
    [32, 0n, 'ok'],
    [40, 0n, 'ok'],
    [40, 1n, 'E2BIG'],
  ] as const)
    test(`with a struct of ${size} bytes and the tail ${tail} ${answer === 'ok' ? 'succeeds' : `fails with ${answer}`}`, () => {
      const guest = new Guest();
      const bytes = guest.memory.subarray(0, 64).fill(0);
      const data_uptr = guest.words(NH_ALL, 0n);
      const fields = { size, hwpt_id: guest.vsmmu, data_uptr, data_type: 1, entry_len: 16, entry_num: 1 };
      Object.assign(view(iommu_hwpt_invalidate, bytes), fields);
      new DataView(guest.memory.buffer).setBigUint64(32, tail, true);
      expect(named(guest.process.ioctl(guest.iommufd, IOMMU_HWPT_INVALIDATE.request, guest.at))).toBe(answer);
    });

  for (const [count, left] of [
    [1, 'stale'],
    [62, 'stale'],
    [63, 'dropped'],
    [64, 'dropped'],
  ] as const)
    test(`of ${count} commands and a bad one fails with EIO after ${count}, and what they invalidate is ${left}`, () =>
      expect(staleAfter(() => [...repeated(count), ...BAD])).toEqual(['EIO', count, left]));

  test('by CFGI_CD or CFGI_CD_ALL drops what is cached of a context descriptor', () => {
    for (const opcode of [CFGI_CD, CFGI_CD_ALL]) {
      const guest = new Guest();
      guest.dma(false, IOVA);
      guest.cd.V = 0;
      guest.dma(false, IOVA + 4n);
      expect(guest.sequences()).toEqual([]);
      expect(guest.invalidate(guest.vsmmu, [opcode | SID, 0n])).toEqual(['ok', 1]);
      guest.dma(false, IOVA);
      expect(guest.read(guest.queue)).toEqual([0n, (BigInt(VSID) << 32n) | 0x0an, 0n, 0n, 0n]);
    }
  });
});
