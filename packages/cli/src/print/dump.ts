import { type Annotation, type BitAnnotation, bitRange, toHex } from '@iommufd/uapi/struct';
import type { Paint } from '../io.js';

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

const label = ({ kind, path }: Annotation): string =>
  kind === 'padding' ? '(padding)' : kind === 'rest' ? '(rest)' : path;
const bitLabel = (bit: BitAnnotation): string => `${bit.name} ${bitRange(bit)}`;

/**
 * An annotated hex dump: each line has an offset, bytes, the field that they are, and what they mean.
 * @param docs say after each field what it is for
 */
export function dump(annotations: readonly Annotation[], paint: Paint, docs = false): string {
  const labels = annotations.flatMap((a) => [label(a), ...(a.bits ?? []).map((bit) => `  ${bitLabel(bit)}`)]);
  const width = Math.max(8, ...labels.map((text) => text.length));
  const lines: string[] = [];
  const row = (left: string, text: string, painted: string, value: string, doc: string, problem?: string) => {
    const complaint = problem === undefined ? '' : `  ${paint.bad(`<- ${problem}`)}`;
    const note = docs && doc !== '' ? `  ${paint.dim(doc)}` : '';
    lines.push(
      `${left}  ${painted}${' '.repeat(width - text.length)}  ${value}${complaint}${note}`.trimEnd(),
    );
  };
  for (const annotation of annotations) {
    const { kind, bits, text, doc, problem } = annotation;
    const [first = '', ...more] = hexLines(annotation.bytes);
    const left = (at: number, hex: string) => `${paint.dim(offset(at))}  ${hex.padEnd(HEX_WIDTH)}`;
    const plain = label(annotation);
    const quiet = kind === 'padding' || kind === 'rest' || kind === 'reserved';
    const painted = quiet ? paint.dim(plain) : paint.name(plain);
    const value = quiet ? paint.dim(text) : paint.value(text);
    row(left(annotation.offset, first), plain, painted, value, doc, problem);
    more.forEach((hex, i) => lines.push(left(annotation.offset + (i + 1) * BYTES_A_LINE, hex).trimEnd()));
    for (const bit of bits ?? []) {
      const text = `  ${bitLabel(bit)}`;
      row(
        ' '.repeat(6 + HEX_WIDTH),
        text,
        `  ${paint.name(bit.name)} ${paint.dim(bitRange(bit))}`,
        paint.value(bit.text),
        bit.doc,
        bit.problem,
      );
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}
