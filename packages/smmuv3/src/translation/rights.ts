import type { Access } from '../events.js';
import type { Features } from '../registers/features.js';
import type { Cd } from '../structures.js';

/** What stage 1 allows, as bits: {@link READ}, {@link WRITE}, {@link EXECUTE}. */
export interface Rights {
  readonly unprivileged: number;
  readonly privileged: number;
}

/** Data may be read. */
export const READ = 1;
/** Data may be written. */
export const WRITE = 2;
/** Instructions may be fetched. */
export const EXECUTE = 4;

/** Where stage 1 does not look at the access. */
export const ALL_RIGHTS: Rights = {
  unprivileged: READ | WRITE | EXECUTE,
  privileged: READ | WRITE | EXECUTE,
};

/** Does stage 1 allow an access? Streams of EL2 have privileged ones only. */
export function allows({ unprivileged, privileged }: Rights, access: Access, el2: boolean): boolean {
  const needed = access.write ? WRITE : access.instruction ? EXECUTE : READ;
  return ((access.privileged || el2 ? privileged : unprivileged) & needed) !== 0;
}

/** AP[1]: unprivileged accesses too. In table descriptors APTable[0] is the opposite. */
const AP_UNPRIVILEGED = 1n << 6n;
/** AP[2]: no writes. */
const AP_READ_ONLY = 1n << 7n;
const PXN = 1n << 53n;
const UXN = 1n << 54n;

/** What table descriptors on the way take away (Arm DDI 0487, D8.4.2). */
export interface Hierarchy {
  readonly noUnprivileged: boolean;
  readonly readOnly: boolean;
  readonly pxn: boolean;
  readonly uxn: boolean;
}

/** Takes nothing away. */
export const NO_HIERARCHY: Hierarchy = { noUnprivileged: false, readOnly: false, pxn: false, uxn: false };

const has = (descriptor: bigint, bit: number): boolean => ((descriptor >> BigInt(bit)) & 1n) === 1n;

/** What one more table descriptor takes away: APTable and XNTable. */
export function restrict(above: Hierarchy, descriptor: bigint): Hierarchy {
  return {
    noUnprivileged: above.noUnprivileged || has(descriptor, 61),
    readOnly: above.readOnly || has(descriptor, 62),
    pxn: above.pxn || has(descriptor, 59),
    uxn: above.uxn || has(descriptor, 60),
  };
}

/** What a page or block descriptor gives. Source: Arm DDI 0487, D8.4; Arm IHI 0070, 5.4, CD.WXN and CD.PAN. */
export function rightsOf(
  descriptor: bigint,
  above: Hierarchy,
  cd: Cd,
  el2: boolean,
  { departures }: Features,
): Rights {
  const set = (mask: bigint): boolean => (descriptor & mask) !== 0n;
  const data = READ | (set(AP_READ_ONLY) || above.readOnly ? 0 : WRITE);
  const wxn = cd.WXN === 1;
  const executable = (rights: number, never: boolean): number =>
    never || (wxn && (rights & WRITE) !== 0) ? 0 : EXECUTE;
  const uxn = set(UXN) || above.uxn;
  if (el2) return { unprivileged: 0, privileged: data | executable(data, uxn) };
  const open = departures.ignoresPrivilegedOnly === true || (set(AP_UNPRIVILEGED) && !above.noUnprivileged);
  const unprivileged = open ? data : 0;
  // What can be written unprivileged is never executed privileged.
  const pxn = set(PXN) || above.pxn || (unprivileged & WRITE) !== 0;
  const privileged = cd.PAN === 1 && open ? 0 : data;
  return {
    unprivileged: unprivileged | executable(unprivileged, uxn),
    privileged: privileged | executable(data, pxn),
  };
}
