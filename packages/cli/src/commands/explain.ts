import { errnoName, type ErrnoName, isErrnoName } from '@iommufd/uapi';
import { allSets, ioctlsByRequest } from '@iommufd/uapi/registry';
import type { Json } from '@iommufd/uapi/struct';
import { hex, type Meaning } from '../explain/meaning.js';
import {
  allNamed,
  errnoMeaningOf,
  forms,
  ioctlMeaning,
  meaningsOfName,
  memberMeaning,
  type Named,
} from '../explain/names.js';
import { Failure } from '../failure.js';
import type { Io } from '../io.js';
import { parseNumber, parseRequest } from '../lookup.js';
import { unknown } from '../nearest.js';
import { paintFor } from '../paint.js';
import { columns } from '../print/table.js';

/**
 * `iommufd explain`: prints the meanings of a name or number, the most likely first. A number can be a request, an errno and an event
 * at once; then all meanings are printed.
 * @param words the words of a term: a name, a number, a line of strace
 * @throws Failure if the term is unknown
 */
export function explainCommand(io: Io, words: readonly string[], options: { readonly json?: boolean }): void {
  const term = words.join(' ').trim();
  if (term === '') throw new Failure('give a name or a number');
  const meanings = meaningsOf(term);
  if (meanings.length > 0) return print(io, meanings, options);
  const parts = namesWith(term);
  const [only, ...others] = parts;
  if (only !== undefined && others.length === 0) return print(io, meaningsOfName(only.name), options);
  if (only === undefined) {
    throw unknown(
      'ioctl, errno, struct, flag or event',
      term,
      allNamed().map(({ name }) => name),
    );
  }
  printNames(io, `names with ${JSON.stringify(term)}`, parts, options);
}

function print(io: Io, meanings: readonly Meaning[], options: { readonly json?: boolean }): void {
  if (options.json === true) {
    const json = meanings.map(({ kind, name, json: details }) => ({ kind, name, ...details }));
    io.write(`${JSON.stringify(json)}\n`);
  } else {
    io.write(meanings.map(({ text }) => text(io)).join('\n'));
  }
}

/** Finds the value of a name in a table of names. */
export function printNames(
  io: Io,
  title: string,
  names: readonly Named[],
  options: { readonly json?: boolean },
): void {
  if (options.json === true) {
    const json: Json = names.map(({ kind, name, doc }) => ({ kind, name, doc }));
    io.write(`${JSON.stringify(json)}\n`);
    return;
  }
  const paint = paintFor(io);
  const rows = names.map(({ kind, name, doc }) => [name, kind, doc]);
  io.write(`${paint.head(title)}\n\n${columns(rows, { paint: [paint.name, paint.dim], width: io.width })}`);
}

/** Replaces the dashes of the SDK's names (`arm-smmuv3`) by the underscores of the kernel's. */
function namesWith(part: string): Named[] {
  const wanted = part.toLowerCase().replaceAll('-', '_');
  if (wanted.length < 3) return [];
  const found = allNamed().filter(({ name }) => name.toLowerCase().includes(wanted));
  return [...new Map(found.map((named) => [named.name, named])).values()];
}

