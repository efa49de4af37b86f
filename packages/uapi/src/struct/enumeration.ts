/** The value of a name, and its meaning. */
export type Member = readonly [value: number, doc: string];
/** The values of an enum or flag set, by their C names. */
export type Members = Readonly<Record<string, Member>>;

/** The numbers of `M`, by name. */
export type MemberValues<M extends Members> = { readonly [K in keyof M]: M[K][0] };

/** What enums and flag sets share. */
interface Named {
  readonly kind: 'enum' | 'flags';
  /** The C tag, `iommu_hwpt_data_type`, or ours where C has none. */
  readonly name: string;
  readonly doc: string;
  readonly members: Members;
}

/** A set of names for numbers. Numbers without a name are valid and keep their value. */
export interface Enumeration extends Named {
  readonly kind: 'enum';
  /** The first name of `value`. */
  nameOf(value: number | bigint): string | undefined;
  /** The name, or the number in hex if it has no name. */
  format(value: number | bigint): string;
}

/** A set of names for bits. Bits without a name are valid and keep their value. */
export interface FlagSet extends Named {
  readonly kind: 'flags';
  /** `A|B|0x40`; `0` if no bit is set. */
  format(value: number | bigint): string;
}

/** Adds the numbers of `members` to `named` as properties. In place, because it runs for every enum at start-up. */
function withValues<N extends Named, M extends Members>(named: N, members: M): N & MemberValues<M> {
  const all: Record<string, unknown> = Object(named);
  for (const name in members) all[name] = members[name]?.[0];
  // The loop above sets exactly the keys of M, each to its own number.
  return Object.freeze(named) as N & MemberValues<M>;
}

function firstNames(members: Members): ReadonlyMap<bigint, string> {
  const names = new Map<bigint, string>();
  for (const [member, [value]] of Object.entries(members)) {
    const key = BigInt(value);
    if (!names.has(key)) names.set(key, member);
  }
  return names;
}

/**
 * Declares an enum. The numbers are properties of the result: `iommu_hwpt_data_type.IOMMU_HWPT_DATA_NONE`.
 * @param name the C tag
 * @param doc what the numbers distinguish
 * @param members number and meaning of each name
 */
export function enumeration<const M extends Members>(
  name: string,
  doc: string,
  members: M,
): Enumeration & MemberValues<M> {
  // Created with the first look-up: most programs never name a value of most enums.
  let names: ReadonlyMap<bigint, string> | undefined;
  const nameOf = (value: number | bigint) => (names ??= firstNames(members)).get(BigInt(value));
  const format = (value: number | bigint) => nameOf(value) ?? `0x${value.toString(16)}`;
  return withValues<Enumeration, M>({ kind: 'enum', name, doc, members, nameOf, format }, members);
}

/**
 * Declares a set of flags. The masks are properties of the result.
 * @param low mask and names of a number in the lowest bits, if these are not flags
 */
export function flagSet<const M extends Members>(
  name: string,
  doc: string,
  members: M,
  low?: { readonly mask: number; readonly of: Enumeration },
): FlagSet & MemberValues<M> {
  const format = (value: number | bigint): string => {
    let rest = BigInt(value);
    const parts: string[] = [];
    if (low !== undefined) {
      const number = rest & BigInt(low.mask);
      rest -= number;
      parts.push(low.of.format(number));
    }
    for (const [flag, [number]] of Object.entries(members)) {
      const mask = BigInt(number);
      if (mask === 0n || (rest & mask) !== mask) continue;
      parts.push(flag);
      rest &= ~mask;
    }
    if (rest !== 0n) parts.push(`0x${rest.toString(16)}`);
    return parts.length === 0 ? '0' : parts.join('|');
  };
  return withValues<FlagSet, M>({ kind: 'flags', name, doc, members, format }, members);
}
