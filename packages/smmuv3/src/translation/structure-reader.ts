import type { Failure } from '../failure.js';
import type { TranslationMemory } from '../memory.js';
import type { Stage2 } from './stage2.js';

/**
 * Reads context descriptors and stage 1 tables: through stage 2 where there is one, which makes their addresses IPAs,
 * else from physical memory (Arm IHI 0070, 3.4.3).
 */
export class StructureReader<P> {
  /**
   * @param memory what they are in
   * @param stage2 undefined where stage 2 does not translate
   */
  constructor(
    readonly memory: TranslationMemory<P>,
    readonly stage2: Stage2<P> | undefined,
  ) {}

  /**
   * Reads a structure, which crosses no page.
   * @param faultClass of `smmuv3_event_class`: what it is
   * @returns undefined for an external abort
   */
  read(address: bigint, length: number, faultClass: number): Uint8Array | Failure | undefined {
    const { stage2, memory } = this;
    if (stage2 === undefined) return memory.read(address, length);
    const mapping = stage2.translateForRead(address, faultClass);
    return 'kind' in mapping ? mapping : memory.bytes(mapping.place, 0, length);
  }
}
