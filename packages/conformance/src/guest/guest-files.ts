/** The checked-in tapes of guests, and reading such files. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type GuestTape, isGuestTape, parseGuestTape } from '@iommufd/tape';

function textOf(path: string | URL): string {
  const file = readFileSync(path);
  const gzipped = file[0] === 0x1f && file[1] === 0x8b;
  return (gzipped ? gunzipSync(file) : file).toString('utf8');
}

/** True if a file is a tape of a guest. */
export const isGuestFile = (path: string | URL): boolean => isGuestTape(textOf(path));

/**
 * Reads the tape of a `.jsonl` or `.jsonl.gz` file, which is named after the file.
 * @throws SyntaxError with the line if the file is not a valid tape
 */
export function readGuestTape(path: string | URL): GuestTape {
  const name = String(path)
    .replace(/^.*\//, '')
    .replace(/\.jsonl(\.gz)?$/, '');
  return { name, steps: parseGuestTape(textOf(path)) };
}

const guest = (name: string): URL => new URL(`../../tapes/guest/${name}.jsonl.gz`, import.meta.url);

/** The checked-in tapes of guests: Linux, random valid guests, and tests of single rules and random bits on the reference SMMU. */
export const GUEST_TAPES = {
  linux: ['linux-6.12', 'linux-dma', 'linux-lazy'].map(guest),
  good: ['ask-good1', 'ask-good2'].map(guest),
  ask: [
    ...['regs', 'cmdq', 'evtq', 'strtab', 'stes', 'cds', 'ptes', 'dma', 'tlbi'],
    ...['random1', 'random2', 'random3', 'random4'],
  ].map((of) => guest(`ask-${of}`)),
} as const;
