import type { Layout, LayoutRow } from '@iommufd/uapi/struct';
import type { Paint } from '../paint.js';
import { roomAt, wrap } from './wrap.js';

/** Options of a table. */
export interface TableStyle {
  /** Colours of the columns, beginning with the first. */
  readonly paint?: readonly ((text: string) => string)[];
  /** Columns of the terminal: the last column of the table is broken; undefined if the output is not a terminal. */
  readonly width?: number | undefined;
}

/** Indentation of the last column's cells if the column is too narrow and they are printed below the others. */
const INDENT = 4;

/** Prints rows of cells in columns of the width of their longest cell. The last column is broken between words if `width` is given. */
export function columns(
  rows: readonly (readonly string[])[],
  { paint = [], width }: TableStyle = {},
): string {
  const widths: number[] = [];
  const last = Math.max(0, ...rows.map((row) => row.length)) - 1;
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  const before = widths.slice(0, last).reduce((sum, cell) => sum + cell + 2, 0);
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (paint[i] ?? String)(cell) + ' '.repeat(Math.max(0, (widths[i] ?? 0) - cell.length)))
      .join('  ')
      .trimEnd();
  return rows
    .flatMap((row) => {
      if (row.length - 1 < last) return [row];
      if (width !== undefined && roomAt(before, width) === undefined && last > 0) {
        const below = row[last] === '' ? [] : wrap(row[last] ?? '', width - INDENT);
        return [row.slice(0, last), ...below.map((text) => [' '.repeat(INDENT) + text])];
      }
      const [first = '', ...more] = wrap(row[last] ?? '', roomAt(before, width));
      return [
        [...row.slice(0, last), first],
        ...more.map((text) => [...row.slice(0, last).map(() => ''), text]),
      ];
    })
    .map((row) => `${line(row)}\n`)
    .join('');
}

const DIRECTIONS = { in: 'in', out: 'out', inout: 'in/out', none: '' } as const;

function rowsOf(rows: readonly LayoutRow[], depth: number): string[][] {
  return rows.flatMap((row) => {
    const { name, offset, size, bits, type, direction, role, doc } = row;
    const place =
      bits === undefined ? `${offset}` : bits.hi === bits.lo ? `[${bits.hi}]` : `[${bits.hi}:${bits.lo}]`;
    const label = '  '.repeat(depth) + (name === '' ? '(union)' : name);
    const meaning = [role === '' ? '' : `${role}. `, doc].join('');
    const own = [
      label,
      place,
      bits === undefined ? `${size}` : '',
      bits === undefined ? type : '',
      DIRECTIONS[direction],
      meaning,
    ];
    return [own, ...rowsOf(row.rows, depth + 1)];
  });
}

/** Prints the layout of a struct as a table. */
export function layoutTable({ name, size, align, rows }: Layout, paint: Paint, width?: number): string {
  const head = `${paint.head(name)}: ${size} bytes, aligned to ${align}\n\n`;
  const titles = ['field', 'offset', 'size', 'type', 'dir', 'meaning'];
  return (
    head +
    columns([titles, ...rowsOf(rows, 0)], {
      paint: [paint.name, paint.value, paint.value, paint.dim, paint.dim],
      width,
    })
  );
}
