import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Tape } from '../tapes/tape.js';
import { parseRecordings } from './recordings.js';

/**
 * Reads the tapes of a `.jsonl` or `.jsonl.gz` file, or the output of `iommufd trace` as a tape.
 * @throws SyntaxError with the line, if the file is not a tape
 */
export function readTapes(path: string | URL): Tape[] {
  const file = readFileSync(path);
  const gzipped = file[0] === 0x1f && file[1] === 0x8b;
  return parseRecordings((gzipped ? gunzipSync(file) : file).toString('utf8'));
}
