import { type AtcInvalidation, smmuv3Config, type Smmuv3Config } from '@iommufd/smmuv3';
import { expect, test } from '@jest/globals';
import {
  iommu_hw_info_arm_smmuv3,
  IOMMU_GET_HW_INFO,
  iommu_hw_info,
  iommufd_hwpt_alloc_flags,
  smmuv3_command,
} from '@iommufd/uapi';
import { decode, encode, view } from '@iommufd/uapi/struct';
import { FakeKernel, FakeSmmuv3 } from '../../index.js';
import { type Bound, DATA, IOVA, IPA, SmmuProgram } from './smmu.testing.js';

const { cases } = smmuv3_command;
const { IOMMU_HWPT_ALLOC_NEST_PARENT, IOMMU_HWPT_ALLOC_PASID, IOMMU_HWPT_ALLOC_DIRTY_TRACKING } =
  iommufd_hwpt_alloc_flags;

/** The recorded configuration of QEMU's SMMU, with other values of SMMU_IDR0 and SMMU_IDR3. */
const like = (idr0: number, idr3: number): Smmuv3Config => ({
  idr: [idr0, 0x0273_0010, 0, idr3, 0, 0x74],
  iidr: 0,
  aidr: 1,
});

test.each([
  ['both stages', like(0x0d44_101b, 0x1414), '0x010a8705', true],
  ['stage 1', like(0x0d44_101a, 0x1404), '0x01028305', false],
  ['stage 2', like(0x0d44_1019, 0x1414), '0x01028505', false],
])('features of an SMMU with %s', (_name, config, features, nests) => {
  const program = new SmmuProgram(config);
  expect(program.kernel.messages).toEqual(
    [
      `oas 44-bit (features ${features})`,
      'allocated 262144 entries for cmdq',
      'allocated 131072 entries for evtq',
    ].map((line) => `arm-smmu-v3 9050000.smmuv3: ${line}`),
  );
  const bound = program.bind({ streamId: 0x28, canwbs: true });
  const parent = program.hwpt(bound, IOMMU_HWPT_ALLOC_NEST_PARENT);
  expect(parent).toEqual(nests ? expect.any(Number) : 'EOPNOTSUPP');
  const plain = program.ok(program.hwpt(bound, 0));
  expect(program.attach(bound, plain)).toBe(plain);
  expect(program.viommu(bound, nests ? Number(parent) : plain)).toEqual(
    nests ? expect.any(Number) : 'EOPNOTSUPP',
  );
});

test('IOMMU_HWPT_ALLOC supports the flag for PASIDs, and fails with EOPNOTSUPP for others', () => {
  const program = new SmmuProgram();
  const bound = program.bind({ streamId: 0x28 });
  expect(program.hwpt(bound, IOMMU_HWPT_ALLOC_PASID)).toEqual(expect.any(Number));
  expect(program.hwpt(bound, IOMMU_HWPT_ALLOC_DIRTY_TRACKING)).toBe('EOPNOTSUPP');
  expect(program.hwpt(bound, IOMMU_HWPT_ALLOC_NEST_PARENT | IOMMU_HWPT_ALLOC_PASID)).toBe('EOPNOTSUPP');
  expect(program.hwpt(bound, 1 << 7)).toBe('EOPNOTSUPP');
});

test('GET_HW_INFO returns the identification registers', () => {
  const config = smmuv3Config();
  const program = new SmmuProgram(config);
  const { id } = program.bind({ streamId: 0x28, pasidBits: 8 });
  const data = { data_len: 40, data_uptr: program.at + 4096n };
  expect(program.call(IOMMU_GET_HW_INFO, (cmd) => Object.assign(cmd, { dev_id: id, ...data }))).toBe(0);
  const { out_data_type, out_max_pasid_log2 } = view(iommu_hw_info, program.memory);
  expect([out_data_type, out_max_pasid_log2]).toEqual([2, 8]);
  const { idr, aidr, iidr, flags } = decode(iommu_hw_info_arm_smmuv3, program.memory.slice(4096, 4096 + 40));
  expect({ idr, aidr, iidr, flags }).toEqual({ idr: config.idr, aidr: 2, iidr: 0, flags: 0 });
});

