import type { Failure } from '../failure.js';
import type { TranslationMemory } from '../memory.js';
import type { Stage2 } from './stage2.js';

/**
 * Reads context descriptors and stage 1 tables. If stage 2 is enabled, their addresses are IPAs, which stage 2 translates;
 * otherwise they are physical (Arm IHI 0070, 3.4.3).
 */
export class StructureReader<P> {
  /**
   * @param memory holds the structures
   * @param stage2 undefined if stage 2 is not enabled
   */
  constructor(
    readonly memory: TranslationMemory<P>,
    readonly stage2: Stage2<P> | undefined,
  ) {}

  /**
   * Reads a structure that does not cross a page.
   * @param faultClass a value of `smmuv3_event_class`: the kind of structure
   * @returns undefined for an external abort
   */
  read(address: bigint, length: number, faultClass: number): Uint8Array | Failure | undefined {
    const { stage2, memory } = this;
    if (stage2 === undefined) return memory.read(address, length);
    const mapping = stage2.translateForRead(address, faultClass);
    return 'kind' in mapping ? mapping : memory.bytes(mapping.place, 0, length);
  }

  /**
   * Prepares the update of a descriptor. If stage 2 is enabled, it must allow the write, and it marks the page of the
   * descriptor dirty (Arm IHI 0070, 3.13.5).
   * @returns a function that writes the descriptor and returns false on an external abort; or the failure of stage 2
   */
  updater(address: bigint): ((bytes: Uint8Array) => boolean | Failure) | Failure {
    const { stage2, memory } = this;
    if (stage2 === undefined) return (bytes) => memory.write(address, bytes);
    const mapping = stage2.translateForUpdate(address);
    if ('kind' in mapping) return mapping;
    return (bytes) => mapping.mark?.() ?? memory.store(mapping.place, 0, bytes);
  }
}
