/**
 * The rows of a document, and the filter that selects the shown ones. Rows may be added at any time: {@link RowList.match}
 * applies the filter to those that were added since.
 */
import type { Row } from './timeline.js';

/** A filter of rows. */
export interface Filter {
  readonly text: string;
  /** All conditions must hold; undefined is no condition. */
  readonly failed?: boolean | undefined;
  readonly lost?: boolean | undefined;
  readonly different?: boolean | undefined;
  readonly pid?: number | undefined;
  readonly file?: string | undefined;
  readonly name?: string | undefined;
}

/** The values that rows can be filtered by. */
export interface Facets {
  readonly pids: readonly number[];
  readonly files: readonly string[];
  readonly names: readonly string[];
}

const ALL: Filter = { text: '' };

/** Rows with a filter. */
export class RowList {
  private filter: Filter = ALL;
  /** Indexes of the rows that match the filter; undefined for all. */
  private matches: number[] | undefined;
  private matched = 0;

  /**
   * @param rows all rows; may grow
   * @param different returns the indexes of the rows whose result differs from the fake kernel's
   */
  constructor(
    readonly rows: Row[],
    private readonly different: () => readonly number[],
  ) {}

  /** The values that rows can be filtered by. */
  facets(): Facets {
    const unique = <T>(values: readonly T[]): T[] => [...new Set(values)].sort();
    return {
      pids: unique(this.rows.map(({ pid }) => pid)),
      files: unique(this.rows.map(({ file }) => file).filter((file) => file !== '')),
      names: unique(this.rows.map(({ name }) => name)),
    };
  }

  /** Sets the filter. @returns the number of matching rows */
  setFilter(filter: Filter): number {
    this.filter = filter;
    const isAll =
      filter.text === '' &&
      Object.entries(filter).every(([name, value]) => name === 'text' || value === undefined);
    this.matches = isAll ? undefined : [];
    this.matched = 0;
    return this.match();
  }

  /** Applies the filter to the rows that were added since. */
  match(): number {
    const { matches, rows } = this;
    if (matches === undefined) return rows.length;
    const { text, failed, lost, different, pid, file, name } = this.filter;
    const wanted = text.toLowerCase();
    const differing = different === true ? new Set(this.different()) : undefined;
    if (differing !== undefined) {
      matches.length = 0;
      this.matched = 0;
    }
    for (; this.matched < rows.length; this.matched++) {
      const row = rows[this.matched];
      if (row === undefined) break;
      if (failed === true && !row.failed) continue;
      if (lost === true && !row.lost) continue;
      if (differing !== undefined && !differing.has(row.index)) continue;
      if (pid !== undefined && row.pid !== pid) continue;
      if (file !== undefined && row.file !== file) continue;
      if (name !== undefined && row.name !== name) continue;
      if (wanted !== '' && !`${row.text} = ${row.result} ${row.file}`.toLowerCase().includes(wanted))
        continue;
      matches.push(row.index);
    }
    return matches.length;
  }

  /** The number of rows that match the filter. */
  get count(): number {
    return this.matches?.length ?? this.rows.length;
  }

  /** A range of the rows that match the filter. */
  page(from: number, end: number): Row[] {
    const { matches } = this;
    if (matches === undefined) return this.rows.slice(from, end);
    return matches.slice(from, end).flatMap((index) => this.rows[index] ?? []);
  }

  /** The position of a row among those that match the filter; if it does not match, that of the next one. */
  positionOf(index: number): number {
    const { matches } = this;
    if (matches === undefined) return Math.min(index, this.rows.length - 1);
    const at = matches.findIndex((each) => each >= index);
    return at === -1 ? matches.length - 1 : at;
  }

  /** The next row of a kind, after or before another. @returns its index */
  seek(index: number, direction: 1 | -1, kind: 'failed' | 'lost' | 'different'): number | undefined {
    const differing = kind === 'different' ? new Set(this.different()) : undefined;
    for (let at = index + direction; at >= 0 && at < this.rows.length; at += direction) {
      const row = this.rows[at];
      if (row === undefined) return undefined;
      if (differing === undefined ? row[kind === 'lost' ? 'lost' : 'failed'] : differing.has(at)) return at;
    }
    return undefined;
  }
}
