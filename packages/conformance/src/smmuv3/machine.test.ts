import { describe, expect, test } from '@jest/globals';
import type { Smmuv3Config } from '@iommufd/fakekernel';
import { PAGE } from '@iommufd/testkit/guest';
import { IOMMU_GET_HW_INFO, iommu_hw_info } from '@iommufd/uapi';
import { QEMU_SMMUV3 } from '@iommufd/tape';
import { Guest, ID, LEAF, MSI } from './guest.testing.js';
import { DATA, IOVA, IPA, NEST_PARENT, Program, sure, UNMAPPED } from './program.testing.js';

const ALL_44 = [0n, (1n << 44n) - 1n] as const;

/** The same SMMU with other stages. */
const withIdr = (idr0: number, idr3: number): Smmuv3Config => ({
  ...QEMU_SMMUV3,
  idr: [idr0, 0x0273_0010, 0, idr3, 0, 0x74],
});

// The text says that idr3 is 0x0414 there, but then the features had no BBML2, which they have.
const STAGE1_ONLY = withIdr(0x0d44_101a, 0x1404);

const STAGE2_ONLY = withIdr(0x0d44_1019, 0x1414);

/** What GET_HW_INFO gives: the fixed part, then the driver's words. */
function hwInfo(program: Program): readonly [object, number[]] {
  const data_uptr = program.words(0n, 0n, 0n, 0n, 0n, 0n);
  const answer = program.call(IOMMU_GET_HW_INFO, { dev_id: program.dev.id, data_len: 48, data_uptr });
  expect(answer).toBe('ok');
  const { out_data_type, data_len, out_capabilities, out_max_pasid_log2 } = program.out(iommu_hw_info);
  const bytes = new DataView(program.memory.buffer, PAGE);
  const words = Array.from({ length: 12 }, (_, i) => bytes.getUint32(4 * i, true));
  return [{ out_data_type, data_len, out_capabilities, out_max_pasid_log2 }, words];
}

const COMMON_INFO = { out_data_type: 2, data_len: 40, out_capabilities: 8n, out_max_pasid_log2: 0 };

