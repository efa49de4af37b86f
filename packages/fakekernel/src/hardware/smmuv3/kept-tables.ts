import { smmuv3_event_class } from '@iommufd/uapi';
import { PAGE } from '../../process/page.js';
import type { Place } from '../transaction.js';
import type { Cd } from './cd-validity.js';
import type { Failure } from './failure.js';
import type { Stage2 } from './stage2.js';
import { bytesAt } from './structure-reader.js';

const { TT } = smmuv3_event_class;

/** Where stage 2 has the page that a TTB points into. */
interface KeptTable {
  readonly ipa: bigint;
  readonly place: Place;
}

/** Where the first tables of a context are: what an emulator keeps with its descriptor (`keepsFirstTable`). */
export class KeptTables {
  constructor(private readonly tables: readonly KeptTable[]) {}

  /** Reads from a page that a TTB points into. @returns undefined if the address is in none */
  read(address: bigint, length: number): Uint8Array | undefined {
    const table = this.tables.find(({ ipa }) => ipa === (address & -PAGE));
    if (table === undefined) return undefined;
    const { object, byte } = table.place;
    return bytesAt({ object, byte: byte + Number(address - table.ipa) }, length);
  }
}

/** Looks up the first tables that a context descriptor has on. */
export function keepTables({ EPD0, EPD1, TTB0, TTB1 }: Cd, stage2: Stage2): KeptTables | Failure {
  const tables: KeptTable[] = [];
  for (const ttb of [...(EPD0 === 0 ? [TTB0] : []), ...(EPD1 === 0 ? [TTB1] : [])]) {
    const ipa = ttb & -PAGE;
    const mapping = stage2.translate(ipa, TT);
    if ('kind' in mapping) return mapping;
    const denied = stage2.denies(mapping, false, ipa, TT);
    if (denied !== undefined) return denied;
    tables.push({ ipa, place: mapping.place });
  }
  return new KeptTables(tables);
}
