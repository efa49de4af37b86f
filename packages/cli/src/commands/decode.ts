import {
  decodeVevents,
  iommu_veventq_flag,
  iommufd_vevent_header,
  VEVENT_SEQUENCE_MAX,
  type VeventRecord,
} from '@iommufd/uapi';
import type { Release } from '@iommufd/uapi/history';
import {
  annotate,
  type Annotation,
  type AnyType,
  decode,
  type Json,
  type Layout,
  StructError,
  toJson,
} from '@iommufd/uapi/struct';
import { Failure } from '../failure.js';
import type { WordSize } from '../hex/hex.js';
import { type Input, inputBytes, readInput } from '../input.js';
import type { Io } from '../io.js';
import { typeOf } from '../kinds.js';
import { layoutIn, refusalIn, releaseNamed } from '../kernel.js';
import { parseNumber } from '../lookup.js';
import { paintFor } from '../paint.js';
import { dump } from '../print/dump.js';
import { complaint, isRecord, problemOf } from '../records.js';
import { type DecodeCommand, kindOf } from './decode-options.js';

/** The parser of logs is a separate bundle, which is loaded only if it is needed. */
const logs = () => import('../logs.js');

/** `iommufd decode`: prints bytes as fields. @throws Failure | StructError */
export async function decodeCommand(
  io: Io,
  given: string | undefined,
  options: DecodeCommand,
): Promise<void> {
  const kind = kindOf(options);
  if (kind === undefined || kind === 'log') return (await logs()).decodeLog(io, given, options);
  const words = wordSize(options.words);
  // Options are checked before the input is read.
  const type = typeOf(kind, options);
  const after = options.after === undefined ? undefined : sequenceNumber(options.after);
  const release = options.kernel === undefined ? undefined : releaseNamed(options.kernel);
  const input = readInput(io, given, options.file);
  const bytes = await bytesOf(input, words, kind);
  if (bytes.length === 0) throw new Failure('the input is empty');
  if (kind === 'veventq') return decodeQueue(io, type, bytes, after, options);
  if (release !== undefined) return decodeIn(io, type, bytes, release, options);
  const isStream = kind === 'faults' || kind === 'responses';
  if (isStream || (isRecord(type) && bytes.length > type.byteLength))
    return decodeRecords(io, type, bytes, options);
  decodeOne(io, type, bytes, options);
}

function wordSize(text: string | undefined): WordSize | undefined {
  if (text === undefined) return undefined;
  if (text === '32') return 32;
  if (text === '64') return 64;
  throw new Failure(`--words: ${JSON.stringify(text)} is neither 32 nor 64`);
}

/** Reads the bytes of the input. @throws Failure; it suggests --log if the input is a log */
async function bytesOf(input: Input, words: WordSize | undefined, kind: string): Promise<Uint8Array> {
  try {
    return inputBytes(input, words);
  } catch (error) {
    if (!(error instanceof Failure) || input.text === undefined) throw error;
    const { looksLikeLog } = await logs();
    if (!looksLikeLog(input.text)) throw error;
    throw new Failure(`the input is the log of a kernel: give --log instead of --${kind}`);
  }
}

function printJson(io: Io, json: Json): void {
  io.write(`${JSON.stringify(json)}\n`);
}

function printDump(io: Io, title: string, annotations: readonly Annotation[], options: DecodeCommand): void {
  const paint = paintFor(io);
  io.write(`${paint.head(title)}\n`);
  io.write(dump(annotations, paint, { docs: options.docs === true, width: io.width }));
}

/** Keeps only the fields of a layout. */
function only({ rows }: Layout, json: Json): Json {
  const names = new Set(
    rows.flatMap(({ name, rows: members }) => [name, ...members.map((member) => member.name)]),
  );
  return Object.fromEntries(Object.entries(json ?? {}).filter(([name]) => names.has(name)));
}

/** Prints one struct. @param known the part to print; all of it by default */
function decodeOne(io: Io, type: AnyType, bytes: Uint8Array, options: DecodeCommand, known?: Layout): void {
  const lenient = options.lenient === true;
  const problem = lenient ? undefined : problemOf(type, bytes);
  if (problem !== undefined) throw complaint(type.name, problem);
  const value = decode(type, bytes, { lenient });
  if (options.json === true)
    return printJson(io, known === undefined ? toJson(type, value) : only(known, toJson(type, value)));
  const shown = annotate(type, bytes).filter(({ offset }) => known === undefined || offset < known.size);
  printDump(io, `${type.name}, ${bytes.length} bytes`, shown, options);
}

/** Prints a struct as a release of Linux understands it. */
function decodeIn(io: Io, type: AnyType, bytes: Uint8Array, release: Release, options: DecodeCommand): void {
  const known = layoutIn(type, release);
  const problem = refusalIn(type, bytes, release, known.size);
  if (problem !== undefined && options.lenient !== true) throw complaint(type.name, problem);
  decodeOne(io, type, bytes, options, known);
}