test('a virtual SMMU requires write-back memory that a guest cannot override', () => {
  const program = new SmmuProgram(like(0x0d44_101b, 0x1414));
  const [bare, coherent] = [program.bind({ streamId: 1 }), program.bind({ streamId: 2, canwbs: true })];
  // It is refused before the page table is looked up.
  expect(program.viommu(bare, 99)).toBe('EOPNOTSUPP');
  expect(program.viommu(coherent, 99)).toBe('ENOENT');
});

test('two SMMUs in one machine are independent', async () => {
  const program = new SmmuProgram();
  const second = new FakeSmmuv3(program.kernel, smmuv3Config(), 'arm-smmu-v3 9060000.smmuv3');
  const here = program.bind({ streamId: 0x28 });
  const there = program.bind({ streamId: 0x28 }, { behind: second });
  const parents = [program.parent(here), program.parent(there)] as const;
  expect(program.viommu(there, parents[0])).toBe('EINVAL');
  const viommu = program.ok(program.viommu(here, parents[0]));
  expect(program.vdevice(there, viommu, 1n)).toBe('EINVAL');
  expect(program.nested(there, viommu)).toBe('EINVAL');
  expect(program.attach(there, parents[0])).toBe('EINVAL');
  // Both SMMUs may map the same IOAS, and use the same virtual id.
  program.map(IPA, 0, 16);
  program.guestPage(DATA)[0] = 8;
  for (const [i, bound] of [here, there].entries()) {
    expect(program.attach(bound, parents[i] ?? 0)).toBe(parents[i]);
    await expect(bound.device.dma.read(IPA + BigInt(DATA * 4096), 1)).resolves.toEqual(new Uint8Array([8]));
  }
});

test('hardware and devices that Linux does not support are refused', () => {
  const kernel = new FakeKernel();
  expect(() => new FakeSmmuv3(kernel, smmuv3Config({ commandQueueLog2: 6 }))).toThrow(
    'command queue size <= 64 entries not supported',
  );
  expect(() => new FakeSmmuv3(kernel, smmuv3Config({ stage1: false, stage2: false }))).toThrow(
    'no translation support!',
  );
  const smmu = new FakeSmmuv3(kernel, smmuv3Config({ sidBits: 8 }));
  smmu.addDevice({ streamId: 0xff });
  expect(() => smmu.addDevice({ streamId: 0xff })).toThrow('StreamID 0xff belongs to another device already');
  expect(() => smmu.addDevice({ streamId: 0x100 })).toThrow('StreamID 0x100 is beyond the stream table');
});

test('linear stream tables, and second-level tables that several devices share', async () => {
  for (const config of [smmuv3Config({ sidBits: 8 }), smmuv3Config({ sidBits: 16 })]) {
    const program = new SmmuProgram(config);
    program.map(IOVA, DATA, 1);
    for (const streamId of [0x28, 0x30]) {
      const bound = program.bind({ streamId });
      await expect(bound.device.dma.read(IOVA, 1)).rejects.toThrow('blocked');
      program.ok(program.attach(bound, 1));
      await expect(bound.device.dma.write(IOVA, new Uint8Array([streamId]))).resolves.toBeUndefined();
      expect(program.guestPage(DATA)[0]).toBe(streamId);
      program.detach(bound);
      await expect(bound.device.dma.read(IOVA, 1)).rejects.toThrow('blocked');
    }
  }
});

