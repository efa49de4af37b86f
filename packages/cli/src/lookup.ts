import { _IO, _IOR, _IOW, _IOWR, formatRequest, type Ioctl } from '@iommufd/uapi';
import {
  allIoctls,
  allRecords,
  allStructs,
  type AnyRecord,
  type AnyStruct,
  ioctlsByRequest,
} from '@iommufd/uapi/registry';
import { Failure } from './failure.js';
import { unknown } from './nearest.js';

/** Parses a decimal or hexadecimal number; undefined if the text is not a number. */
export function parseNumber(text: string): number | undefined {
  return /^(0x[0-9a-f]+|[0-9]+)$/i.test(text) && Number.isSafeInteger(Number(text))
    ? Number(text)
    : undefined;
}

const MACROS = { _IO, _IOR, _IOW, _IOWR };
const DIRECTIONS: Readonly<Record<string, keyof typeof MACROS>> = {
  _IOC_NONE: '_IO',
  _IOC_READ: '_IOR',
  _IOC_WRITE: '_IOW',
  '_IOC_READ|_IOC_WRITE': '_IOWR',
  '_IOC_WRITE|_IOC_READ': '_IOWR',
};

/** Parses a character in quotes, or a number. */
function parsePart(text: string): number | undefined {
  const letter = /^'(.)'$/.exec(text)?.[1];
  return letter === undefined ? parseNumber(text) : letter.charCodeAt(0);
}

/**
 * Parses a request number as C and strace write it: `0x3b85`, `_IO(';', 0x85)`, `_IOC(_IOC_NONE, 0x3b, 0x85, 0)`.
 * @returns undefined if the text is not a request number
 */
export function parseRequest(text: string): number | undefined {
  const number = parseNumber(text);
  if (number !== undefined) return number;
  const [, macro, inner] = /^\s*(_IOC|_IO|_IOR|_IOW|_IOWR)\s*\((.*)\)\s*;?\s*$/.exec(text) ?? [];
  if (macro === undefined || inner === undefined) return undefined;
  const parts = inner.split(',').map((part) => part.trim());
  const name = macro === '_IOC' ? DIRECTIONS[(parts.shift() ?? '').replace(/\s/g, '')] : macro;
  const [type, nr, size = 0] = parts.map(parsePart);
  if (name === undefined || type === undefined || nr === undefined) return undefined;
  try {
    return MACROS[name as keyof typeof MACROS](type, nr, size);
  } catch (error) {
    if (error instanceof RangeError) throw new Failure(`${text}: ${error.message}`);
    throw error;
  }
}

/** Finds a name, exactly or else ignoring case. */
export function sameName<T>(named: ReadonlyMap<string, T>, name: string): T | undefined {
  const exact = named.get(name);
  if (exact !== undefined) return exact;
  const wanted = name.toLowerCase();
  return [...named].find(([candidate]) => candidate.toLowerCase() === wanted)?.[1];
}

/** Finds a struct or record by name, ignoring case, with or without `struct ` before it. */
export function typeNamed(name: string): AnyStruct | AnyRecord | undefined {
  const tag = name.replace(/^struct\s+/, '').replace(/\s*\*$/, '');
  return sameName(allStructs, tag) ?? sameName(allRecords, tag);
}

/** Finds a struct or record by name. @throws Failure if the name is unknown */
export function findType(name: string): AnyStruct | AnyRecord {
  const found = typeNamed(name);
  if (found !== undefined) return found;
  const ioctl = sameName(allIoctls, name);
  if (ioctl !== undefined) throw new Failure(`${ioctl.name} is an ioctl: give --ioctl ${ioctl.name}`);
  throw unknown('struct', name, [...allStructs.keys(), ...allRecords.keys()]);
}

/** Finds an ioctl by name or request number. @throws Failure if it is unknown, or if a number has several meanings */
export function findIoctl(text: string): Ioctl {
  const request = parseRequest(text);
  if (request === undefined) {
    const found = sameName(allIoctls, text);
    if (found !== undefined) return found;
    if (typeNamed(text) !== undefined) throw new Failure(`${text} is a struct: give --struct ${text}`);
    throw unknown('ioctl', text, allIoctls.keys());
  }
  const [first, ...others] = ioctlsByRequest(request);
  if (first === undefined) {
    const form = request <= 0xffff_ffff ? `, ${formatRequest(request)}` : '';
    throw new Failure(
      `no ioctl has the request number ${text}${parseNumber(text) === undefined ? '' : form}`,
    );
  }
  if (others.length > 0) {
    const all = [first, ...others].map(({ name, files }) => `${name} on ${files.join(' or ')}`);
    throw new Failure(`${text} has several meanings, give a name: ${all.join('; ')}`);
  }
  return first;
}
