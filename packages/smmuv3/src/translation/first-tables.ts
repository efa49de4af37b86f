import { smmuv3_event_class } from '@iommufd/uapi';
import type { Failure } from '../failure.js';
import { PAGE, type TranslationMemory } from '../memory.js';
import type { Cd } from '../structures.js';
import type { Stage2 } from './stage2.js';

const { TT } = smmuv3_event_class;

/** The page that a TTB points into, translated by stage 2. */
interface FirstTable<P> {
  readonly ipa: bigint;
  readonly place: P;
}

/**
 * The places of a context's first stage 1 tables, cached with its descriptor as QEMU does (`Departures.keepsFirstTable`).
 * On an SMMU without that departure, every walk uses stage 2 instead.
 */
export class FirstTables<P> {
  constructor(
    private readonly memory: TranslationMemory<P>,
    private readonly tables: readonly FirstTable<P>[],
  ) {}

  /** Reads from a page that a TTB points into. @returns undefined if the address is in another page */
  read(address: bigint, length: number): Uint8Array | undefined {
    const table = this.tables.find(({ ipa }) => ipa === (address & -PAGE));
    return table && this.memory.bytes(table.place, Number(address - table.ipa), length);
  }
}

/** Looks up the first tables of the enabled TTBs of a context descriptor. */
export function lookUpFirstTables<P>(
  { EPD0, EPD1, TTB0, TTB1 }: Cd,
  stage2: Stage2<P>,
  memory: TranslationMemory<P>,
): FirstTables<P> | Failure {
  const tables: FirstTable<P>[] = [];
  for (const ttb of [...(EPD0 === 0 ? [TTB0] : []), ...(EPD1 === 0 ? [TTB1] : [])]) {
    const ipa = ttb & -PAGE;
    const mapping = stage2.translateForRead(ipa, TT);
    if ('kind' in mapping) return mapping;
    tables.push({ ipa, place: mapping.place });
  }
  return new FirstTables(memory, tables);
}
