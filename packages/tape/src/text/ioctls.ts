/** Parses a printed ioctl: its struct before and after the call, and the memory behind the pointers of the struct. */

import { buildRequest, invalidationEntries, type Ioctl, veventData } from '@iommufd/uapi';
import { allIoctls } from '@iommufd/uapi/registry';
import type { AnyType } from '@iommufd/uapi/struct';
import { eventfdsIn } from '../calls/eventfds.js';
import {
  entriesOf,
  lengthBehind,
  numbersOf,
  type Pointer,
  pointersOf,
  type Values,
  valuesOf,
} from '../calls/pointers.js';
import { isGiven, returnedFields } from '../print/fields.js';
import type { QueueEvents } from '../print/traced-memory.js';
import { checkedBytes, numberOf, setFields, structOf, withoutRemarks } from './fields.js';

/** Bytes at an address. */
interface Placed {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** A parsed ioctl. */
export interface TextIoctl {
  readonly fd: number;
  readonly ioctl: Pick<Ioctl, 'name' | 'request' | 'files'>;
  /** Its argument, if the text has no struct. */
  readonly argument: bigint | undefined;
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
  /** The memory ranges behind its pointers. */
  readonly ranges: readonly { readonly address: bigint; readonly length: bigint }[];
  /** Memory that the call reads and memory that it writes. */
  readonly given: readonly Placed[];
  readonly returned: readonly Placed[];
  /** File descriptors in the struct: files, eventfds, and files that the call created. */
  readonly files: readonly number[];
  readonly eventfds: readonly number[];
  readonly made: readonly number[];
  /** The records of the queue that it created, if it did. */
  readonly events: QueueEvents;
  /** Names of the parts that are missing in the text. */
  readonly lacks: readonly string[];
}

const ARGUMENTS = /^(-?\d+), (\w+(?:\([^)]*\))?), (?:\{(.*)\}|(0x[0-9a-f]+|\d+))$/;
const RETURNS = /^returns \{(.*)\}$/;
const BEHIND = /^([\w.[\]]+) -> (.*)$/;

/**
 * Parses an ioctl.
 * @param text the text between the parentheses
 * @throws SyntaxError if the text is not the printed form of an ioctl
 */
export function ioctlOf(text: string, ret: number, notes: readonly string[]): TextIoctl {
  const [, fd = '', name = '', printed, number] = ARGUMENTS.exec(text) ?? [];
  const ioctl = allIoctls.get(name) ?? unknownIoctl(name);
  if (ioctl === undefined) throw new SyntaxError(`unknown ioctl ${name} in (${text})`);
  const common = { fd: Number(fd), ioctl };
  const { struct } = ioctl;
  if (struct === undefined || printed === undefined) {
    const argument = numberOf(number ?? '') ?? 0n;
    const lacks = argument < LOWEST ? [] : ['the memory at the argument'];
    return { ...common, ...NOTHING, argument, lacks };
  }
  const before = structOf(struct, printed, isGiven);
  const after = returned(struct, before, ret, notes);
  const [values, answer] = [valuesOf(struct, before), valuesOf(struct, after)];
  const behind = new Map(notes.map((note) => BEHIND.exec(note)).map((each) => [each?.[1], each?.[2]]));
  const lacks = numberOf(/^\w+=(\d+)/.exec(printed)?.[1] ?? '') === BigInt(before.length) ? [] : [BEYOND];
  const placedOf = (pointers: readonly Pointer[]): Placed[] =>
    pointers.flatMap((pointer) => {
      if ((lengthBehind(pointer) ?? 1) === 0) return [];
      const { placed, isWhole } = placedBehind(pointer, behind.get(pointer.path));
      if (!isWhole) lacks.push(`the memory behind ${pointer.path}`);
      return placed;
    });
  const pointers = pointersOf(struct, values);
  const ranges = pointers.flatMap((pointer) => {
    const length = lengthBehind(pointer);
    return length === undefined ? [] : [{ address: pointer.address, length: BigInt(length) }];
  });
  return {
    ...common,
    argument: undefined,
    before,
    after,
    ranges,
    given: placedOf(pointers.filter(({ to }) => to.out !== true)),
    returned: ret < 0 ? [] : placedOf(pointersOf(struct, answer).filter(({ to }) => to.out === true)),
    files: filesIn(struct, values, false),
    eventfds: eventfdsIn(struct, before),
    made: ret < 0 ? [] : filesIn(struct, answer, true),
    events: eventsOf(answer),
    lacks,
  };
}

