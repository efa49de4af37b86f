import { smmuv3_l1std, smmuv3_ste, smmuv3_strtab_format } from '@iommufd/uapi';
import { decode } from '@iommufd/uapi/struct';
import { type Access, badSte, badStreamId, steFetch } from './events.js';
import { type Failure, reject } from './failure.js';
import type { Features } from './features.js';
import type { PhysicalMemory } from './physical-memory.js';
import type { Registers } from './registers.js';
import { isSteLegal, type Ste } from './ste-validity.js';

const L1STD_BYTES = smmuv3_l1std.byteLength;
const STE_BYTES = smmuv3_ste.byteLength;

interface CachedSte {
  readonly ste: Ste;
  readonly legal: boolean;
}

/**
 * The stream table, and what is cached of it (Arm IHI 0070, 3.3.1 and 5.1). Entries are cached valid or not, as the
 * architecture allows; first-level descriptors only if they lead somewhere.
 */
export class StreamTable {
  private readonly entries = new Map<number, CachedSte>();
  private readonly firstLevel = new Map<number, { readonly span: number; readonly address: bigint }>();

  constructor(
    private readonly registers: Registers,
    private readonly memory: PhysicalMemory,
    private readonly features: Features,
  ) {}

  /** The legal STE of the stream. */
  lookup(access: Access): Ste | Failure {
    let cached = this.entries.get(access.streamId);
    if (cached === undefined) {
      const ste = this.fetch(access);
      if ('kind' in ste) return ste;
      cached = { ste, legal: isSteLegal(ste, this.features) };
      this.entries.set(access.streamId, cached);
    }
    return cached.legal ? cached.ste : reject(badSte(access));
  }

  private fetch(access: Access): Ste | Failure {
    const address = this.locate(access);
    if (typeof address !== 'bigint') return address;
    const bytes = this.memory.read(address, STE_BYTES);
    return bytes === undefined
      ? reject(steFetch(access, address))
      : decode(smmuv3_ste, bytes, { lenient: true });
  }

  private locate(access: Access): bigint | Failure {
    const { streamId } = access;
    const { LOG2SIZE, FMT } = this.registers.strtabBaseCfg;
    const { idr0, idr1 } = this.features;
    const log2size = Math.min(LOG2SIZE, idr1.SIDSIZE);
    if (streamId >= 2 ** log2size) return this.badStreamId(access);
    const twoLevels = FMT === smmuv3_strtab_format.TWO_LEVEL && idr0.ST_LEVEL === 1;
    const split = this.split;
    const entries = twoLevels ? Math.max(1, 2 ** (log2size - split)) : 2 ** log2size;
    const bytes = twoLevels ? Math.max(64, entries * L1STD_BYTES) : entries * STE_BYTES;
    // The table is aligned to its size: lower bits do not count (Arm IHI 0070, 6.3.24).
    const base = this.registers.strtabBase.ADDR & -BigInt(bytes);
    if (!twoLevels) return base + BigInt(streamId * STE_BYTES);
    return this.locateInLeaf(access, base, split);
  }

  private locateInLeaf(access: Access, base: bigint, split: number): bigint | Failure {
    const first = Math.floor(access.streamId / 2 ** split);
    const index = access.streamId % 2 ** split;
    let descriptor = this.firstLevel.get(first);
    if (descriptor === undefined) {
      const address = base + BigInt(first * L1STD_BYTES);
      const bytes = this.memory.read(address, L1STD_BYTES);
      if (bytes === undefined) return reject(steFetch(access, address));
      const { Span, L2Ptr } = decode(smmuv3_l1std, bytes, { lenient: true });
      if (Span === 0 || Span > 11 || Span > split + 1) return this.badStreamId(access);
      descriptor = { span: Span, address: L2Ptr & -BigInt(2 ** (Span - 1) * STE_BYTES) };
      this.firstLevel.set(first, descriptor);
    }
    if (index >= 2 ** (descriptor.span - 1)) return this.badStreamId(access);
    return descriptor.address + BigInt(index * STE_BYTES);
  }

  /** Reserved values behave as 6 (Arm IHI 0070, 6.3.25). */
  private get split(): number {
    const { SPLIT } = this.registers.strtabBaseCfg;
    return SPLIT === 8 || SPLIT === 10 ? SPLIT : 6;
  }

  private badStreamId(access: Access): Failure {
    return reject(this.registers.cr2.RECINVSID === 1 ? badStreamId(access) : undefined);
  }

  /** Drops what is cached for `count` streams from `first` on. @param leaf keep first-level descriptors */
  invalidate(first: number, count: number, leaf: boolean): void {
    const last = first + count - 1;
    dropRange(this.entries, first, last);
    if (!leaf)
      dropRange(this.firstLevel, Math.floor(first / 2 ** this.split), Math.floor(last / 2 ** this.split));
  }
}

/** Deletes the keys from `first` to `last`. */
function dropRange(map: Map<number, unknown>, first: number, last: number): void {
  if (first === last) {
    map.delete(first);
    return;
  }
  for (const key of map.keys()) if (key >= first && key <= last) map.delete(key);
}
