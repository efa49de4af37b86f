import type { Enumeration, FlagSet } from './enumeration.js';
import type { AnyType } from './type.js';

/** The kinds of object that have an id in an iommufd context. */
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
 * What a user pointer points at. The strings name fields of the same struct: `length` holds a number of bytes, `count`
 * a number of entries, `stride` their distance in bytes, and `by` the value that selects the type among `cases`.
 */
export interface Pointee {
  readonly length?: string;
  readonly count?: string;
  readonly stride?: string;
  readonly type?: AnyType;
  readonly by?: string;
  readonly cases?: Readonly<Record<number, AnyType>>;
  /**
   * Set if it is a bitmap. `of` names the field with the number of bytes that the bitmap covers, `page` the field with the
   * number of bytes per bit; `word` is the size in bytes of the words to which it is padded.
   */
  readonly bitmap?: { readonly of: string; readonly page: string; readonly word: number };
  /** True if the kernel writes there; false or absent if it reads. */
  readonly out?: boolean;
}

/** The meaning of a number beyond its width. The printed form and the checks of other layers derive from it. */
export type Role =
  /** `size`, the first field of every iommufd struct: the size in bytes of the struct that the caller knows. */
  | { readonly kind: 'size' }
  /** `argsz`, the first field of every VFIO struct: the size in bytes of the caller's buffer. */
  | { readonly kind: 'argsz' }
  | { readonly kind: 'flags'; readonly set: FlagSet }
  | { readonly kind: 'enum'; readonly of: Enumeration }
  | { readonly kind: 'id'; readonly of: readonly ObjectKind[] }
  | { readonly kind: 'fd' }
  | { readonly kind: 'pointer'; readonly to: Pointee }
  /** An address that is not a pointer into the caller's memory: an IOVA, a guest-physical address. */
  | { readonly kind: 'address' }
  /** A number that is printed in hex: register contents, masks. */
  | { readonly kind: 'hex' }
  /** A StreamID or a PCI requester ID, printed in hex and as bus:device.function. */
  | { readonly kind: 'stream' }
  | { readonly kind: 'number' };

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

const two = (value: number): string => value.toString(16).padStart(2, '0');

/**
 * A PCI requester ID as lspci writes it: `01:04.3`. It is the lower 16 bits of a StreamID, if the firmware maps them so.
 * Source: PCI Express, 2.2.6.2.
 */
export function busDeviceFunction(id: number): string {
  return `${two((id >>> 8) & 0xff)}:${two((id >>> 3) & 0x1f)}.${id & 7}`;
}

function streamText(value: number): string {
  const place = value <= 0xffff ? '' : ' in bits 15:0';
  return `${hex(value)} (${busDeviceFunction(value)}${place})`;
}

/** The value as text, in strace's style. */
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

/** The value of the member called `name`, in upper or lower case. */
function memberOf({ members }: Enumeration | FlagSet, name: string): bigint | undefined {
  const wanted = name.toLowerCase();
  const found = Object.entries(members).find(([member]) => member.toLowerCase() === wanted);
  return found === undefined ? undefined : BigInt(found[1][0]);
}

/** Parses names as {@link describe} prints them: `IOMMU_HWPT_DATA_VTD_S1`, `A|B|0x40`. Undefined if one is unknown. */
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

/** The names of a number: that of an enum's value, or those of the set flags. Bits without a name are given in hex. */
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

/** The forms that JSON may have for a number of this role, for an error message. */
export function jsonForms(role: Role): string {
  if (role.kind === 'flags') return `flags of ${role.set.name}, or a number`;
  return role.kind === 'enum' ? `one of ${role.of.name}, or a number` : 'a number, or "0x…"';
}

/** The role in words, for tables; empty for a plain number. */
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
