/** `--kernel`: the structs of an older release of Linux. */
import { hasName, type Release, releaseOf, RELEASES, sinceOf } from '@iommufd/uapi/history';
import { type AnyType, decode, Integer, type Layout, layout, namesOf, Struct } from '@iommufd/uapi/struct';
import { Failure } from './failure.js';
import type { Problem } from './records.js';

/** Parses the value of `--kernel`. @throws Failure if the release is unknown */
export function releaseNamed(text: string): Release {
  const release = releaseOf(text);
  if (release !== undefined) return release;
  throw new Failure(`--kernel: ${JSON.stringify(text)} is none of ${RELEASES.join(', ')}`);
}

/** The layout of a struct in a release, without the fields of later ones. @throws Failure if the release does not have the struct */
export function layoutIn(type: AnyType, release: Release): Layout {
  if (!(type instanceof Struct))
    throw new Failure(`--kernel: ${type.name} is a record of hardware, which no kernel changes`);
  if (!hasName(release, type.name)) throw new Failure(lacking(release, type.name));
  const known = ({ name }: { readonly name: string }): boolean => hasName(release, `${type.name}.${name}`);
  const whole = layout(type);
  const rows = whole.rows
    .filter(known)
    .map((row) => (row.name === '' ? { ...row, rows: row.rows.filter(known) } : row));
  if (rows.length === whole.rows.length) return { ...whole, rows };
  const members = type.members.filter(known);
  const align = Math.max(...members.map((member) => member.type.align));
  const end = Math.max(...members.map((member) => member.offset + member.size));
  return { ...whole, rows, align, size: Math.ceil(end / align) * align };
}

/**
 * Checks the bytes of a struct against a release.
 * @param size size of the struct in the release, in bytes
 * @returns why the release refuses the bytes; undefined if it accepts them
 */
export function refusalIn(
  type: AnyType,
  bytes: Uint8Array,
  release: Release,
  size: number,
): Problem | undefined {
  const tail = bytes.subarray(size).findIndex((byte) => byte !== 0);
  if (tail !== -1) {
    const what = `Linux ${release} knows ${size} bytes of it, and what is not zero behind them is E2BIG`;
    return { path: '', offset: size + tail, what };
  }
  return newValue(type, bytes, release);
}

const lacking = (release: Release, name: string): string =>
  `Linux ${release} has no ${name}: it came with ${sinceOf(name) ?? 'a later one'}`;

/** Finds a value of an enum, or a flag, that is newer than the release. */
function newValue(type: AnyType, bytes: Uint8Array, release: Release): Problem | undefined {
  const value: unknown = decode(type, bytes, { lenient: true });
  if (!(type instanceof Struct) || typeof value !== 'object' || value === null) return undefined;
  for (const { name, offset, type: field } of type.members) {
    const number: unknown = Reflect.get(value, name);
    if (!(field instanceof Integer) || (typeof number !== 'number' && typeof number !== 'bigint')) continue;
    const later = namesOf(field.role, number).find((each) => !hasName(release, each));
    if (later !== undefined) return { path: name, offset, what: lacking(release, later) };
  }
  return undefined;
}