describe('The machine of the tapes', () => {
  test('logs its features and the sizes of its queues', () =>
    expect(new Program().log()).toBe(
      [
        'oas 44-bit (features 0x010a8705)',
        'allocated 262144 entries for cmdq',
        'allocated 131072 entries for evtq',
      ]
        .map((line) => `arm-smmu-v3 9050000.smmuv3: ${line}`)
        .join('\n'),
    ));

  for (const [name, config, features] of [
    ['both stages', QEMU_SMMUV3, '0x010a8705'],
    ['stage 1 only', STAGE1_ONLY, '0x01028305'],
    ['stage 2 only', STAGE2_ONLY, '0x01028505'],
  ])
    test(`reports ${String(name)} by GET_HW_INFO and in its log`, () => {
      if (typeof config !== 'object') throw new TypeError('no configuration');
      const program = new Program({ smmus: [config] });
      const { idr } = config;
      expect(hwInfo(program)).toEqual([COMMON_INFO, [0, 0, ...idr, 0, 1, 0, 0]]);
      expect(program.log()).toContain(`features ${String(features)})`);
    });

  test('logs events of its second device with StreamID 0x30', () => {
    const guest = new Guest();
    const other = guest.bind(1);
    expect(guest.vdevice(guest.vsmmu, 0x456n, other.id)).toEqual(ID);
    expect(guest.attach(guest.s1, other)).toBe('ok');
    guest.fault(1, other);
    expect(guest.read(guest.queue)).toEqual([0n, 0x456_0000_0010n, 0x208_0000_0000n, UNMAPPED, 0n]);
    guest.close(guest.queue.fd);
    expect(guest.destroy(guest.queue.id)).toBe('ok');
    guest.fault(1, other);
    expect(guest.log()).toContain('sid: 0x30 ssid: 0x0 iova: 0x10002000');
  });

  test('faults for each access, which has at most 4 bytes and is aligned', () => {
    const guest = new Guest();
    const faults = (iova: bigint, length: number): bigint[] => {
      guest.dma(false, iova, length);
      const words = guest.read(guest.queue);
      if (typeof words === 'string') throw new Error(words);
      return words.filter((_, i) => i % 5 === 3).map((address) => address - UNMAPPED);
    };
    expect(faults(UNMAPPED, 10)).toEqual([0n, 4n, 8n]);
    expect(faults(UNMAPPED, 7)).toEqual([0n, 4n, 6n]);
    expect(faults(UNMAPPED + 2n, 9)).toEqual([2n, 4n, 8n, 10n]);
    expect(faults(UNMAPPED + 3n, 2)).toEqual([3n, 4n]);
  });

  test('moves bytes both ways through both stages', () => {
    const guest = new Guest();
    guest.stage1.describe(IOVA + 0x1000n, (IPA + BigInt((DATA + 1) * PAGE)) | LEAF);
    guest.guestPage(DATA).set([1, 2, 3, 4, 5, 6, 7, 8]);
    guest.dma(false, IOVA, 8);
    guest.dma(true, IOVA + 0x1000n, 8);
    expect([...guest.guestPage(DATA + 1).subarray(0, 9)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 0]);
  });

  test('makes no access for a device without bus mastering', () => {
    const guest = new Guest();
    guest.command(guest.dev.fd, 2);
    guest.fault();
    expect(guest.read(guest.queue)).toEqual([]);
  });

  test('fails to start the engine where its registers cannot be reached', () => {
    const guest = new Guest();
    guest.command(guest.dev.fd, 0);
    expect(guest.dma(false, IOVA)).toBe('EIO');
    guest.close(guest.dev.fd);
    expect(guest.dma(false, IOVA)).toBe('EBADF');
  });

  test('leaves the MSI window out of IOVA_RANGES while a device is attached', () => {
    const program = new Program();
    const parent = program.parent();
    expect(program.ranges()).toEqual([ALL_44]);
    program.attach(parent);
    expect(program.ranges()).toEqual([
      [0n, MSI - 1n],
      [MSI + 0x10_0000n, ALL_44[1]],
    ]);
    program.detach();
    expect(program.ranges()).toEqual([ALL_44]);
  });

  for (const [name, config, bits] of [
    ['stage 1 only', STAGE1_ONLY, 48n],
    ['stage 2 only', STAGE2_ONLY, 44n],
  ] as const) {
    test(`with ${name} has no nest parent and no vIOMMU`, () => {
      const program = new Program({ smmus: [config] });
      expect(program.hwpt({ flags: NEST_PARENT })).toBe('EOPNOTSUPP');
      const plain = sure(program.hwpt({}));
      expect(program.viommu(plain)).toBe('EOPNOTSUPP');
      expect(program.viommu(99)).toBe('EOPNOTSUPP');
      expect(program.viommu(99, { dev_id: 99 })).toBe('ENOENT');
    });

    test(`with ${name} translates IOVAs of ${bits} bits`, () => {
      const program = new Program({ smmus: [config] });
      expect(program.attach(program.ioas)).toBe('ok');
      expect(program.ranges()).toEqual([
        [0n, MSI - 1n],
        [MSI + 0x10_0000n, (1n << bits) - 1n],
      ]);
      program.map(IOVA, 2);
      program.guestPage(0)[0] = 7;
      program.dma(false, IOVA);
      program.dma(true, IOVA + 0x1000n);
      expect(program.guestPage(1)[0]).toBe(7);
      program.log();
      program.dma(false, UNMAPPED);
      expect(program.log()).toContain(`event: F_TRANSLATION client: 0000:00:05.0 sid: 0x28`);
      expect(program.map((1n << bits) - 0x1000n)).toBe('ok');
      expect(program.map(1n << bits)).toBe('EINVAL');
    });
  }

  test('has page tables for PASIDs with stage 1, and none with stage 2 only', () => {
    expect(new Program({ smmus: [STAGE2_ONLY] }).hwpt({ flags: 8 })).toBe('EOPNOTSUPP');
    expect(new Program({ smmus: [STAGE1_ONLY] }).hwpt({ flags: 8 })).toEqual(ID);
  });
});
