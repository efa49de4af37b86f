/**
 * Reads files of all kinds: tapes, the tape of a guest, a trace, a kernel log, or hex bytes. {@link readDocuments}
 * detects the kind from the contents, and throws an error for a file of none of these kinds.
 */
import { parseLog, type ParsedLog, textBytes } from '@iommufd/cli/decoders';
import {
  type GuestStep,
  isCallLine,
  isGuestTape,
  parseGuestTape,
  parseTapes,
  parseTraceLines,
  type ProcessLine,
  type Tape,
  type TraceLine,
} from '@iommufd/tape/browser';
import type { Playground } from './playground.js';

/** A file to open. */
export interface GivenFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The contents of a file. */
export type Document = {
  /** The name of the file, and of the tape in it. */
  readonly file: string;
  readonly name: string;
} & (
  | { readonly kind: 'tape'; readonly tape: Tape }
  | { readonly kind: 'guest'; readonly steps: readonly GuestStep[] }
  | { readonly kind: 'trace'; readonly lines: readonly (TraceLine | ProcessLine)[] }
  | { readonly kind: 'log'; readonly log: ParsedLog }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'playground'; readonly playground: Playground }
);

/** True if the bytes begin with the magic number of gzip. */
const isGzipped = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

async function unzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return /[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? undefined : text;
  } catch (error) {
    // Not text in this encoding: the caller handles the raw bytes.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/**
 * Reads a file.
 * @throws SyntaxError if a line of a tape is invalid
 * @throws Failure if the kind of the file is unknown
 */
export async function readDocuments({ name: file, bytes }: GivenFile): Promise<Document[]> {
  const plain = isGzipped(bytes) ? await unzip(bytes) : bytes;
  const text = textOf(plain);
  if (text === undefined) return [{ kind: 'bytes', file, name: file, bytes: plain }];
  if (/^\s*\{\s*"tape"/.test(text))
    return parseTapes(text).map((tape) => ({ kind: 'tape', file, name: tape.name, tape }));
  if (isGuestTape(text)) {
    const name = file.replace(/\.jsonl(\.gz)?$/, '');
    return [{ kind: 'guest', file, name, steps: parseGuestTape(text) }];
  }
  const log = parseLog(text);
  if (log.entries.length > 0) return [{ kind: 'log', file, name: file, log }];
  const lines = parseTraceLines(text);
  if (lines.some(isCallLine)) return [{ kind: 'trace', file, name: file, lines }];
  return [{ kind: 'bytes', file, name: file, bytes: textBytes(text, undefined) }];
}