/** Prints consecutive records, up to the first invalid one. @throws Failure if one is invalid, after the records before it are printed */
function decodeRecords(io: Io, type: AnyType, bytes: Uint8Array, options: DecodeCommand): void {
  const lenient = options.lenient === true;
  const json: Json[] = [];
  let failure: Failure | undefined;
  for (let at = 0, i = 0; at < bytes.length && failure === undefined; at += type.byteLength, i++) {
    const record = bytes.subarray(at, at + type.byteLength);
    const problem = record.length < type.byteLength || !lenient ? problemOf(type, record) : undefined;
    if (problem !== undefined) failure = complaint(`${type.name}[${i}]`, problem, at);
    else if (options.json === true) json.push(toJson(type, decode(type, record, { lenient })));
    else printDump(io, `record ${i}: ${type.name}`, annotateAt(type, bytes, at), options);
  }
  if (options.json === true) printJson(io, json);
  if (failure !== undefined) throw failure;
}

/** Annotates one record of a stream, with offsets in the stream. */
function annotateAt(type: AnyType, bytes: Uint8Array, at: number): Annotation[] {
  const record = bytes.subarray(at, at + type.byteLength);
  return annotate(type, record).map((annotation) => ({ ...annotation, offset: annotation.offset + at }));
}

const HEADER = iommufd_vevent_header.byteLength;

/** The length of the valid records at the start of a vEVENTQ's bytes, and the error of the first invalid one. */
function validPart(
  type: AnyType,
  bytes: Uint8Array,
  lenient: boolean,
): { readonly length: number; readonly failure: Failure | undefined } {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const header = bytes.subarray(at, at + HEADER);
    if (header.length < HEADER) break;
    const isLost = ((header[0] ?? 0) & iommu_veventq_flag.IOMMU_VEVENTQ_FLAG_LOST_EVENTS) !== 0;
    const data = isLost ? undefined : bytes.subarray(at + HEADER, at + HEADER + type.byteLength);
    if (data !== undefined && data.length < type.byteLength) break;
    const problem = data === undefined || lenient ? undefined : problemOf(type, data);
    if (problem !== undefined)
      return { length: at, failure: complaint(`veventq[${i}].data`, problem, at + HEADER) };
    at += HEADER + (data?.length ?? 0);
  }
  return { length: at, failure: undefined };
}

function decodeQueue(
  io: Io,
  type: AnyType,
  bytes: Uint8Array,
  after: number | undefined,
  options: DecodeCommand,
): void {
  const lenient = options.lenient === true;
  const { length, failure } = validPart(type, bytes, lenient);
  const records = decodeVevents(type, bytes.subarray(0, length), {
    lenient,
    ...(after !== undefined && { after }),
  });
  if (options.json === true) {
    const json = records.map((record) =>
      record.kind === 'event' ? { ...record, event: toJson(type, record.event) } : { ...record },
    );
    printJson(io, json);
  } else {
    let at = 0;
    records.forEach((record, i) => {
      const header = annotateAt(iommufd_vevent_header, bytes, at);
      at += HEADER;
      const event = record.kind === 'event' ? annotateAt(type, bytes, at) : [];
      if (record.kind === 'event') at += type.byteLength;
      // Whether events are missing before the first record depends on the read before, which --after names.
      const unsure =
        i === 0 && after === undefined && record.lost > 0 ? ' if this is the first read of the queue' : '';
      printDump(io, `record ${i}: ${describeRecord(record)}${unsure}`, [...header, ...event], options);
    });
  }
  if (failure !== undefined) throw failure;
  // The decoder throws the error for a record that is cut off at the end.
  if (length < bytes.length) failAt(type, bytes, { lenient });
}

function failAt(type: AnyType, bytes: Uint8Array, options: { readonly lenient: boolean }): never {
  try {
    decodeVevents(type, bytes, options);
  } catch (error) {
    if (error instanceof StructError) throw new Failure(error.message);
    throw error;
  }
  throw new Failure('the queue is cut off');
}

function sequenceNumber(text: string): number {
  const number = parseNumber(text);
  if (number !== undefined && number <= VEVENT_SEQUENCE_MAX) return number;
  throw new Failure(`--after: ${JSON.stringify(text)} is not a number from 0 to ${VEVENT_SEQUENCE_MAX}`);
}

/** Describes a record of a vEVENTQ: its number, and the events that were lost before it. */
export function describeRecord({ kind, sequence, lost }: VeventRecord<unknown>): string {
  const events = `${lost} ${lost === 1 ? 'event' : 'events'}`;
  if (kind === 'lost') return `${events} lost at the tail, up to number ${sequence}`;
  return lost === 0 ? `event ${sequence}` : `event ${sequence}, after ${events} lost`;
}
