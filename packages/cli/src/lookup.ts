import type { Ioctl } from '@iommufd/uapi';
import {
  allIoctls,
  allRecords,
  allStructs,
  type AnyRecord,
  type AnyStruct,
  ioctlsByRequest,
  typeByName,
} from '@iommufd/uapi/registry';
import { Failure } from './failure.js';
import { unknown } from './nearest.js';

/** A number as people write it, or undefined if it is none. */
export function parseNumber(text: string): number | undefined {
  return /^(0x[0-9a-f]+|[0-9]+)$/i.test(text) && Number.isSafeInteger(Number(text))
    ? Number(text)
    : undefined;
}

/** A struct or record by name; `struct ` before it may be there. @throws Failure */
export function findType(name: string): AnyStruct | AnyRecord {
  const found = typeByName(name.replace(/^struct\s+/, ''));
  if (found === undefined) throw unknown('struct', name, [...allStructs.keys(), ...allRecords.keys()]);
  return found;
}

/** An ioctl by name or request number. @throws Failure for none, or for a number with several meanings */
export function findIoctl(text: string): Ioctl {
  const request = parseNumber(text);
  if (request === undefined) {
    const found = allIoctls.get(text);
    if (found === undefined) throw unknown('ioctl', text, allIoctls.keys());
    return found;
  }
  const [first, ...others] = ioctlsByRequest(request);
  if (first === undefined) throw new Failure(`no ioctl has the request number ${text}`);
  if (others.length > 0) {
    const all = [first, ...others].map(({ name, files }) => `${name} on ${files.join(' or ')}`);
    throw new Failure(`${text} has several meanings, give a name: ${all.join('; ')}`);
  }
  return first;
}
