/**
 * Stage 1 permissions (Arm DDI 0487, D8.4). A leaf descriptor, the table descriptors above it and the context
 * descriptor determine one set of rights for privileged accesses and one for unprivileged accesses. The TLB caches
 * both.
 */
import type { Access } from '../events.js';
import type { Features } from '../registers/features.js';
import type { Cd } from '../structures.js';

/** Stage 1 permissions, as bits: {@link READ}, {@link WRITE}, {@link EXECUTE}. */
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

/** The rights if stage 1 is not enabled. */
export const ALL_RIGHTS: Rights = {
  unprivileged: READ | WRITE | EXECUTE,
  privileged: READ | WRITE | EXECUTE,
};

/** True if stage 1 allows an access. All accesses of EL2 streams are privileged. */
export function allows({ unprivileged, privileged }: Rights, access: Access, el2: boolean): boolean {
  const needed = access.write ? WRITE : access.instruction ? EXECUTE : READ;
  return ((access.privileged || el2 ? privileged : unprivileged) & needed) !== 0;
}

/** AP[1]: unprivileged accesses are allowed. In table descriptors, APTable[0] has the opposite meaning. */
const AP_UNPRIVILEGED = 1n << 6n;
/** AP[2]: read-only. */
export const AP_READ_ONLY = 1n << 7n;
const PXN = 1n << 53n;
const UXN = 1n << 54n;

/** Restrictions of permissions by table descriptors (Arm DDI 0487, D8.4.2). */
export interface Hierarchy {
  readonly noUnprivileged: boolean;
  readonly readOnly: boolean;
  readonly pxn: boolean;
  readonly uxn: boolean;
}

/** No restriction. */
export const NO_HIERARCHY: Hierarchy = { noUnprivileged: false, readOnly: false, pxn: false, uxn: false };

const has = (descriptor: bigint, bit: number): boolean => ((descriptor >> BigInt(bit)) & 1n) === 1n;

/** Adds the restrictions of another table descriptor: APTable, UXNTable and PXNTable. */
export function restrict(above: Hierarchy, descriptor: bigint): Hierarchy {
  return {
    noUnprivileged: above.noUnprivileged || has(descriptor, 61),
    readOnly: above.readOnly || has(descriptor, 62),
    pxn: above.pxn || has(descriptor, 59),
    uxn: above.uxn || has(descriptor, 60),
  };
}

/** The rights of a page or block descriptor. Source: Arm DDI 0487, D8.4; Arm IHI 0070, 5.4, CD.WXN and CD.PAN. */
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
  // A page that unprivileged accesses can write is never privileged-executable.
  const pxn = set(PXN) || above.pxn || (unprivileged & WRITE) !== 0;
  const privileged = cd.PAN === 1 && open ? 0 : data;
  return {
    unprivileged: unprivileged | executable(unprivileged, uxn),
    privileged: privileged | executable(data, pxn),
  };
}
