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

/** Parses a tape, one JSON object a line. @throws SyntaxError that names the line */
export function parseGuestTape(text: string): GuestStep[] {
  const steps: GuestStep[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const step: unknown = parseLine(line, i + 1);
    if (!isStep(step)) throw new SyntaxError(`line ${i + 1}: no step of a guest's tape`);
    steps.push(step);
  }
  return steps;
}

function parseLine(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new SyntaxError(`line ${number}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const KINDS: ReadonlySet<unknown> = new Set<GuestStep['t']>([
  ...(['r', 'w', 'mem', 'cmds', 'evts', 'event', 'dma', 'dma2', 'peek', 'take', 'ack', 'skip'] as const),
  ...(['reset', 'note', 'log', 'irq', 'gerror', 'cmderr', 'ev'] as const),
]);

/** A line of a known kind has the form of that kind, as the recorder wrote it. */
const isStep = (value: unknown): value is GuestStep =>
  typeof value === 'object' && value !== null && 't' in value && KINDS.has(value.t);
