/**
 * Tapes of guests that drive an SMMUv3: the accesses of a guest's driver to registers and memory, and their results. The format is
 * described in `packages/conformance/tapes/README.md`; `packages/conformance` replays these tapes. Tapes of `/dev/iommu` have another
 * format (`tapes/tape.ts`). {@link isGuestTape} distinguishes the two by the first line.
 */
/** Parts of guest memory: a hexadecimal address, and 64-bit words as comma-separated hexadecimal numbers. */
export type MemoryWords = readonly (readonly [address: string, words: string])[];

/** An effect of an action of the guest or of a device. The tape has it before the action. */
export type Consequence =
  /** An interrupt. `n`: 0 event queue, 1 PRI queue, 2 CMD_SYNC, 3 global error. */
  | { readonly t: 'irq'; readonly n: number }
  /** A global error. `x`: the bits of SMMU_GERROR that toggled; `v`: its new value. */
  | { readonly t: 'gerror'; readonly x: string; readonly v: string }
  | { readonly t: 'cmderr'; readonly c: string; readonly e: number }
  /** An event that DMA of a test program caused. */
  | { readonly t: 'ev'; readonly n: string; readonly sid: number };

/** One line of a tape. Numbers in strings are hexadecimal. */
export type GuestStep =
  | Consequence
  | {
      readonly t: 'r' | 'w';
      /** The guest's CPU; -1 for a test program, which has none. */
      readonly cpu: number;
      readonly o: string;
      readonly s: 4 | 8;
      readonly v: string;
    }
  | { readonly t: 'mem'; readonly m: MemoryWords }
  /** Commands that the guest wrote to its queue. `at`: index of the first. */
  | { readonly t: 'cmds'; readonly at: number; readonly c: readonly string[] }
  /** Events that the SMMU wrote to the guest's queue. `at`: index of the first. */
  | { readonly t: 'evts'; readonly at: number; readonly e: readonly string[] }
  /** A fault of a device, in a guest with a driver. The nth `event` is the nth record of `evts`. */
  | { readonly t: 'event'; readonly n: string; readonly sid: number }
  /** A translation. `perm`: 1 for reads, 3 for reads and writes. */
  | {
      readonly t: 'dma';
      readonly sid: number;
      readonly iova: string;
      readonly pa: string;
      readonly perm: number;
    }
  /** A transaction that was not translated, with QEMU's message. */
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

/** Returns true if a text is the tape of a guest. */
export const isGuestTape = (text: string): boolean => /^\s*\{\s*"t"\s*:/.test(text);

/** Parses a tape: one JSON object per line. @throws SyntaxError with the line, and the field that is missing or invalid */
export function parseGuestTape(text: string): GuestStep[] {
  const steps: GuestStep[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    try {
      const step: unknown = JSON.parse(line);
      if (!isStep(step)) throw new SyntaxError("not a step of a guest's tape");
      steps.push(step);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new SyntaxError(`line ${i + 1}: ${error.message}`);
    }
  }
  return steps;
}

/** The type of a field: its description in errors, and a check of values. */
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

const integerFrom = (lowest: number): FieldType => [
  `an integer of at least ${lowest}`,
  (value) => Number.isSafeInteger(value) && Number(value) >= lowest,
];
const INDEX = integerFrom(0);
const CPU = integerFrom(-1);
const SIZE: FieldType = ['4 or 8', (value) => value === 4 || value === 8];
const WORD: FieldType = ['a hexadecimal number of at most 64 bits', isWord];
const WORDS: FieldType = ['comma-separated hexadecimal numbers', isWords];
const RECORDS: FieldType = ['a list of strings of comma-separated hexadecimal numbers', listOf(isWords)];
const PIECES: FieldType = ['a list of pairs of an address and words', listOf(isPiece)];
const TEXT: FieldType = ['a string', isText];
const TEXTS: FieldType = ['a list of strings', listOf(isText)];

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

/** A transaction that was not translated has only QEMU's message. */
const DMA_IN_WORDS: Fields = { text: TEXT };

/** Returns true if a value is an object of a known kind. @throws SyntaxError with the field that is missing or invalid */
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
