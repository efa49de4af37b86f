/** Rows of documents that are text: the lines of a trace, and the events of a kernel log with their details. */
import type { Entry, ParsedLog } from '@iommufd/cli/decoders';
import type { ProcessLine, TraceLine } from '@iommufd/tape/browser';
import { annotate, bitRange } from '@iommufd/uapi/struct';
import { type CallDetail, recordBlock } from './call-detail.js';
import type { Row } from './timeline.js';

/** The notes of `iommufd run --trace` about lost events. */
const LOST = /LOST_EVENTS|the gap in the sequence/;

/** The row of a line of a trace. */
export function rowOfLine(index: number, { pid, tid, call, result, notes }: TraceLine): Row {
  const name = /\b(?:IOMMU|VFIO)_\w+/.exec(call)?.[0] ?? /^\w+/.exec(call)?.[0] ?? '';
  const failed = /^-1|^-E/.test(result);
  return {
    index,
    step: index,
    kind: 'call',
    pid,
    tid,
    fd: undefined,
    file: '',
    name,
    text: call,
    result,
    failed,
    lost: notes.some((note) => LOST.test(note)),
  };
}

/** The row of an event of a process in a trace, or of a signal. */
export const rowOfProcess = (index: number, { pid, text }: ProcessLine): Row => ({
  index,
  step: index,
  kind: 'note',
  pid,
  tid: undefined,
  fd: undefined,
  file: '',
  name: '',
  text,
  result: '',
  failed: false,
  lost: false,
});

/** The row of an event of a log. */
export function rowOfEntry(index: number, { lines, device, text }: Entry): Row {
  return {
    index,
    step: (lines[0] ?? 1) - 1,
    kind: 'event',
    pid: 0,
    tid: undefined,
    fd: undefined,
    file: device,
    name: /\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b/.exec(text)?.[0] ?? /^[\w-]+/.exec(text)?.[0] ?? '',
    text,
    result: '',
    failed: /error|fault|abort|bad/i.test(text),
    lost: /overflow|lost/i.test(text),
  };
}

/** The details of an event of a log: its lines, and its record. */
export function logDetail({ entries, lines }: ParsedLog, index: number): Partial<CallDetail> {
  const entry = entries[index];
  if (entry === undefined) return {};
  const notes = [
    ...entry.lines.map((number) => lines[number - 1]?.source ?? ''),
    ...entry.notes.map(([name, value]) => `${name}: ${value}`),
  ];
  const { record } = entry;
  if (record === undefined) return { notes };
  if (record.known === undefined)
    return { notes, blocks: [recordBlock('record', record.type, record.bytes)] };
  // If the log has only a part of a record, show the known fields.
  const { known } = record;
  const bits = annotate(record.type, record.bytes).flatMap((each) => each.bits ?? []);
  const fields = bits
    .filter(({ name }) => known.has(name))
    .map((bit) => `${bit.name} ${bitRange(bit)} = ${bit.text}`);
  return { notes: [...notes, ...fields] };
}
