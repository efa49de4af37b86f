import type { Enumeration, FlagSet } from './enumeration.js';
import type { AnyType } from './type.js';

/** The kinds of object that an iommufd context numbers. */
export type ObjectKind =
  | 'access'
  | 'access_pages'
  | 'device'
  | 'fault'
  | 'hw_queue'
  | 'hwpt'
  | 'ioas'
  | 'mock_device'
  | 'vdevice'
  | 'veventq'
  | 'viommu';

/**
 * What a user pointer points at. `length` and `count` name the fields beside it that tell how much: bytes,
 * or entries that lie `stride` bytes apart; `by` names the field whose value picks the type.
 */
export interface Pointee {
  readonly length?: string;
  readonly count?: string;
  readonly stride?: string;
  readonly type?: AnyType;
  readonly by?: string;
  readonly cases?: Readonly<Record<number, AnyType>>;
  /**
   * It is a bitmap: the field that tells how many bytes it is about, the field that tells for how many of them a bit stands, and
   * the size in bytes of the words that it is padded to.
   */
  readonly bitmap?: { readonly of: string; readonly page: string; readonly word: number };
  /** The kernel writes there, rather than reads. */
  readonly out?: boolean;
}

/** What a number means beyond its width; the printed form and the checks of other layers come from it. */
export type Role =
  /** `size`, the first field of every iommufd struct: how many bytes of the struct the caller knows. */
  | { readonly kind: 'size' }
  /** `argsz`, the first field of every struct of VFIO: how many bytes the caller has there. */
  | { readonly kind: 'argsz' }
  | { readonly kind: 'flags'; readonly set: FlagSet }
  | { readonly kind: 'enum'; readonly of: Enumeration }
  | { readonly kind: 'id'; readonly of: readonly ObjectKind[] }
  | { readonly kind: 'fd' }
  | { readonly kind: 'pointer'; readonly to: Pointee }
  /** An address that is no pointer into the caller's memory: an IOVA, a guest-physical address. */
  | { readonly kind: 'address' }
  /** A number that people read in hex: register contents, masks. */
  | { readonly kind: 'hex' }
  /** A StreamID or a PCI requester ID: hex, and as bus:device.function. */
  | { readonly kind: 'stream' }
  | { readonly kind: 'number' };

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

const two = (value: number): string => value.toString(16).padStart(2, '0');

/**
 * A PCI requester ID as lspci writes it, `01:04.3`. Of a StreamID it is the lower 16 bits, where the firmware maps them so.
 * Source: PCI Express, 2.2.6.2.
 */
export function busDeviceFunction(id: number): string {
  return `${two((id >>> 8) & 0xff)}:${two((id >>> 3) & 0x1f)}.${id & 7}`;
}

function streamText(value: number): string {
  const place = value <= 0xffff ? '' : ' in bits 15:0';
  return `${hex(value)} (${busDeviceFunction(value)}${place})`;
}

/** The value in words, as strace would print it. */
export function describe(value: number | bigint, role: Role): string {
  switch (role.kind) {
    case 'flags':
      return role.set.format(value);
    case 'enum':
      return role.of.format(value);
    case 'pointer':
      return value === 0n ? 'NULL' : hex(value);
    case 'address':
    case 'hex':
      return hex(value);
    case 'stream':
      return streamText(Number(value));
    case 'size':
    case 'argsz':
    case 'id':
    case 'fd':
    case 'number':
      return String(value);
  }
}

/** A name as people write it: in upper or lower case. */
function memberOf({ members }: Enumeration | FlagSet, name: string): bigint | undefined {
  const wanted = name.toLowerCase();
  const found = Object.entries(members).find(([member]) => member.toLowerCase() === wanted);
  return found === undefined ? undefined : BigInt(found[1][0]);
}

/** The number that names stand for, as {@link describe} prints them: `IOMMU_HWPT_DATA_VTD_S1`, `A|B|0x40`. */
export function numberOfNames(text: string, role: Role): bigint | undefined {
  if (role.kind !== 'flags' && role.kind !== 'enum') return undefined;
  const set = role.kind === 'flags' ? role.set : role.of;
  let value = 0n;
  for (const part of text.split('|').map((name) => name.trim())) {
    const number = memberOf(set, part) ?? (/^(0x[0-9a-f]+|[0-9]+)$/i.test(part) ? BigInt(part) : undefined);
    if (number === undefined) return undefined;
    value |= number;
  }
  return value;
}

/** The names in a number: that of an enum's value, or those of the flags that are set. Bits without a name are shown as numbers. */
export function namesOf(role: Role, value: number | bigint): string[] {
  switch (role.kind) {
    case 'enum':
      return [role.of.nameOf(value) ?? []].flat();
    case 'flags':
      return role.set.format(value).split('|');
    default:
      return [];
  }
}

/** What a number of a role may be in JSON, for an error. */
export function jsonForms(role: Role): string {
  if (role.kind === 'flags') return `flags of ${role.set.name}, or a number`;
  return role.kind === 'enum' ? `one of ${role.of.name}, or a number` : 'a number, or "0x…"';
}

/** What kind of number a role makes, in words; empty for a plain number. */
export function roleName(role: Role): string {
  switch (role.kind) {
    case 'flags':
      return `Flags of ${role.set.name}`;
    case 'enum':
      return `One of ${role.of.name}`;
    case 'id':
      return `Id of ${role.of.join(' or ')}`;
    case 'fd':
      return 'File descriptor';
    case 'pointer':
      return 'User pointer';
    case 'address':
      return 'Address';
    case 'size':
    case 'argsz':
    case 'hex':
    case 'stream':
    case 'number':
      return '';
  }
}
