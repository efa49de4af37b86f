import { describe, expect, test } from '@jest/globals';
import { iommu_fault_alloc, IOMMU_FAULT_QUEUE_ALLOC, IOMMU_IOAS_MAP } from '@iommufd/uapi';
import { Guest, ID, NOWHERE, span, translate } from './guest.testing.js';
import { FAULT_ID_VALID, IOVA, Program, sure } from './program.testing.js';

/** A page table made with these fields on the IOAS. */
const hwpt =
  (fields: object, answer: unknown): (() => void) =>
  () =>
    expect(new Program().hwpt(fields)).toEqual(answer);

describe('IOMMU_HWPT_ALLOC on an IOAS', () => {
  for (const flags of span(0, 31)) {
    const answer =
      flags === 0 || flags === 1 || flags === 8 ? ID : flags === 4 || flags === 12 ? 'ENOENT' : 'EOPNOTSUPP';
    test(
      `with flags ${flags} and an unknown fault_id ${typeof answer === 'string' ? `fails with ${answer}` : 'succeeds'}`,
      hwpt({ flags, fault_id: 99 }, answer),
    );
  }

  test('fails with EOPNOTSUPP for an unknown flag', hwpt({ flags: 0x8000_0000 }, 'EOPNOTSUPP'));

  test(
    'fails with EOPNOTSUPP for data of an STE',
    hwpt({ data_type: 2, data_len: 16, data_uptr: NOWHERE }, 'EOPNOTSUPP'),
  );

  test('fails with EOPNOTSUPP for data of an STE on a parent', () => {
    const program = new Program();
    const pt_id = program.parent();
    const data_uptr = program.words(translate(), 0n);
    expect(program.hwpt({ pt_id, data_type: 2, data_len: 16, data_uptr })).toBe('EOPNOTSUPP');
  });

  test(
    'fails with EINVAL for a data_len without a data_type',
    hwpt({ data_len: 16, data_uptr: NOWHERE }, 'EINVAL'),
  );

  test('fails with EINVAL for a data_type without a data_len', hwpt({ data_type: 2 }, 'EINVAL'));

  test('fails with EOPNOTSUPP if __reserved is set', hwpt({ __reserved: 1 }, 'EOPNOTSUPP'));

  test('ignores __reserved2', hwpt({ __reserved2: 1 }, ID));

  test('ignores fault_id without its flag', hwpt({ fault_id: 99 }, ID));

  test('fails with ENOENT for an unknown device', hwpt({ dev_id: 99 }, 'ENOENT'));

  test('fails with EINVAL for an unknown pt_id', hwpt({ pt_id: 99 }, 'EINVAL'));

  test('fails with EINVAL for a pt_id of another type', () => {
    const guest = new Guest();
    for (const pt_id of [guest.dev.id, guest.queue.id, guest.vdev])
      expect(guest.hwpt({ pt_id })).toBe('EINVAL');
  });

  test('fails with EFAULT if the IOAS maps memory that is not there', () => {
    const program = new Program();
    const fields = { ioas_id: program.ioas, user_va: NOWHERE, length: 4096n, iova: IOVA, flags: 7 };
    expect(program.call(IOMMU_IOAS_MAP, fields)).toBe('ok');
    expect(program.hwpt({})).toBe('EFAULT');
    expect(program.attach(program.ioas)).toBe('EFAULT');
    program.unmap(IOVA);
    expect(program.hwpt({})).toEqual(ID);
  });

  test('returns a page table with a fault queue that attaches, nested or not', () => {
    const guest = new Guest();
    expect(guest.call(IOMMU_FAULT_QUEUE_ALLOC)).toBe('ok');
    const fault_id = guest.out(iommu_fault_alloc).out_fault_id;
    const fields = { flags: FAULT_ID_VALID, fault_id };
    for (const id of [guest.hwpt(fields), guest.nested(guest.vsmmu, translate(), 0n, fields)])
      expect(guest.attach(sure(id))).toBe('ok');
  });
});
