import { encodeVevents, type VeventToEncode } from '@iommufd/uapi';
import { allConstants } from '@iommufd/uapi/registry';
import {
  type AnyType,
  encode,
  encodeArray,
  fromJson,
  type Json,
  StructError,
  toHex,
} from '@iommufd/uapi/struct';
import { Failure } from '../failure.js';
import { inputJson, readInput } from '../input.js';
import type { Io } from '../io.js';
import { DATA_KINDS, type DataOptions, typeOf } from '../kinds.js';
import { suggestion } from '../nearest.js';
import { theOne } from '../options.js';

/** The options of `iommufd encode`. */
export interface EncodeCommand extends DataOptions {
  readonly file?: string;
}

/** `iommufd encode`: reads fields as JSON, prints bytes as hex. It accepts the output of `decode --json`. @throws Failure | StructError */
export function encodeCommand(io: Io, given: string | undefined, options: EncodeCommand): void {
  const kind = theOne(options, DATA_KINDS);
  if (kind === undefined)
    throw new Failure(
      `the format is unknown; use one of ${DATA_KINDS.map((name) => `--${name}`).join(', ')}`,
    );
  const type = typeOf(kind, options);
  const json = inputJson(readInput(io, given, options.file));
  try {
    io.write(`${toHex(kind === 'veventq' ? queueBytes(type, json) : bytesOf(type, json))}\n`);
  } catch (error) {
    throw error instanceof StructError ? withSuggestion(error) : error;
  }
}

function isArray(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

/** One value, or an array of them. */
function bytesOf(type: AnyType, json: Json): Uint8Array {
  if (!isArray(json)) return encode(type, fromJson(type, json));
  if (json.length === 0) throw new Failure(`${type.name}: the array is empty, there is nothing to encode`);
  const values = json.map((each, i) => valueAt(type, each, `[${i}]`, i * type.byteLength));
  return encodeArray(type, values);
}

/** Encodes a value of an array; an error names its index. */
function valueAt(type: AnyType, json: Json, place: string, at: number): never {
  try {
    return fromJson(type, json);
  } catch (error) {
    if (!(error instanceof StructError)) throw error;
    const { struct, path, offset, expected, found } = error;
    throw new StructError({
      struct,
      path: path === '' ? place : `${place}.${path}`,
      offset: offset + at,
      expected,
      found,
    });
  }
}

/** The records of a vEVENTQ, as `decode --veventq --json` prints them. */
function queueBytes(type: AnyType, json: Json): Uint8Array {
  if (!isArray(json))
    throw new Failure('give an array of records: [{"kind":"event","sequence":0,"event":{...}}]');
  const records = json.map((record, i) => recordOf(type, record, i));
  return encodeVevents(type, records);
}

function recordOf(type: AnyType, record: Json, i: number): VeventToEncode<never> {
  const fields = typeof record === 'object' && record !== null && !isArray(record) ? record : {};
  const { kind, sequence, flags, event, lost: _lost, ...others } = fields as Readonly<Record<string, Json>>;
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw new Failure(`veventq[${i}].${other}: a record has kind, sequence, flags, lost and event`);
  const number = (name: string, value: Json | undefined): number => {
    if (typeof value === 'number') return value;
    throw new Failure(`veventq[${i}].${name}: expected a number, found ${JSON.stringify(value ?? null)}`);
  };
  const common = {
    sequence: number('sequence', sequence),
    ...(flags !== undefined && { flags: number('flags', flags) }),
  };
  if (kind === 'lost') return { kind, ...common };
  if (kind !== 'event')
    throw new Failure(
      `veventq[${i}].kind: expected "event" or "lost", found ${JSON.stringify(kind ?? null)}`,
    );
  if (event === undefined)
    throw new Failure(`veventq[${i}].event: expected the fields of ${type.name}, found nothing`);
  return { kind, ...common, event: valueAt(type, event, `[${i}].event`, 0) };
}

/** Adds similar names to the error for a name that the field does not have. */
function withSuggestion(error: StructError): Failure {
  const name = /^"(\w+)"$/.exec(error.found)?.[1];
  return new Failure(error.message + (name === undefined ? '' : suggestion(name, allConstants.keys())));
}
