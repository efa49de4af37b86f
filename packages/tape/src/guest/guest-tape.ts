/**
 * Tapes of guests that drive an SMMUv3: what a guest's driver did to its registers and memory, and what it saw. The form is in
 * `packages/conformance/tapes/README.md`, which has the replay of them as well. A tape of `/dev/iommu` has another one
 * (`tapes/tape.ts`): {@link isGuestTape} tells them apart by their first line.
 */
/** Pieces of guest memory: hexadecimal addresses, and 64-bit words in hexadecimal with commas between them. */
export type MemoryWords = readonly (readonly [address: string, words: string])[];

/** What an action of the guest or a device caused. It stands before the action. */
export type Consequence =
  /** 0: event queue, 1: PRI queue, 2: CMD_SYNC, 3: global error. */
  | { readonly t: 'irq'; readonly n: number }
  /** `x`: the bits of SMMU_GERROR that toggled; `v`: its new value. */
  | { readonly t: 'gerror'; readonly x: string; readonly v: string }
  | { readonly t: 'cmderr'; readonly c: string; readonly e: number }
  /** An event of a test program's DMA. */
  | { readonly t: 'ev'; readonly n: string; readonly sid: number };

/** One line of a tape. Numbers as strings are hexadecimal. */
export type GuestStep =
  | Consequence
  | {
      readonly t: 'r' | 'w';
      /** Which CPU of the guest; -1 for a test program without one. */
      readonly cpu: number;
      readonly o: string;
      readonly s: 4 | 8;
      readonly v: string;
    }
  | { readonly t: 'mem'; readonly m: MemoryWords }
  /** Commands that the guest has written to its queue, from an index on. */
  | { readonly t: 'cmds'; readonly at: number; readonly c: readonly string[] }
  /** Events that the guest finds in its queue, from an index on. */
  | { readonly t: 'evts'; readonly at: number; readonly e: readonly string[] }
  /** A fault of a device of a guest with a driver. The nth one is the nth record of `evts`. */
  | { readonly t: 'event'; readonly n: string; readonly sid: number }
  /** A translation. `perm`: 1 for reads, 3 for reads and writes. */
  | {
      readonly t: 'dma';
      readonly sid: number;
      readonly iova: string;
      readonly pa: string;
      readonly perm: number;
    }
  /** A transaction that was not translated, in the words of QEMU. */
  | { readonly t: 'dma'; readonly text: string }
  | {
      readonly t: 'dma2';
      readonly sid: number;
      readonly write: number;
      readonly iova: string;
      readonly len: number;
      readonly k: number;
    }
  | { readonly t: 'peek'; readonly a: string; readonly w: string }
  | { readonly t: 'take'; readonly e: readonly string[]; readonly ov: number }
  | { readonly t: 'ack'; readonly active: string }
  | { readonly t: 'skip'; readonly errs: readonly string[] }
  | { readonly t: 'reset' }
  | { readonly t: 'note' | 'log'; readonly text: string };

/** A recording of one guest. */
export interface GuestTape {
  readonly name: string;
  readonly steps: readonly GuestStep[];
}

/** Is a text the tape of a guest? */
export const isGuestTape = (text: string): boolean => /^\s*\{\s*"t"\s*:/.test(text);

/** Parses a tape, one JSON object a line. @throws SyntaxError that names the line, and the field that is missing or invalid */
export function parseGuestTape(text: string): GuestStep[] {
  const steps: GuestStep[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    try {
      const step: unknown = JSON.parse(line);
      if (!isStep(step)) throw new SyntaxError("no step of a guest's tape");
      steps.push(step);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new SyntaxError(`line ${i + 1}: ${error.message}`);
    }
  }
  return steps;
}

/** What a field is, in words, and whether a value is that. */
type FieldType = readonly [expected: string, isValid: (value: unknown) => boolean];

const isWord = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{1,16}$/i.test(value);
const isWords = (value: unknown): boolean => typeof value === 'string' && value.split(',').every(isWord);
const isPiece = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && isWord(value[0]) && isWords(value[1]);
const listOf =
  (isItem: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(isItem);
const isText = (value: unknown): boolean => typeof value === 'string';

const INDEX: FieldType = ['a number from 0 on', (value) => Number.isSafeInteger(value) && Number(value) >= 0];
const CPU: FieldType = ['a number from -1 on', (value) => Number.isSafeInteger(value) && Number(value) >= -1];
const SIZE: FieldType = ['4 or 8', (value) => value === 4 || value === 8];
const WORD: FieldType = ['a hexadecimal number of 64 bits', isWord];
const WORDS: FieldType = ['hexadecimal numbers with commas between them', isWords];
const RECORDS: FieldType = ['a list of hexadecimal numbers with commas between them', listOf(isWords)];
const PIECES: FieldType = ['a list of an address and words each', listOf(isPiece)];
const TEXT: FieldType = ['a text', isText];
const TEXTS: FieldType = ['a list of texts', listOf(isText)];

type Fields = Readonly<Record<string, FieldType>>;

const REGISTER: Fields = { cpu: CPU, o: WORD, s: SIZE, v: WORD };
const FAULT: Fields = { n: TEXT, sid: INDEX };

/** The fields of each kind of step. */
const FIELDS: Readonly<Record<GuestStep['t'], Fields>> = {
  irq: { n: INDEX },
  gerror: { x: WORD, v: WORD },
  cmderr: { c: TEXT, e: INDEX },
  ev: FAULT,
  r: REGISTER,
  w: REGISTER,
  mem: { m: PIECES },
  cmds: { at: INDEX, c: RECORDS },
  evts: { at: INDEX, e: RECORDS },
  event: FAULT,
  dma: { sid: INDEX, iova: WORD, pa: WORD, perm: INDEX },
  dma2: { sid: INDEX, write: INDEX, iova: WORD, len: INDEX, k: INDEX },
  peek: { a: WORD, w: WORDS },
  take: { e: RECORDS, ov: INDEX },
  ack: { active: WORD },
  skip: { errs: TEXTS },
  reset: {},
  note: { text: TEXT },
  log: { text: TEXT },
};

/** A transaction that was not translated has words alone. */
const DMA_IN_WORDS: Fields = { text: TEXT };

/** Has a line the form of its kind? @throws SyntaxError that names the field that has not */
function isStep(value: unknown): value is GuestStep {
  if (typeof value !== 'object' || value === null) return false;
  const step: Readonly<Record<string, unknown>> = { ...value };
  const { t } = step;
  if (!isKind(t)) return false;
  const fields = t === 'dma' && 'text' in step ? DMA_IN_WORDS : FIELDS[t];
  for (const [name, [expected, isValid]] of Object.entries(fields)) {
    if (!Object.hasOwn(step, name)) throw new SyntaxError(`${name}: missing; expected ${expected}`);
    if (!isValid(step[name]))
      throw new SyntaxError(`${name}: expected ${expected}, got ${JSON.stringify(step[name])}`);
  }
  return true;
}

const isKind = (t: unknown): t is GuestStep['t'] => typeof t === 'string' && Object.hasOwn(FIELDS, t);
