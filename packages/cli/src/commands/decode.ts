import {
  decodeVevents,
  iommu_hwpt_page_response,
  iommu_hwpt_pgfault,
  iommu_vevent_tegra241_cmdqv,
  iommu_viommu_event_selftest,
  iommufd_vevent_header,
  smmuv3_event,
  VEVENT_SEQUENCE_MAX,
  type VeventRecord,
} from '@iommufd/uapi';
import {
  annotate,
  type Annotation,
  type AnyType,
  decode,
  decodeArray,
  type Json,
  toJson,
} from '@iommufd/uapi/struct';
import { Failure } from '../failure.js';
import { inputBytes } from '../input.js';
import { type Io, paintFor } from '../io.js';
import { findIoctl, findType, parseNumber } from '../lookup.js';
import { unknown } from '../nearest.js';
import { dump } from '../print/dump.js';

/** The options of `iommufd decode`. */
export interface DecodeCommand {
  readonly struct?: string;
  readonly ioctl?: string;
  readonly veventq?: string;
  readonly after?: string;
  readonly faults?: boolean;
  readonly responses?: boolean;
  readonly file?: string;
  readonly json?: boolean;
  readonly lenient?: boolean;
  readonly docs?: boolean;
}

/** The events of a vEVENTQ, by the name of its type on the command line. */
export const VEVENTQ_TYPES = {
  smmuv3: smmuv3_event,
  tegra241: iommu_vevent_tegra241_cmdqv,
  selftest: iommu_viommu_event_selftest,
} as const;

/** What an ioctl's argument points at. @throws Failure where it points at nothing */
export function structOf(name: string): AnyType {
  const { struct, name: found } = findIoctl(name);
  if (struct === undefined) throw new Failure(`the argument of ${found} is no struct`);
  return struct;
}

/** `iommufd decode`: bytes in, fields out. @throws Failure | StructError */
export function decodeCommand(io: Io, input: string | undefined, options: DecodeCommand): void {
  const { struct, ioctl, veventq, faults, responses } = options;
  const kinds = [struct, ioctl, veventq, faults, responses].filter((kind) => kind !== undefined);
  if (kinds.length !== 1) {
    throw new Failure('say what it is: one of --struct, --ioctl, --veventq, --faults, --responses');
  }
  if (veventq !== undefined) {
    const type = eventType(veventq);
    return decodeQueue(io, type, inputBytes(io, input, options.file), options);
  }
  if (faults === true) return decodeRecords(io, iommu_hwpt_pgfault, input, options);
  if (responses === true) return decodeRecords(io, iommu_hwpt_page_response, input, options);

  const type = struct !== undefined ? findType(struct) : structOf(ioctl ?? '');
  const bytes = inputBytes(io, input, options.file);
  const value = decode(type, bytes, { lenient: options.lenient === true });
  if (options.json === true) return printJson(io, toJson(type, value));
  printDump(io, `${type.name}, ${bytes.length} bytes`, annotate(type, bytes), options);
}

function eventType(name: string): AnyType {
  const type = Object.entries(VEVENTQ_TYPES).find(([key]) => key === name)?.[1];
  if (type === undefined) throw unknown('vEVENTQ type', name, Object.keys(VEVENTQ_TYPES));
  return type;
}

function printJson(io: Io, json: Json): void {
  io.write(`${JSON.stringify(json)}\n`);
}

function printDump(io: Io, title: string, annotations: readonly Annotation[], options: DecodeCommand): void {
  const paint = paintFor(io);
  io.write(`${paint.head(title)}\n`);
  io.write(dump(annotations, paint, options.docs === true));
}

/** Annotations of the bytes of one record of a stream, with offsets in the stream. */
function annotateAt(type: AnyType, bytes: Uint8Array, at: number): Annotation[] {
  const record = bytes.subarray(at, at + type.byteLength);
  return annotate(type, record).map((annotation) => ({ ...annotation, offset: annotation.offset + at }));
}

function decodeQueue(io: Io, type: AnyType, bytes: Uint8Array, options: DecodeCommand): void {
  const after = options.after === undefined ? undefined : sequenceNumber(options.after);
  const lenient = options.lenient === true;
  const records = decodeVevents(type, bytes, after === undefined ? { lenient } : { lenient, after });
  if (options.json === true) {
    const json = records.map((record) =>
      record.kind === 'event' ? { ...record, event: toJson(type, record.event) } : { ...record },
    );
    return printJson(io, json);
  }
  let at = 0;
  records.forEach((record, i) => {
    const header = annotateAt(iommufd_vevent_header, bytes, at);
    at += iommufd_vevent_header.byteLength;
    const event = record.kind === 'event' ? annotateAt(type, bytes, at) : [];
    if (record.kind === 'event') at += type.byteLength;
    // Only who knows what was read before knows what is missing before the first record.
    const unsure =
      i === 0 && after === undefined && record.lost > 0 ? ' if this is the first read of the queue' : '';
    printDump(io, `record ${i}: ${describeRecord(record)}${unsure}`, [...header, ...event], options);
  });
}

function sequenceNumber(text: string): number {
  const number = parseNumber(text);
  if (number !== undefined && number <= VEVENT_SEQUENCE_MAX) return number;
  throw new Failure(`--after: ${JSON.stringify(text)} is no number from 0 to ${VEVENT_SEQUENCE_MAX}`);
}

/** What a record of a vEVENTQ says of the events before it. */
export function describeRecord({ kind, sequence, lost }: VeventRecord<unknown>): string {
  const events = `${lost} ${lost === 1 ? 'event' : 'events'}`;
  if (kind === 'lost') return `${events} lost at the tail, up to number ${sequence}`;
  return lost === 0 ? `event ${sequence}` : `event ${sequence}, after ${events} lost`;
}

function decodeRecords(io: Io, type: AnyType, input: string | undefined, options: DecodeCommand): void {
  const bytes = inputBytes(io, input, options.file);
  const values = decodeArray(type, bytes, { lenient: options.lenient === true });
  if (options.json === true)
    return printJson(
      io,
      values.map((value) => toJson(type, value)),
    );
  values.forEach((_value, i) => {
    printDump(io, `record ${i}: ${type.name}`, annotateAt(type, bytes, i * type.byteLength), options);
  });
}
