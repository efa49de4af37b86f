import { annotate, type Annotation, bitRange, decode, type Json, toHex, toJson } from '@iommufd/uapi/struct';
import { Failure } from '../failure.js';
import { readInput } from '../input.js';
import type { Io } from '../io.js';
import type { Entry } from '../log/entry.js';
import { parseLog, type ParsedLog } from '../log/parse.js';
import { type Paint, paintFor } from '../paint.js';
import { dump, type DumpStyle } from '../print/dump.js';
import { columns } from '../print/table.js';
import { type DecodeCommand, KINDS, kindOf } from './decode-options.js';

const tapes = () => import('../tapes.js');

/** The first bytes of a gzip file. */
const GZIP = [0x1f, 0x8b] as const;

/** Returns true if a text contains a message of an IOMMU driver. */
export function looksLikeLog(text: string): boolean {
  return parseLog(text).entries.length > 0;
}

/** The head of a tape. */
const TAPE = /^\s*\{"tape":/;
/** A line of `iommufd trace`. Its parser is loaded only if a line matches. */
const TRACE = /^\d+\.\d{6} \[\d+(?:\/\d+)?\] \w+\(/m;
/**
 * `iommufd decode` without an option for the format, or with `--log`: prints every event of a kernel log, or every call of a tape or of
 * the output of `iommufd trace`.
 * @throws Failure if the input is none of these
 */
export async function decodeLog(io: Io, given: string | undefined, options: DecodeCommand): Promise<void> {
  const kind = kindOf(options);
  const { text, bytes } = readInput(io, given, options.file);
  const isPacked = bytes?.[0] === GZIP[0] && bytes[1] === GZIP[1];
  if (isPacked || (text !== undefined && (TAPE.test(text) || TRACE.test(text)))) {
    (await tapes()).printTapes(io, isPacked ? bytes : (text ?? ''), options.json === true);
    return;
  }
  if (text === undefined && kind === 'log') throw new Failure('--log: the input is not text');
  if (text?.trim() === '') throw new Failure('the input is empty');
  const isLog = text !== undefined && looksLikeLog(text);
  if (!isLog && given !== undefined && given !== '-' && /^[\w./-]*[g-z./][\w./-]*$/i.test(given)) {
    throw new Failure(
      `${JSON.stringify(given)} contains no event; to read a file of this name, use --file ${given}`,
    );
  }
  if (!isLog && kind === undefined)
    throw new Failure(`the format is unknown; use one of ${KINDS.map((each) => `--${each}`).join(', ')}`);
  printLog(io, text ?? '', options);
}

function printLog(io: Io, text: string, options: DecodeCommand): void {
  const log = parseLog(text);
  const { entries, lines } = log;
  if (entries.length === 0) {
    throw new Failure(
      `no event of an IOMMU in ${lines.length === 1 ? 'the line' : `${lines.length} lines`}: --log reads messages of arm-smmu-v3, tegra241-cmdqv, AMD-Vi and DMAR`,
    );
  }
  if (options.json === true) {
    io.write(`${JSON.stringify(entries.map((entry) => entryJson(entry, log)))}\n`);
    return;
  }
  const paint = paintFor(io);
  entries.forEach((entry, i) => {
    if (i > 0) io.write('\n');
    io.write(`${paint.head(headline(entry))}\n`);
    io.write(fields(entry, paint, { docs: options.docs === true, width: io.width }));
  });
}

function headline({ lines, device, text }: Entry): string {
  return `line ${lines[0] ?? 0}: ${device === '' ? '' : `${device}: `}${text}`;
}

/** Prints the record and the notes: the record as a dump, or only its known fields if the log has a part of it. */
function fields({ record, notes }: Entry, paint: Paint, style: DumpStyle): string {
  const rows = notes.map(([name, value]) => [name, value]);
  const notesTable = columns(rows, { paint: [paint.name, paint.value], width: style.width });
  if (record === undefined) return notesTable;
  const { type, bytes, known } = record;
  const annotations = annotate(type, bytes);
  if (known === undefined) return dump(annotations, paint, style) + notesTable;
  const present = bitsOf(annotations).filter(({ name }) => known.has(name));
  const own = present.map((bit) => [
    `${bit.name} ${bitRange(bit)}`,
    bit.text,
    ...(style.docs === true ? [bit.doc] : []),
  ]);
  return columns([...own, ...rows], { paint: [paint.name, paint.value, paint.dim], width: style.width });
}

const bitsOf = (annotations: readonly Annotation[]) =>
  annotations.flatMap(({ bits }) => bits ?? []).sort((a, b) => a.lo - b.lo);

function entryJson({ lines, device, text, record, notes }: Entry, log: ParsedLog): Json {
  const source = lines.map((number) => log.lines[number - 1]?.source ?? '');
  return {
    line: lines[0] ?? 0,
    lines,
    source,
    device,
    text,
    ...(record && { type: record.type.name, fields: recordJson(record) }),
    ...(record && record.known === undefined && { bytes: toHex(record.bytes) }),
    ...(notes.length > 0 && { notes: Object.fromEntries(notes) }),
  };
}

function recordJson({ type, bytes, known }: NonNullable<Entry['record']>): Json {
  const json = toJson(type, decode(type, bytes, { lenient: true }));
  if (known === undefined || typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  return Object.fromEntries(Object.entries(json).filter(([name]) => known.has(name)));
}