test.each([true, false])(
  'unmapping invalidates cached translations, with ranges: %s',
  async (rangeInvalidation) => {
    const program = new SmmuProgram(smmuv3Config({ rangeInvalidation }));
    const bound = program.bind({ streamId: 0x28 });
    program.ok(program.attach(bound, 1));
    for (const pages of [1, 2, 3, 5]) {
      program.map(IOVA, DATA, pages);
      const last = IOVA + BigInt((pages - 1) * 4096);
      await bound.device.dma.read(last, 1);
      program.unmap(IOVA, pages);
      await expect(bound.device.dma.read(last, 1)).rejects.toThrow('aborted');
    }
  },
);

test('stage 1 cannot forbid reads of a writable page, stage 2 can', async () => {
  const program = new SmmuProgram();
  const bound = program.bind({ streamId: 0x28 });
  const [stage1, stage2] = [program.ok(program.hwpt(bound, 0)), program.parent(bound)];
  const WRITE_ONLY = 3;
  program.map(IOVA, DATA, 1);
  program.mapWith(IOVA + 0x1000n, DATA + 1, WRITE_ONLY);
  program.ok(program.attach(bound, stage1));
  // Stage 1 has no encoding for write-only pages.
  await expect(bound.device.dma.read(IOVA + 0x1000n, 1)).resolves.toEqual(new Uint8Array(1));
  program.ok(program.attach(bound, stage2));
  await expect(bound.device.dma.read(IOVA + 0x1000n, 1)).rejects.toThrow('aborted');
  await expect(bound.device.dma.write(IOVA + 0x1000n, new Uint8Array(1))).resolves.toBeUndefined();
});

/** A device on a guest's stage 1. */
function guest(config?: Smmuv3Config): { program: SmmuProgram; bound: Bound; viommu: number } {
  const program = new SmmuProgram(config);
  const bound = program.bind({ streamId: 0x28, ats: true, pasidBits: 8 });
  program.setUpGuest();
  program.show(0, DATA);
  const viommu = program.ok(program.viommu(bound, program.parent(bound)));
  program.ok(program.vdevice(bound, viommu, 0x123n));
  program.ok(program.attach(bound, program.ok(program.nested(bound, viommu))));
  return { program, bound, viommu };
}

const nhAll = (VMID = 0): Uint8Array => encode(smmuv3_command, { Opcode: cases.CMD_TLBI_NH_ALL.tag, VMID });
const cfgiCd = (StreamID: number, SubstreamID: number): Uint8Array =>
  encode(smmuv3_command, { Opcode: cases.CMD_CFGI_CD.tag, SSec: 0, SubstreamID, StreamID, Leaf: 1 });
const atcInv = (StreamID: number): Uint8Array => {
  const none = { Global: 0, SSV: 0, SubstreamID: 0 };
  return encode(smmuv3_command, {
    Opcode: cases.CMD_ATC_INV.tag,
    ...none,
    StreamID,
    Size: 1,
    Address: IOVA,
  });
};

test('ATC invalidations of a guest reach the device with its physical StreamID', () => {
  const { program, bound, viommu } = guest();
  const told: AtcInvalidation[] = [];
  bound.device.onAtcInvalidate = (invalidation) => void told.push(invalidation);
  expect(program.invalidate(viommu, [nhAll(77), cfgiCd(0x123, 3), atcInv(0x123)])).toEqual([0, 3]);
  expect(told).toEqual([expect.objectContaining({ streamId: 0x28, address: IOVA, size: 1 })]);
  expect(program.invalidate(viommu, [atcInv(0x28)])).toEqual(['EIO', 0]);
});

