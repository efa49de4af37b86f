import { type Annotation, type BitAnnotation, bitRange, toHex } from '@iommufd/uapi/struct';
import type { Paint } from '../paint.js';
import { roomAt, wrap } from './wrap.js';

const BYTES_A_LINE = 8;
const hexLines = (bytes: Uint8Array): string[] => {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += BYTES_A_LINE) {
    lines.push((toHex(bytes.subarray(at, at + BYTES_A_LINE)).match(/../g) ?? []).join(' '));
  }
  return lines.length === 0 ? [''] : lines;
};
const offset = (at: number): string => at.toString(16).padStart(4, '0');
const HEX_WIDTH = BYTES_A_LINE * 3 - 1;
/** Column at which labels begin, after the offset and the bytes. */
const LABEL_COLUMN = 6 + HEX_WIDTH + 2;

const label = ({ kind, path }: Annotation): string =>
  kind === 'padding' ? '(padding)' : kind === 'rest' ? '(rest)' : path;
const bitLabel = (bit: BitAnnotation): string => `${bit.name} ${bitRange(bit)}`;

/** Options of a dump. */
export interface DumpStyle {
  /** Prints the documentation of each field after it. */
  readonly docs?: boolean;
  /** Columns of the terminal: documentation is broken between words; undefined if the output is not a terminal. */
  readonly width?: number | undefined;
}

/** A line of a dump, without colours. */
interface Row {
  /** Offset and bytes, or spaces in their place. */
  readonly left: string;
  readonly label: string;
  readonly painted: string;
  readonly value: string;
  readonly paint: (text: string) => string;
  readonly doc: string;
  readonly problem: string | undefined;
  /** Bytes that do not fit on the first line. */
  readonly more: readonly string[];
}

function rowsOf(annotation: Annotation, paint: Paint): Row[] {
  const { kind, bits = [], text, doc, problem } = annotation;
  const [first = '', ...more] = hexLines(annotation.bytes);
  const left = (at: number, hex: string) => `${paint.dim(offset(at))}  ${hex.padEnd(HEX_WIDTH)}`;
  const plain = label(annotation);
  const quiet = kind === 'padding' || kind === 'rest' || kind === 'reserved';
  const own: Row = {
    left: left(annotation.offset, first),
    label: plain,
    painted: quiet ? paint.dim(plain) : paint.name(plain),
    value: text,
    paint: quiet ? paint.dim : paint.value,
    doc,
    problem,
    more: more.map((hex, i) => left(annotation.offset + (i + 1) * BYTES_A_LINE, hex).trimEnd()),
  };
  const inner = bits.map((bit): Row => ({
    left: ' '.repeat(6 + HEX_WIDTH),
    label: `  ${bitLabel(bit)}`,
    painted: `  ${paint.name(bit.name)} ${paint.dim(bitRange(bit))}`,
    value: bit.text,
    paint: paint.value,
    doc: bit.doc,
    problem: bit.problem,
    more: [],
  }));
  return [own, ...inner];
}

/** An annotated hex dump: each line has an offset, bytes, the field and its meaning. */
export function dump(
  annotations: readonly Annotation[],
  paint: Paint,
  { docs = false, width }: DumpStyle = {},
): string {
  const rows = annotations.flatMap((annotation) => rowsOf(annotation, paint));
  const labels = Math.max(8, ...rows.map((row) => row.label.length));
  const lines: string[] = [];
  for (const row of rows) {
    const complaint = row.problem === undefined ? '' : `  ${paint.bad(`<- ${row.problem}`)}`;
    const column = LABEL_COLUMN + labels + 2 + row.value.length + 2;
    // The meaning is on lines of its own if there is no room after the value.
    const beside = roomAt(column, width);
    const isBelow = width !== undefined && beside === undefined;
    const texts =
      docs && row.doc !== '' ? wrap(row.doc, isBelow ? roomAt(LABEL_COLUMN + 4, width) : beside) : [];
    const [first, ...others] = isBelow ? [undefined, ...texts] : texts;
    const note = first === undefined ? '' : `  ${paint.dim(first)}`;
    const label = row.painted + ' '.repeat(labels - row.label.length);
    lines.push(`${row.left}  ${label}  ${row.paint(row.value)}${complaint}${note}`.trimEnd());
    const indent = ' '.repeat(isBelow ? LABEL_COLUMN + 4 : column);
    for (const text of others) lines.push(`${indent}${paint.dim(text ?? '')}`);
    lines.push(...row.more);
  }
  return lines.map((line) => `${line}\n`).join('');
}
