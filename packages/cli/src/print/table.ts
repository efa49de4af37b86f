import type { Layout, LayoutRow } from '@iommufd/uapi/struct';
import type { Paint } from '../io.js';

/** Rows of cells, in columns as wide as they need; the last column is as long as it is. */
export function columns(
  rows: readonly (readonly string[])[],
  paint: readonly ((text: string) => string)[] = [],
): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (paint[i] ?? String)(cell) + ' '.repeat((widths[i] ?? 0) - cell.length))
      .join('  ')
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join('');
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

/** A layout as a table for people. */
export function layoutTable({ name, size, align, rows }: Layout, paint: Paint): string {
  const head = `${paint.head(name)}: ${size} bytes, aligned to ${align}\n\n`;
  const titles = ['field', 'offset', 'size', 'type', 'dir', 'meaning'];
  return (
    head +
    columns(
      [titles, ...rowsOf(rows, 0)],
      [paint.name, paint.value, paint.value, paint.dim, paint.dim, String],
    )
  );
}
