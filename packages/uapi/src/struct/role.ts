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
  | { readonly kind: 'number' };

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

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
    case 'size':
    case 'argsz':
    case 'id':
    case 'fd':
    case 'number':
      return String(value);
  }
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
    case 'number':
      return '';
  }
}
