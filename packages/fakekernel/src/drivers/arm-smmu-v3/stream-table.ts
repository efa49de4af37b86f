import { register32, register64 } from '@iommufd/smmuv3';
import {
  arm_smmu_constants,
  arm_smmu_features,
  SMMU_STRTAB_BASE,
  SMMU_STRTAB_BASE_CFG,
  smmuv3_l1std,
  smmuv3_register,
  smmuv3_ste,
  smmuv3_strtab_format,
} from '@iommufd/uapi';
import { encode } from '@iommufd/uapi/struct';
import type { PhysicalBlock, PhysicalMemory } from '../../hardware/physical-memory.js';
import type { SmmuHardware } from '../../hardware/smmu-hardware.js';
import { STRTAB_SPLIT, type Probed } from './probe.js';
import { abortSte } from './ste.js';

const STE = smmuv3_ste.byteLength;
const L1STD = smmuv3_l1std.byteLength;
/** `STRTAB_NUM_L2_STES` */
const L2_STES = 1 << STRTAB_SPLIT;

/** The driver's stream table: linear, or two-level with second-level tables allocated on demand (`arm_smmu_init_strtab()`). */
export class StreamTable {
  private readonly twoLevels: boolean;
  private readonly top: PhysicalBlock;
  /** Base 2 logarithm of the number of streams. */
  private readonly log2size: number;
  private readonly second = new Map<number, PhysicalBlock>();

  constructor(
    private readonly memory: PhysicalMemory,
    { features, sidBits }: Probed,
  ) {
    this.twoLevels = (features & arm_smmu_features.ARM_SMMU_FEAT_2_LVL_STRTAB) !== 0;
    if (!this.twoLevels) {
      this.log2size = sidBits;
      this.top = memory.alloc(STE << sidBits, STE << sidBits);
      fillWithAbort(this.top.bytes);
      return;
    }
    const entries = Math.min(2 ** (sidBits - STRTAB_SPLIT), arm_smmu_constants.STRTAB_MAX_L1_ENTRIES);
    this.log2size = Math.log2(entries) + STRTAB_SPLIT;
    this.top = memory.alloc(L1STD * entries, L1STD * entries);
  }

  /** Writes the base registers. */
  install(hardware: SmmuHardware): void {
    const { LINEAR, TWO_LEVEL } = smmuv3_strtab_format;
    const base = register64(SMMU_STRTAB_BASE, { ADDR: this.top.address, RA: 1 });
    hardware.write64(smmuv3_register.SMMU_STRTAB_BASE, base);
    const form = register32(SMMU_STRTAB_BASE_CFG, {
      LOG2SIZE: this.log2size,
      ...(this.twoLevels ? { FMT: TWO_LEVEL, SPLIT: STRTAB_SPLIT } : { FMT: LINEAR }),
    });
    hardware.write32(smmuv3_register.SMMU_STRTAB_BASE_CFG, form);
  }

  /** `arm_smmu_init_sid_strtab()`: allocates the STE of a stream. @returns false if the StreamID is beyond the table */
  add(streamId: number): boolean {
    if (streamId >= 2 ** this.log2size) return false;
    const index = Math.floor(streamId / L2_STES);
    if (!this.twoLevels || this.second.has(index)) return true;
    const table = this.memory.alloc(L2_STES * STE, L2_STES * STE);
    fillWithAbort(table.bytes);
    this.second.set(index, table);
    const descriptor = encode(smmuv3_l1std, { Span: STRTAB_SPLIT + 1, L2Ptr: table.address });
    this.top.bytes.set(descriptor, index * L1STD);
    return true;
  }

  /** A view of the STE of a stream. @throws RangeError if it was not allocated */
  entry(streamId: number): Uint8Array {
    const table = this.twoLevels ? this.second.get(Math.floor(streamId / L2_STES)) : this.top;
    if (table === undefined)
      throw new RangeError(`the stream table has no stream 0x${streamId.toString(16)}`);
    const at = (this.twoLevels ? streamId % L2_STES : streamId) * STE;
    return table.bytes.subarray(at, at + STE);
  }
}

/** Unused streams abort. */
function fillWithAbort(table: Uint8Array): void {
  const entry = abortSte();
  for (let at = 0; at < table.length; at += STE) table.set(entry, at);
}
