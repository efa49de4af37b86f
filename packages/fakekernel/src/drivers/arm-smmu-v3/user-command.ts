import { arm_smmu_features, smmuv3_command } from '@iommufd/uapi';
import { fail } from '../../errno.js';
import type { Vsmmu } from './vsmmu.js';

const { cases } = smmuv3_command;

/** Masks of the two words of a command: bits `hi` to `lo`. */
const mask = (hi: number, lo: number): bigint => ((1n << BigInt(hi - lo + 1)) - 1n) << BigInt(lo);

const OP = mask(7, 0);
const GLOBAL = mask(9, 9);
const SSV = mask(11, 11);
const SSID_LO = 12n;
const SID = mask(63, 32);
const VMID = mask(47, 32);
const ASID = mask(63, 48);
const NUM = mask(16, 12);
const SCALE = mask(24, 20);

const LEAF = mask(0, 0);
const TTL = mask(9, 8);
const TG = mask(11, 10);
const VA = mask(63, 12);
const ATC_SIZE = mask(5, 0);

/** Granules of TLB invalidations: that of 16 KB has no blocks on level 1 without SMMU_IDR5.DS. */
const TG_16KB = 2n << 10n;
const TTL_LEVEL_1 = 1n << 8n;

/** The bits that a guest may set in a command, of each word. */
type Allowed = readonly [bigint, bigint];

/**
 * Makes a command of a guest's one that may be executed for it, in place: the VMID is its own whatever it says, the
 * StreamID is that of the device that has the virtual one. Bits that mean nothing to this SMMU must be zero.
 * @throws EIO
 */
export function convertUserCommand(vsmmu: Vsmmu, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let word0 = view.getBigUint64(0, true);
  const word1 = view.getBigUint64(8, true);
  const [allowed0, allowed1] = allowed(vsmmu, bytes[0] ?? 0);
  if ((word0 & ~allowed0) !== 0n || (word1 & ~allowed1) !== 0n) throw fail('EIO');
  const vmid = BigInt(vsmmu.parent.tag) << 32n;
  switch (bytes[0]) {
    case cases.CMD_TLBI_NSNH_ALL.tag:
      // Only what the guest can have cached.
      word0 = BigInt(cases.CMD_TLBI_NH_ALL.tag) | vmid;
      break;
    case cases.CMD_TLBI_NH_VA.tag:
    case cases.CMD_TLBI_NH_VAA.tag:
      checkRange(word0, word1);
      word0 = (word0 & ~VMID) | vmid;
      break;
    case cases.CMD_TLBI_NH_ALL.tag:
    case cases.CMD_TLBI_NH_ASID.tag:
      word0 = (word0 & ~VMID) | vmid;
      break;
    default:
      word0 = (word0 & ~SID) | (BigInt(streamIdOf(vsmmu, word0 >> 32n)) << 32n);
  }
  view.setBigUint64(0, word0, true);
}

/** @throws EIO for a command that is not a guest's to give */
function allowed({ smmu }: Vsmmu, opcode: number): Allowed {
  const { features, ssidBits } = smmu.probed;
  const ssid = ((1n << BigInt(ssidBits)) - 1n) << SSID_LO;
  const hasRanges = (features & arm_smmu_features.ARM_SMMU_FEAT_RANGE_INV) !== 0;
  const range0 = hasRanges ? NUM | SCALE : 0n;
  const range1 = hasRanges ? TTL | TG : 0n;
  switch (opcode) {
    case cases.CMD_TLBI_NSNH_ALL.tag:
      return [OP, 0n];
    case cases.CMD_TLBI_NH_ALL.tag:
      return [OP | VMID, 0n];
    case cases.CMD_TLBI_NH_ASID.tag:
      return [OP | VMID | ASID, 0n];
    case cases.CMD_TLBI_NH_VA.tag:
      return [OP | VMID | ASID | range0, LEAF | VA | range1];
    case cases.CMD_TLBI_NH_VAA.tag:
      return [OP | VMID | range0, LEAF | VA | range1];
    case cases.CMD_CFGI_CD.tag:
      return [OP | SID | ssid, LEAF];
    case cases.CMD_CFGI_CD_ALL.tag:
      return [OP | SID, 0n];
    case cases.CMD_ATC_INV.tag:
      if ((features & arm_smmu_features.ARM_SMMU_FEAT_ATS) === 0) throw fail('EIO');
      return [OP | SID | ssid | (ssidBits > 0 ? SSV | GLOBAL : 0n), ATC_SIZE | VA];
    default:
      throw fail('EIO');
  }
}

/**
 * A range or a level hint needs a granule, and a granule needs one of them. @throws EIO
 */
function checkRange(word0: bigint, word1: bigint): void {
  const granule = word1 & TG;
  const level = word1 & TTL;
  const isPlain = (word0 & (NUM | SCALE)) === 0n && level === 0n;
  if ((granule === 0n) !== isPlain) throw fail('EIO');
  if (granule === TG_16KB && level === TTL_LEVEL_1) throw fail('EIO');
}

/** The StreamID of the device that has a virtual one. All 64 bits of its id count. @throws EIO */
function streamIdOf({ smmu, viommu }: Vsmmu, vsid: bigint): number {
  const device = viommu.vdevices.get(vsid)?.device.device;
  const streamId = smmu.streamIdOf(device);
  if (streamId === undefined) throw fail('EIO');
  return streamId;
}
