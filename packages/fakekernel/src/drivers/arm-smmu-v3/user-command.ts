/**
 * Commands of a guest: they are validated and converted before they are issued to the command queue that all guests share.
 * Linux's `arm_vsmmu_convert_user_cmd()` in `arm-smmu-v3-iommufd.c`. VMIDs and virtual StreamIDs are replaced. Commands that
 * could stop the queue fail with EIO.
 */
import { arm_smmu_constants, arm_smmu_features, smmuv3_command } from '@iommufd/uapi';
import { fail } from '../../errno.js';
import type { Probed } from './probe.js';
import { smmuDevice } from './smmu-device.js';
import type { Vsmmu } from './vsmmu.js';

const { cases } = smmuv3_command;
const { ARM_SMMU_FEAT_ATS, ARM_SMMU_FEAT_DS, ARM_SMMU_FEAT_RANGE_INV } = arm_smmu_features;

/** A mask of the bits `hi` to `lo` of a word. */
const mask = (hi: number, lo: number): bigint => ((1n << BigInt(hi - lo + 1)) - 1n) << BigInt(lo);

const OP = mask(7, 0);
const GLOBAL = mask(9, 9);
const SSV = mask(11, 11);
const SSID = mask(31, 12);
const SID = mask(63, 32);
const VMID = mask(47, 32);
const ASID_LO = 48;
const NUM = mask(16, 12);
const SCALE = mask(25, 20);
/** Values of SCALE above 31 require 52-bit addresses. */
const SCALE_BIT_5 = mask(25, 25);

const LEAF = mask(0, 0);
const TTL = mask(9, 8);
const TG = mask(11, 10);
const VA = mask(63, 12);
const ATC_SIZE = mask(5, 0);
const ATC_INV_SIZE_ALL = BigInt(arm_smmu_constants.ATC_INV_SIZE_ALL);

/** 16 KB tables have no level 1 blocks without SMMU_IDR5.DS. */
const TG_16KB = 2n << 10n;
const TTL_LEVEL_1 = 1n << 8n;

/** The allowed bits of both words of a command. */
type Allowed = readonly [bigint, bigint];

/**
 * `arm_vsmmu_validate_user_cmd()`: the bits that a guest may set, by opcode. They are the fields that this SMMU supports. All
 * other bits are RES0, and setting them could stop the shared queue. Addresses and ids are not checked, because their effect is
 * limited to this guest. Other opcodes are refused.
 */
export type AllowedBits = ReadonlyMap<number, Allowed>;

/** @see AllowedBits */
export function allowedBits({ features, asidBits, ssidBits }: Probed): AllowedBits {
  const hasRanges = (features & ARM_SMMU_FEAT_RANGE_INV) !== 0;
  const hasSubstreams = ssidBits !== 0;
  const scale = (features & ARM_SMMU_FEAT_DS) !== 0 ? SCALE : SCALE & ~SCALE_BIT_5;
  const range0 = hasRanges ? NUM | scale : 0n;
  const range1 = hasRanges ? TTL | TG : 0n;
  const asid = mask(ASID_LO + asidBits - 1, ASID_LO);
  const allowed = new Map<number, Allowed>([
    [cases.CMD_TLBI_NSNH_ALL.tag, [OP, 0n]],
    [cases.CMD_TLBI_NH_ALL.tag, [OP | VMID, 0n]],
    [cases.CMD_TLBI_NH_ASID.tag, [OP | VMID | asid, 0n]],
    [cases.CMD_TLBI_NH_VA.tag, [OP | VMID | asid | range0, LEAF | VA | range1]],
    [cases.CMD_TLBI_NH_VAA.tag, [OP | VMID | range0, LEAF | VA | range1]],
    [cases.CMD_CFGI_CD.tag, [OP | SID | (hasSubstreams ? SSID : 0n), LEAF]],
    [cases.CMD_CFGI_CD_ALL.tag, [OP | SID, 0n]],
  ]);
  if ((features & ARM_SMMU_FEAT_ATS) !== 0) {
    const substream = hasSubstreams ? SSV | SSID | GLOBAL : 0n;
    allowed.set(cases.CMD_ATC_INV.tag, [OP | SID | substream, ATC_SIZE | VA]);
  }
  return allowed;
}

