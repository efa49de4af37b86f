import {
  SMMU_STRTAB_BASE,
  SMMU_STRTAB_BASE_CFG,
  smmuv3_l1std,
  smmuv3_ste,
  smmuv3_strtab_format,
  smmuv3_strtab_split,
} from '@iommufd/uapi';
import { decode } from '@iommufd/uapi/struct';
import { type GuestMemory } from './guest-memory.js';
import { type Shown } from './id-registers.js';
import { field32, mask64 } from './masks.js';
import { type Registers } from './registers.js';
import { type StreamConfig, streamConfig } from './stream-config.js';

const ADDR = mask64(SMMU_STRTAB_BASE, 'ADDR');
const LOG2SIZE = field32(SMMU_STRTAB_BASE_CFG, 'LOG2SIZE');
const SPLIT = field32(SMMU_STRTAB_BASE_CFG, 'SPLIT');
const FMT = field32(SMMU_STRTAB_BASE_CFG, 'FMT');
/** The longest second level, as Span. */
const MOST_SPAN = 11;

const align = (address: bigint, bytes: number): bigint => address & -BigInt(bytes);

/**
 * What the guest's stream table says of a stream. Where there is no entry, because the table is too short for the
 * StreamID or is not in memory, its transactions are aborted. Source: Arm IHI 0070, sections 3.3.1, 5.1, 6.3.24 and
 * 6.3.25.
 */
export function lookUpStream(
  memory: GuestMemory,
  { SMMU_STRTAB_BASE: base, SMMU_STRTAB_BASE_CFG: config }: Registers,
  shown: Shown,
  streamId: number,
): StreamConfig {
  const log2size = Math.min(LOG2SIZE.get(config), shown.idr1.SIDSIZE);
  if (streamId >= 2 ** log2size) return { kind: 'abort' };
  const isTwoLevel = shown.idr0.ST_LEVEL === 1 && FMT.get(config) === smmuv3_strtab_format.TWO_LEVEL;
  const address = isTwoLevel
    ? secondLevel(memory, base & ADDR, log2size, splitOf(config), streamId)
    : align(base & ADDR, smmuv3_ste.byteLength * 2 ** log2size) + BigInt(streamId * smmuv3_ste.byteLength);
  const bytes = address === undefined ? undefined : memory.read(address, smmuv3_ste.byteLength);
  if (bytes === undefined) return { kind: 'abort' };
  // The guest may write to it at the same time: what is looked at and what is used must be one.
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const words = [view.getBigUint64(0, true), view.getBigUint64(8, true)] as const;
  return streamConfig(decode(smmuv3_ste, copy, { lenient: true }), words, shown);
}

/** The address of an entry in a two-level table; undefined if the first level leads nowhere. */
function secondLevel(
  memory: GuestMemory,
  base: bigint,
  log2size: number,
  split: number,
  streamId: number,
): bigint | undefined {
  const descriptors = 2 ** Math.max(log2size - split, 0);
  // Smaller tables than the register can express are aligned to what it can.
  const table = align(base, smmuv3_l1std.byteLength * descriptors);
  const inFirst = Math.floor(streamId / 2 ** split);
  const bytes = memory.read(table + BigInt(inFirst * smmuv3_l1std.byteLength), smmuv3_l1std.byteLength);
  if (bytes === undefined) return undefined;
  const { Span, L2Ptr } = decode(smmuv3_l1std, bytes, { lenient: true });
  // Nor is it longer than what the split leaves for it.
  if (Span === 0 || Span > MOST_SPAN || Span - 1 > split) return undefined;
  const entries = 2 ** (Span - 1);
  const inSecond = streamId % 2 ** split;
  if (inSecond >= entries) return undefined;
  return align(L2Ptr, smmuv3_ste.byteLength * entries) + BigInt(inSecond * smmuv3_ste.byteLength);
}

/** Bits of StreamID for the second level: reserved values act as the smallest. */
function splitOf(config: number): number {
  const split = SPLIT.get(config);
  const { LEAF_4KB, LEAF_16KB, LEAF_64KB } = smmuv3_strtab_split;
  return split === LEAF_16KB || split === LEAF_64KB ? split : LEAF_4KB;
}