function meaningsOf(term: string): Meaning[] {
  if (/^ioctl\s*\(/.test(term)) return meaningsOfCall(term);
  if (term.includes('|') && !term.startsWith('_IOC')) return meaningsOfFlags(term);
  const error = /^-\s*(\w+)$/.exec(term)?.[1];
  if (error !== undefined) return meaningsOfError(error);
  const number = parseNumber(term);
  if (number !== undefined) return meaningsOfNumber(number, /^0x/i.test(term));
  const request = parseRequest(term);
  if (request === undefined) return meaningsOfName(term);
  const ioctls = ioctlsByRequest(request).map(ioctlMeaning);
  if (ioctls.length === 0)
    throw new Failure(`${term} = ${hex(request)}: no ioctl of iommufd or VFIO has this number`);
  return ioctls;
}

/** The errno after a minus: `-2`, `-ENOENT`. */
function meaningsOfError(text: string): Meaning[] {
  const number = parseNumber(text);
  const name = number === undefined ? text.toUpperCase() : errnoName(number);
  return name !== undefined && isErrnoName(name) ? [errnoMeaningOf(name)] : [];
}

function meaningsOfNumber(number: number, isHex: boolean): Meaning[] {
  const ioctls = ioctlsByRequest(number).map(ioctlMeaning);
  const error = errnoName(number);
  const errors = error === undefined ? [] : [errnoMeaningOf(error)];
  const records = forms.filter(({ tag }) => tag === number).map(({ meaning }) => meaning);
  // Specifications number events in hexadecimal, and errno.h is decimal.
  const found = isHex ? [...ioctls, ...records, ...errors] : [...ioctls, ...errors, ...records];
  return found.length > 0 ? found : membersOf(number);
}

/** Values of enums. Small numbers occur in too many enums to be useful. */
function membersOf(number: number): Meaning[] {
  if (number < 0x20) return [];
  return [...allSets.values()].flatMap((set) =>
    Object.entries(set.members)
      .filter(([, [value]]) => value === number)
      .map(([name, [value, doc]]) => memberMeaning(set, name, value, doc)),
  );
}

/** `A|B`: the meaning of each flag, and their combined number. */
function meaningsOfFlags(term: string): Meaning[] {
  const parts = term.split('|').map((part) => part.trim());
  const found = parts.map((part) => ({ part, flags: flagsNamed(part) }));
  const missing = found.find(({ flags }) => flags.length === 0);
  if (missing !== undefined) {
    throw unknown(
      'flag',
      missing.part,
      allNamed().flatMap(({ kind, name }) => (kind === 'flag' ? [name] : [])),
    );
  }
  const all = found.flatMap(({ flags }) => flags.slice(0, 1));
  const sum = all.reduce((value, flag) => value | BigInt(flag.value), 0n);
  const sets = [...new Set(all.map(({ set }) => set))];
  const name = all.map((flag) => flag.name).join('|');
  return [
    {
      kind: 'flags',
      name,
      json: {
        value: hex(sum),
        of: sets,
        flags: all.map(({ name: flag, value, doc }) => ({ name: flag, value: hex(value), doc })),
      },
      text: (io) => {
        const paint = paintFor(io);
        const rows = all.map(({ name: flag, value, doc }) => [flag, hex(value), doc]);
        const table = columns(rows, { paint: [paint.name, paint.value], width: io.width });
        return `${paint.head(name)} = ${hex(sum)}: flags of ${sets.join(' and ')}.\n\n${table}`;
      },
    },
  ];
}

interface Flag {
  readonly set: string;
  readonly name: string;
  readonly value: number;
  readonly doc: string;
}

function flagsNamed(name: string): Flag[] {
  const wanted = name.toLowerCase();
  return [...allSets.values()].flatMap((set) =>
    Object.entries(set.members)
      .filter(([member]) => member.toLowerCase() === wanted)
      .map(([member, [value, doc]]) => ({ set: set.name, name: member, value, doc })),
  );
}

/** A line of strace: `ioctl(3, _IOC(_IOC_NONE, 0x3b, 0x85, 0), 0x7ffd) = -1 ENOENT (No such file or directory)`. */
function meaningsOfCall(term: string): Meaning[] {
  const [, macro] = /^ioctl\s*\([^,]*,\s*(_IO\w*\([^)]*\)|0x[0-9a-f]+|\w+)/i.exec(term) ?? [];
  const error = /=\s*-1\s+(E[A-Z0-9]+)/.exec(term)?.[1];
  const request = macro === undefined ? undefined : parseRequest(macro);
  const ioctls =
    request === undefined
      ? meaningsOfName(macro ?? '').filter(({ kind }) => kind === 'ioctl')
      : ioctlsByRequest(request).map(ioctlMeaning);
  if (error === undefined || !isErrnoName(error)) return ioctls;
  return [
    ...ioctls.flatMap((ioctl) => failureOf(ioctl, error)),
    ...ioctls,
    ...(ioctls.length === 0 ? [errnoMeaningOf(error)] : []),
  ];
}

/** The meaning of an errno for one ioctl. */
function failureOf({ name, json }: Meaning, error: ErrnoName): Meaning[] {
  const errors: Json = json['errors'] ?? null;
  const meaning = typeof errors === 'object' && errors !== null ? Reflect.get(errors, error) : undefined;
  if (typeof meaning !== 'string') return [errnoMeaningOf(error)];
  return [
    {
      kind: 'failure',
      name: `${name}: ${error}`,
      json: { doc: meaning },
      text: (io) => `${paintFor(io).head(`${error} of ${name}`)}: ${meaning}\n`,
    },
  ];
}
