import { type Access, walkAbort } from './events.js';
import { type Failure, fault, type FaultFlags, reject } from './failure.js';
import { Features } from './features.js';
import type { KernelMapping, PhysicalMemory } from './physical-memory.js';
import type { Ste } from './ste-validity.js';

/** Is an IPA more than stage 2 takes in? Source: Arm IHI 0070, 3.4. */
export function isBeyondStage2(ipa: bigint, { S2T0SZ }: Ste, { oas }: Features): boolean {
  return !Features.fits(ipa, Math.min(64 - S2T0SZ, oas));
}

/** Stage 2 always aborts what it terminates (Arm IHI 0070, 5.5). */
const flagsOf = ({ S2R, S2S }: Ste): FaultFlags => ({ record: S2R === 1, stall: S2S === 1, abort: true });

/** Stage 2 of a transaction: translates IPAs through the table that STE.S2TTB names. */
export class Stage2 {
  constructor(
    private readonly ste: Ste,
    private readonly access: Access,
    private readonly memory: PhysicalMemory,
    private readonly features: Features,
  ) {}

  /**
   * Translates an IPA. Whether the mapping allows the access is for {@link denies} to say.
   * @param faultClass of `smmuv3_event_class`: what the IPA is the address of
   */
  translate(ipa: bigint, faultClass: number): KernelMapping | Failure {
    const { ste, access } = this;
    const place = { stage2: true, class: faultClass, ipa };
    const missing = (): Failure => fault('F_TRANSLATION', access, place, flagsOf(ste));
    if (isBeyondStage2(ipa, ste, this.features)) return missing();
    const table = this.memory.table(ste.S2TTB);
    if (table === undefined) return reject(walkAbort(access, place, ste.S2TTB));
    return table.lookup(ipa) ?? missing();
  }

  /** The fault, if a mapping does not allow a read or a write. */
  denies(
    { read, write }: Pick<KernelMapping, 'read' | 'write'>,
    isWrite: boolean,
    ipa: bigint,
    faultClass: number,
  ): Failure | undefined {
    if (isWrite ? write : read) return undefined;
    const place = { stage2: true, class: faultClass, ipa };
    return fault('F_PERMISSION', this.access, place, flagsOf(this.ste));
  }
}
