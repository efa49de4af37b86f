import { PAGE_SIZE } from '../../process/page.js';
import type { Place } from '../transaction.js';
import type { Failure } from './failure.js';
import type { PhysicalMemory } from './physical-memory.js';
import type { Stage2 } from './stage2.js';

/**
 * Reads context descriptors and stage 1 tables: through stage 2 where there is one, which makes their addresses IPAs,
 * else from physical memory (Arm IHI 0070, 3.4.3).
 */
export class StructureReader {
  /** @param stage2 undefined where stage 2 does not translate */
  constructor(
    private readonly memory: PhysicalMemory,
    readonly stage2: Stage2 | undefined,
  ) {}

  /**
   * Reads a structure, which crosses no page.
   * @param faultClass of `smmuv3_event_class`: what it is
   * @returns undefined for an external abort
   */
  read(address: bigint, length: number, faultClass: number): Uint8Array | Failure | undefined {
    const { stage2 } = this;
    if (stage2 === undefined) return this.memory.read(address, length);
    const mapping = stage2.translate(address, faultClass);
    if ('kind' in mapping) return mapping;
    return stage2.denies(mapping, false, address, faultClass) ?? bytesAt(mapping.place, length);
  }
}

/** Bytes of an object, which are all in one page, in place. */
export function bytesAt({ object, byte }: Pick<Place, 'object' | 'byte'>, length: number): Uint8Array {
  const offset = byte % PAGE_SIZE;
  return object.page(Math.floor(byte / PAGE_SIZE)).subarray(offset, offset + length);
}