/** The lowest address of a program: `mmap_min_addr`. */
export const LOWEST = 0x1_0000n;

const BEYOND = 'the bytes after the struct';

const NOTHING = {
  before: undefined,
  after: undefined,
  ranges: [],
  given: [],
  returned: [],
  files: [],
  eventfds: [],
  made: [],
  events: undefined,
  lacks: [],
} as const;

/** Parses the request of an unknown ioctl: `_IOWR('V', 0x3, 32)`. */
function unknownIoctl(
  text: string,
): (Pick<Ioctl, 'name' | 'request' | 'files'> & { struct: undefined }) | undefined {
  const [, macro, letter, code, nr, size = '0'] =
    /^_IO(|R|W|WR)\((?:'(.)'|(0x[0-9a-f]+)), (0x[0-9a-f]+)(?:, (\d+))?\)$/.exec(text) ?? [];
  if (macro === undefined) return undefined;
  const direction = ({ R: 'read', W: 'write', WR: 'both' } as const)[macro] ?? 'none';
  const type = letter === undefined ? Number(code) : letter.charCodeAt(0);
  const request = buildRequest({ direction, type, nr: Number(nr), size: Number(size) });
  return { name: text, request, files: [], struct: undefined };
}

/** The struct after the call. */
function returned(struct: AnyType, before: Uint8Array, ret: number, notes: readonly string[]): Uint8Array {
  const after = before.slice();
  const [text] = notes.flatMap((note) => RETURNS.exec(note)?.[1] ?? []);
  if (text === undefined) return after;
  setFields(struct, after, text);
  const printed = returnedFields(struct, before, after, ret);
  if (withoutRemarks(printed) !== withoutRemarks(text))
    throw new SyntaxError(`${struct.name}: {${text}} differs from its printed form, {${printed}}`);
  return after;
}

/** Parses the memory behind a pointer. `isWhole`: the text has all of it. */
function placedBehind(
  pointer: Pointer,
  text: string | undefined,
): { readonly placed: readonly Placed[]; readonly isWhole: boolean } {
  const types = typesBehind(pointer);
  if (text === undefined || types.length === 0) return { placed: [], isWhole: false };
  let problem: unknown;
  for (const type of types) {
    const { stride, length, count } = entriesOf(pointer, type);
    try {
      const placed = entriesIn(text).flatMap((entry, i) =>
        entry === undefined
          ? []
          : [{ address: pointer.address + BigInt(i * stride), bytes: checkedBytes(type, length, entry) }],
      );
      return { placed, isWhole: placed.length === count };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      problem = error;
    }
  }
  throw problem;
}

/** The entries of `{a=1}` or `[{a=1}, unreadable, 3 more]`: undefined for an unreadable one. */
const entriesIn = (text: string): (string | undefined)[] =>
  [...text.matchAll(/\{([^{}]*)\}|unreadable/g)].map(([, entry]) => entry);

/** The types that can be behind a pointer. There can be two, because the kind of the object, which decides, is unknown. */
function typesBehind({ to, values }: Pointer): AnyType[] {
  const by = Number(values[to.by ?? '']);
  const ofViommu: Readonly<Record<number, AnyType>> = invalidationEntries.viommu;
  const ofEntries = to.count === 'entry_num' ? ofViommu[by] : undefined;
  return [to.type, to.cases?.[by], ofEntries].filter((type) => type !== undefined);
}

/** File descriptors in a struct. @param made true for those that the kernel wrote, false for those that the caller passed */
const filesIn = (struct: AnyType, values: Values, made: boolean): number[] =>
  numbersOf(struct, values).flatMap(({ type: { role }, value, direction }) =>
    role.kind === 'fd' && (direction === 'out') === made ? [Number(value)] : [],
  );

function eventsOf(values: Values): QueueEvents {
  if (values['out_fault_fd'] !== undefined) return 'faults';
  const types: Readonly<Record<number, AnyType>> = veventData;
  return values['out_veventq_fd'] === undefined ? undefined : types[Number(values['type'])];
}
