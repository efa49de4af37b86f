import {
  encodeArray,
  IOMMU_HWPT_INVALIDATE,
  IOMMU_IOAS_MAP,
  IOMMU_IOAS_UNMAP,
  iommu_hwpt_invalidate,
  iommu_hwpt_invalidate_data_type,
  iommu_ioas_map,
  iommu_ioas_unmap,
  iommu_viommu_arm_smmuv3_invalidate,
  iommufd_ioas_map_flags,
  smmuv3_command,
} from '@iommufd/uapi';
import { type Case, type CaseWorkload, type Goal, type Runner, timed } from '../workload.js';
import { nested } from './nested.js';
import { PAGE, Program } from './program.js';

/** Calls that are timed together. */
const CALLS = 4096;
const IOVA = 0x1000_0000n;
const { IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } =
  iommufd_ioas_map_flags;

const repeated = (call: () => void): Runner => ({
  run: () =>
    timed(CALLS, () => {
      for (let i = 0; i < CALLS; i++) call();
    }),
});

function mapBySdk(): Runner {
  const { iommufd } = new Program();
  const ioas = iommufd.allocIoas();
  const memory = iommufd.allocMemory(PAGE);
  const range = { iova: IOVA, length: BigInt(PAGE) };
  const options = { ...range, address: memory.address };
  return repeated(() => {
    ioas.map(options);
    ioas.unmap(range);
  });
}

function mapByIoctl(): Runner {
  const program = new Program();
  const { iommufd } = program;
  const ioas = iommufd.allocIoas();
  const memory = iommufd.allocMemory(PAGE);
  const range = { ioas_id: ioas.id, iova: IOVA, length: BigInt(PAGE) };
  const flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;
  const size = iommu_ioas_map.byteLength;
  const map = program.prepare(IOMMU_IOAS_MAP, { size, flags, user_va: memory.address, ...range });
  const unmap = program.prepare(IOMMU_IOAS_UNMAP, { size: iommu_ioas_unmap.byteLength, ...range });
  return repeated(() => {
    program.call(map);
    program.call(unmap);
  });
}

/** Creates commands of a guest: CMD_TLBI_NH_ASID, in which the kernel replaces the VMID. */
function commandsOf(entries: number): { readonly cmd: readonly [bigint, bigint] }[] {
  const opcode = BigInt(smmuv3_command.cases.CMD_TLBI_NH_ASID.tag);
  return Array.from({ length: entries }, (_, i) => ({ cmd: [opcode | (BigInt(i) << 48n), 0n] }));
}

function invalidateBySdk(count: number): Runner {
  const { viommu } = nested(new Program(), 2);
  const options = { type: 'arm-smmuv3', entries: commandsOf(count) } as const;
  return repeated(() => void viommu.invalidate(options));
}

function invalidateByIoctl(count: number): Runner {
  const program = new Program();
  const { viommu } = nested(program, 2);
  const entries = encodeArray(iommu_viommu_arm_smmuv3_invalidate, commandsOf(count));
  const memory = program.iommufd.allocMemory(PAGE);
  memory.bytes().set(entries);
  const call = program.prepare(IOMMU_HWPT_INVALIDATE, {
    size: iommu_hwpt_invalidate.byteLength,
    hwpt_id: viommu.id,
    data_uptr: memory.address,
    data_type: iommu_hwpt_invalidate_data_type.IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
    entry_len: iommu_viommu_arm_smmuv3_invalidate.byteLength,
    entry_num: count,
  });
  return repeated(() => program.call(call));
}

const WORKS: readonly (readonly [name: string, bySdk: () => Runner, byIoctl: () => Runner])[] = [
  ['map and unmap a page', mapBySdk, mapByIoctl],
  ['invalidate, 1 entry', () => invalidateBySdk(1), () => invalidateByIoctl(1)],
  ['invalidate, 64 entries', () => invalidateBySdk(64), () => invalidateByIoctl(64)],
];
const bySdk = (name: string): string => `${name}: SDK and kernel`;
const byIoctl = (name: string): string => `${name}: kernel alone`;

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'S8',
  title: 'S8: a call of the SDK',
  operation: 'call',
  unit: 'us',
  module: import.meta.url,
  goals: WORKS.map(([name]): Goal => ({ kind: 'growth', of: bySdk(name), from: byIoctl(name), below: 1.5 })),
  text: `A method of the SDK on the fake kernel, compared with the ioctl alone, whose argument is already in the program's memory.
The difference is the work of the SDK: it checks and encodes arguments, keeps track of objects, and decodes the answer. Mapping and
unmapping a page is one operation here. Entries are CMD_TLBI_NH_ASID of a virtual Arm SMMUv3.`,
  cases: WORKS.flatMap(([name, ours, alone]): Case[] => [
    { name: bySdk(name), kind: 'ours', start: ours },
    { name: byIoctl(name), kind: 'baseline', start: alone },
  ]),
};
