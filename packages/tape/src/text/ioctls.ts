/** An ioctl from its printed form: its struct, what the pointers of the struct lead to, and what it has returned there. */

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
import { checkedBytes, numberOf, setFields, structOf, withoutWords } from './fields.js';

/** Bytes at an address. */
interface Placed {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** An ioctl of a text. */
export interface TextIoctl {
  readonly fd: number;
  readonly ioctl: Pick<Ioctl, 'name' | 'request' | 'files'>;
  /** Its argument, where the text has no struct. */
  readonly argument: bigint | undefined;
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
  /** Memory that its pointers lead to. */
  readonly ranges: readonly { readonly address: bigint; readonly length: bigint }[];
  readonly given: readonly Placed[];
  readonly returned: readonly Placed[];
  /** Numbers of files that the struct names; of eventfds; and of files that the call has made. */
  readonly files: readonly number[];
  readonly eventfds: readonly number[];
  readonly made: readonly number[];
  /** What is read of a queue that it has made. */
  readonly events: QueueEvents;
  /** What the text does not say. */
  readonly lacks: readonly string[];
}

const ARGUMENTS = /^(-?\d+), (\w+(?:\([^)]*\))?), (?:\{(.*)\}|(0x[0-9a-f]+|\d+))$/;
const RETURNS = /^returns \{(.*)\}$/;
const BEHIND = /^([\w.[\]]+) -> (.*)$/;

/**
 * An ioctl.
 * @param text what stands between the parentheses
 * @throws SyntaxError for what is not printed of any
 */
export function ioctlOf(text: string, ret: number, notes: readonly string[]): TextIoctl {
  const [, fd = '', name = '', printed, number] = ARGUMENTS.exec(text) ?? [];
  const ioctl = allIoctls.get(name) ?? unknownIoctl(name);
  if (ioctl === undefined) throw new SyntaxError(`there is no ioctl ${name} in (${text})`);
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

/** No address of a program is below: `mmap_min_addr`. */
export const LOWEST = 0x1_0000n;

const BEYOND = 'what is behind the struct';

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

/** `_IOWR('V', 0x3, 32)`. */
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

/** A struct as the call has left it. */
function returned(struct: AnyType, before: Uint8Array, ret: number, notes: readonly string[]): Uint8Array {
  const after = before.slice();
  const [text] = notes.flatMap((note) => RETURNS.exec(note)?.[1] ?? []);
  if (text === undefined) return after;
  setFields(struct, after, text);
  const printed = returnedFields(struct, before, after, ret);
  if (withoutWords(printed) !== withoutWords(text))
    throw new SyntaxError(`${struct.name}: {${text}} is not what is printed of it: {${printed}}`);
  return after;
}

/** What the text has of the memory behind a pointer. */
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

/** `{a=1}`, `[{a=1}, unreadable, 3 more]`: the entries, undefined for one that could not be read. */
const entriesIn = (text: string): (string | undefined)[] =>
  [...text.matchAll(/\{([^{}]*)\}|unreadable/g)].map(([, entry]) => entry);

/** The types that may be behind a pointer: the kind of an object, which may tell, is not known. */
function typesBehind({ to, values }: Pointer): AnyType[] {
  const by = Number(values[to.by ?? '']);
  const ofViommu: Readonly<Record<number, AnyType>> = invalidationEntries.viommu;
  const ofEntries = to.count === 'entry_num' ? ofViommu[by] : undefined;
  return [to.type, to.cases?.[by], ofEntries].filter((type) => type !== undefined);
}

/** Numbers of files in a struct: that it is given, or that the kernel has written. */
const filesIn = (struct: AnyType, values: Values, made: boolean): number[] =>
  numbersOf(struct, values).flatMap(({ type: { role }, value, direction }) =>
    role.kind === 'fd' && (direction === 'out') === made ? [Number(value)] : [],
  );

function eventsOf(values: Values): QueueEvents {
  if (values['out_fault_fd'] !== undefined) return 'faults';
  const types: Readonly<Record<number, AnyType>> = veventData;
  return values['out_veventq_fd'] === undefined ? undefined : types[Number(values['type'])];
}