/** The opcodes that a guest may use in versions that do not check bits. ATC_INV is allowed even if the SMMU has no ATS. */
const OPCODES: ReadonlySet<number> = new Set([
  cases.CMD_TLBI_NSNH_ALL.tag,
  cases.CMD_TLBI_NH_ALL.tag,
  cases.CMD_TLBI_NH_ASID.tag,
  cases.CMD_TLBI_NH_VA.tag,
  cases.CMD_TLBI_NH_VAA.tag,
  cases.CMD_CFGI_CD.tag,
  cases.CMD_CFGI_CD_ALL.tag,
  cases.CMD_ATC_INV.tag,
]);

/**
 * `arm_vsmmu_convert_user_cmd()`: converts a guest's command in place. The VMID is replaced with that of the virtual SMMU, and a
 * virtual StreamID with that of its device.
 * @throws EIO for disallowed bits, a reserved field value, or an unknown virtual StreamID
 */
export function convertUserCommand(vsmmu: Vsmmu, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let word0 = view.getBigUint64(0, true);
  const word1 = view.getBigUint64(8, true);
  const opcode = bytes[0] ?? 0;
  if (vsmmu.allowed !== undefined) {
    const allowed = vsmmu.allowed.get(opcode);
    if (allowed === undefined) throw fail('EIO');
    if ((word0 & ~allowed[0]) !== 0n || (word1 & ~allowed[1]) !== 0n) throw fail('EIO');
    checkFields(vsmmu.probed, opcode, word0, word1);
  } else if (!OPCODES.has(opcode)) {
    throw fail('EIO');
  }
  const vmid = BigInt(vsmmu.parent.tag) << 32n;
  switch (opcode) {
    case cases.CMD_TLBI_NSNH_ALL.tag:
      // The invalidation is limited to the guest's VMID.
      word0 = BigInt(cases.CMD_TLBI_NH_ALL.tag) | vmid;
      view.setBigUint64(8, 0n, true);
      break;
    case cases.CMD_TLBI_NH_VA.tag:
    case cases.CMD_TLBI_NH_VAA.tag:
    case cases.CMD_TLBI_NH_ALL.tag:
    case cases.CMD_TLBI_NH_ASID.tag:
      word0 = (word0 & ~VMID) | vmid;
      break;
    default:
      word0 = (word0 & ~SID) | (BigInt(streamIdOf(vsmmu, word0 >> 32n)) << 32n);
  }
  view.setBigUint64(0, word0, true);
}

/** Checks for reserved values of fields, at which the hardware may stop the queue. @throws EIO */
function checkFields({ features }: Probed, opcode: number, word0: bigint, word1: bigint): void {
  switch (opcode) {
    case cases.CMD_TLBI_NH_VA.tag:
    case cases.CMD_TLBI_NH_VAA.tag: {
      const granule = word1 & TG;
      const level = word1 & TTL;
      // A range or level hint requires a granule, and a granule requires one of them.
      const isPlain = (word0 & (NUM | SCALE)) === 0n && level === 0n;
      if ((granule === 0n) !== isPlain) throw fail('EIO');
      const isWide = (features & ARM_SMMU_FEAT_DS) !== 0;
      if (granule === TG_16KB && level === TTL_LEVEL_1 && !isWide) throw fail('EIO');
      return;
    }
    case cases.CMD_ATC_INV.tag:
      if ((word1 & ATC_SIZE) > ATC_INV_SIZE_ALL) throw fail('EIO');
      return;
    default:
  }
}

/**
 * `arm_vsmmu_vsid_to_sid()`: the StreamID of a virtual StreamID, of which all 64 bits are compared.
 * @throws EIO if it is unknown
 */
function streamIdOf({ driver, viommu }: Vsmmu, vsid: bigint): number {
  const device = viommu.deviceOf(vsid);
  // A device behind another SMMU counts as unknown.
  const streamId = device?.driver === driver ? smmuDevice(device).streams[0] : undefined;
  if (streamId === undefined) throw fail('EIO');
  return streamId;
}
