/** The text for the number of shown rows. */
import type { Progress } from './session.js';

const number = (value: number): string => value.toLocaleString('en');

/**
 * The text for the number of rows that a filter shows: `3 of 75 calls`. Rows that are not calls are not counted as calls:
 * `5 of 6 rows, of which 4 are calls`.
 * @param count number of rows that the filter shows
 */
export function countText({ rows, calls }: Pick<Progress, 'rows' | 'calls'>, count: number): string {
  const shown = `${number(count)} of ${number(rows)}`;
  if (calls === rows) return `${shown} calls`;
  if (calls === 0) return `${shown} events`;
  return `${shown} rows, of which ${number(calls)} ${calls === 1 ? 'is a call' : 'are calls'}`;
}
