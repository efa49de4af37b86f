import { Guest } from './guest.testing.js';
import { IOVA } from './program.testing.js';

/** Opcodes of commands. */
export const CFGI_CD = 0x05n;
export const CFGI_CD_ALL = 0x06n;
export const NH_ALL = 0x10n;
export const NH_ASID = 0x11n;
export const NH_VA = 0x12n;
export const NH_VAA = 0x13n;
export const NSNH_ALL = 0x30n;

/**
 * Makes the device use a page, unmaps it in stage 1, and invalidates.
 * @returns the result, and whether the page is still used
 */
export function staleAfter(
  commands: (guest: Guest) => readonly bigint[],
): readonly [string, number, 'stale' | 'dropped'] {
  const guest = new Guest();
  guest.dma(false, IOVA);
  guest.stage1.describe(IOVA, 0n);
  const [answer, done] = guest.invalidate(guest.vsmmu, commands(guest));
  guest.dma(false, IOVA);
  return [answer, done, guest.sequences().length === 0 ? 'stale' : 'dropped'];
}
