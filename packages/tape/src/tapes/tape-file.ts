import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseTapes, type Tape } from './tape.js';

/**
 * Reads the tapes of a `.jsonl` or `.jsonl.gz` file.
 * @throws SyntaxError that names the line, for what is no tape
 */
export function readTapes(path: string | URL): Tape[] {
  const file = readFileSync(path);
  const gzipped = file[0] === 0x1f && file[1] === 0x8b;
  return parseTapes((gzipped ? gunzipSync(file) : file).toString('utf8'));
}
