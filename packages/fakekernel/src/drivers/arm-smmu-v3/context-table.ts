import { arm_smmu_features, smmuv3_cd, smmuv3_l1cd, smmuv3_ste_s1fmt } from '@iommufd/uapi';
import { encode, view } from '@iommufd/uapi/struct';
import { invariant } from '../../errno.js';
import { NO_PASID } from '../../iommu/group.js';
import type { PhysicalBlock, PhysicalMemory } from '../../hardware/physical-memory.js';
import { cfgiCd } from './command.js';
import type { CommandQueue } from './command-queue.js';
import type { SmmuDevice } from './smmu-device.js';
import type { SmmuDomain } from './paging-domain.js';
import type { Probed } from './probe.js';

const CD = smmuv3_cd.byteLength;
const L1CD = smmuv3_l1cd.byteLength;
/** `CTXDESC_L2_ENTRIES` */
const L2_ENTRIES = 1024;
/** `CTXDESC_LINEAR_CDMAX`: a linear table is limited to 64 KB. */
const LINEAR_CDMAX = 10;

/** Number of PASID bits that the CD table of a device supports. */
export function pasidBitsOf({ ssidBits, features }: Probed, wanted: number): number {
  const bits = Math.min(ssidBits, wanted);
  const twoLevels = (features & arm_smmu_features.ARM_SMMU_FEAT_2_LVL_CDTAB) !== 0;
  return twoLevels ? bits : Math.min(bits, LINEAR_CDMAX);
}

/**
 * The CD table of a device: `struct arm_smmu_ctx_desc_cfg`. The kernel attaches its own stage 1 by writing CDs: index 0 for
 * the device, the others for PASIDs. A nested device uses the guest's table instead.
 */
export class ContextTable {
  /** Base 2 logarithm of the number of CDs. */
  readonly log2size: number;
  private readonly twoLevels: boolean;
  private top: PhysicalBlock | undefined;
  private readonly second = new Map<number, PhysicalBlock>();
  /** PASIDs with a valid CD. */
  private readonly used = new Set<number>();

  constructor(
    private readonly memory: PhysicalMemory,
    private readonly commands: CommandQueue,
    /** The StreamIDs of the device. */
    private readonly streams: readonly number[],
    pasidBits: number,
  ) {
    this.log2size = pasidBits;
    this.twoLevels = 1 << pasidBits > L2_ENTRIES;
  }

  get hasPasids(): boolean {
    return this.used.size > 0;
  }

  /** STE.S1Fmt. */
  get format(): number {
    return this.twoLevels ? smmuv3_ste_s1fmt.TWO_LEVEL_64KB : smmuv3_ste_s1fmt.LINEAR;
  }

  /** STE.S1ContextPtr. */
  get address(): bigint {
    return this.topLevel().address;
  }

  private topLevel(): PhysicalBlock {
    const contexts = 1 << this.log2size;
    const length = this.twoLevels ? Math.ceil(contexts / L2_ENTRIES) * L1CD : contexts * CD;
    return (this.top ??= this.memory.alloc(length, length));
  }

  /** `arm_smmu_alloc_cd_ptr()`: allocates the second-level table of a CD. */
  add(pasid: number): void {
    const top = this.topLevel();
    const index = Math.floor(pasid / L2_ENTRIES);
    if (!this.twoLevels || this.second.has(index)) return;
    const table = this.memory.alloc(L2_ENTRIES * CD, L2_ENTRIES * CD);
    this.second.set(index, table);
    top.bytes.set(encode(smmuv3_l1cd, { V: 1, L2Ptr: table.address }), index * L1CD);
    // The hardware may have cached the invalid first-level descriptor.
    this.sync(pasid, false);
  }

  private entry(pasid: number): Uint8Array | undefined {
    const table = this.twoLevels ? this.second.get(Math.floor(pasid / L2_ENTRIES)) : this.top;
    const at = (this.twoLevels ? pasid % L2_ENTRIES : pasid) * CD;
    return table?.bytes.subarray(at, at + CD);
  }

  /** `arm_smmu_write_cd_entry()`: writes a CD whose table was allocated. */
  write(pasid: number, descriptor: Uint8Array): void {
    const entry = this.entry(pasid);
    invariant(
      entry !== undefined,
      () => `no table was allocated for the context descriptor of PASID ${pasid}`,
    );
    if (pasid !== NO_PASID) {
      if (view(smmuv3_cd, descriptor).V === 1) this.used.add(pasid);
      else this.used.delete(pasid);
    }
    if (entry.every((byte, i) => byte === descriptor[i])) return;
    entry.set(descriptor);
    this.sync(pasid, true);
  }

  /** `arm_smmu_clear_cd()`: clears a CD, if its table was allocated. */
  clear(pasid: number): void {
    if (this.entry(pasid) !== undefined) this.write(pasid, new Uint8Array(CD));
  }

  private sync(pasid: number, leaf: boolean): void {
    this.commands.submit(this.streams.map((streamId) => cfgiCd(streamId, pasid, leaf)));
  }

  /** Frees the tables when the device is removed. */
  free(): void {
    const { memory } = this;
    for (const { address } of this.second.values()) memory.free(address);
    if (this.top !== undefined) memory.free(this.top.address);
  }
}

/** `arm_smmu_make_s1_cd()`: the CD of a paging domain. */
export function stage1Cd({ canStall }: SmmuDevice, domain: SmmuDomain): Uint8Array {
  const bytes = new Uint8Array(CD);
  const cd = view(smmuv3_cd, bytes);
  const { format } = domain;
  cd.T0SZ = format.tsz;
  cd.TG0 = format.granule;
  cd.IR0 = format.walkCacheability;
  cd.OR0 = format.walkCacheability;
  cd.SH0 = format.walkShareability;
  cd.EPD1 = 1;
  cd.V = 1;
  cd.IPS = format.outputSize;
  cd.AA64 = 1;
  if (domain.dirty !== undefined) {
    cd.HA = 1;
    cd.HD = 1;
  }
  cd.S = canStall ? 1 : 0;
  cd.R = 1;
  cd.A = 1;
  cd.ASET = 1;
  cd.ASID = domain.tag;
  cd.TTB0 = domain.tableAddress;
  cd.MAIR0 = MAIR;
  return bytes;
}

/** Memory attributes: Normal Non-cacheable, Normal write-back, Device nGnRE, Normal inner Non-cacheable. */
const MAIR = 0xf404_ff44;