test('an ATC is invalidated for the changed range, or completely if a guest has stage 1', () => {
  const program = new SmmuProgram();
  const bound = program.bind({ streamId: 0x28, ats: true });
  const told: (readonly [bigint, number])[] = [];
  bound.device.onAtcInvalidate = ({ address, size }) => void told.push([address, size]);
  const ALL = 52;
  program.ok(program.attach(bound, 1));
  program.map(IOVA + 0x1000n, DATA, 2);
  program.unmap(IOVA + 0x1000n, 2);
  // Pages 1 and 2 are not in the same aligned pair.
  expect(told.splice(0)).toEqual([[IOVA, 2]]);
  program.ok(program.attach(bound, program.parent(bound)));
  expect(told.splice(0)).toEqual([[0n, ALL]]);
  program.map(IOVA, DATA, 1);
  program.unmap(IOVA, 1);
  expect(told.splice(0)).toEqual([[0n, ALL]]);
  program.detach(bound);
  expect(told.splice(0)).toEqual([[0n, ALL]]);
});

test('commands for ATS, substreams and ranges fail with EIO if the SMMU does not support them', () => {
  const { program, viommu } = guest(smmuv3Config({ ats: false, ssidBits: 0, rangeInvalidation: false }));
  expect(program.invalidate(viommu, [atcInv(0x123)])).toEqual(['EIO', 0]);
  expect(program.invalidate(viommu, [cfgiCd(0x123, 1)])).toEqual(['EIO', 0]);
  expect(program.invalidate(viommu, [cfgiCd(0x123, 0)])).toEqual([0, 1]);
  const range = { NUM: 1, SCALE: 0, TG: 1, TTL: 0, TTL128: 0, Leaf: 0, VMID: 0, ASID: 0, Address: IOVA };
  const nhVa = encode(smmuv3_command, { Opcode: cases.CMD_TLBI_NH_VA.tag, ...range });
  expect(program.invalidate(viommu, [nhVa])).toEqual(['EIO', 0]);
});

test('commands before a refused one in the same block count as done, but are never executed', async () => {
  const { program, bound, viommu } = guest();
  const stale = async (): Promise<boolean> => {
    program.show(0, DATA);
    expect(program.invalidate(viommu, [nhAll()])).toEqual([0, 1]);
    await bound.device.dma.read(IOVA, 1);
    return true;
  };
  const bad = new Uint8Array(16).fill(0xff);
  const isCached = async (): Promise<boolean> =>
    bound.device.dma.read(IOVA, 1).then(
      () => true,
      () => false,
    );
  for (const [before, cached] of [
    [1, true],
    [62, true],
    [63, false],
  ] as const) {
    await stale();
    program.hide(0);
    const commands = [...new Array<Uint8Array>(before).fill(nhAll()), bad];
    expect(program.invalidate(viommu, commands)).toEqual(['EIO', before]);
    expect(await isCached()).toBe(cached);
  }
});

test('a guest cannot invalidate translations of another guest', async () => {
  const { program, bound, viommu } = guest();
  await bound.device.dma.read(IOVA, 1);
  program.hide(0);
  const other = program.bind({ streamId: 0x30 });
  const others = program.ok(program.viommu(other, program.parent(other)));
  expect(program.invalidate(others, [nhAll(1)])).toEqual([0, 1]);
  await expect(bound.device.dma.read(IOVA, 1)).resolves.toEqual(new Uint8Array(1));
  expect(program.invalidate(viommu, [nhAll(1)])).toEqual([0, 1]);
  await expect(bound.device.dma.read(IOVA, 1)).rejects.toThrow('aborted');
});

test('a removed device frees its StreamID', async () => {
  const program = new SmmuProgram();
  const bound = program.bind({ streamId: 0x28 });
  program.ok(program.attach(bound, 1));
  expect(() => program.smmu.removeDevice(bound.device)).toThrow('the device is attached');
  program.process.close(bound.fd);
  program.kernel.unplug(bound.device);
  program.smmu.removeDevice(bound.device);
  await expect(bound.device.dma.read(IOVA, 1)).rejects.toThrow('blocked');
  expect(program.smmu.addDevice({ streamId: 0x28 }).streamId).toBe(0x28);
});

test('nothing remains when the program exits', () => {
  const { program } = guest();
  program.process.exit();
  expect(program.kernel.leftOver()).toEqual([]);
});
