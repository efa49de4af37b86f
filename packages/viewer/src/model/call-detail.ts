/**
 * The details of one call: its memory field by field, the meaning of its errno, and the users of the objects that it
 * names.
 */
import { errnoMeaning, isErrnoName, smmuv3_command, smmuv3_event } from '@iommufd/uapi';
import {
  annotate,
  type Annotation,
  type AnyType,
  type Direction,
  Integer,
  Struct,
} from '@iommufd/uapi/struct';
import type { Difference, TracedCall, TracedMemory } from '@iommufd/tape/browser';
import { nameOfKind } from './graph.js';
import { fileError } from './file-errors.js';
import type { AreaEntity, Entity, ObjectEntity } from './history.js';
import type { Rule } from './rules.js';
import type { Row } from './timeline.js';

/** A field of a block of memory. */
export interface Field {
  readonly path: string;
  readonly kind: Annotation['kind'];
  readonly offset: number;
  readonly length: number;
  /** The C type. */
  readonly type: string;
  readonly direction: Direction;
  readonly doc: string;
  /** The value as text; undefined if the memory is unknown. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly problem: string | undefined;
  /** Fields of a word, the highest first. */
  readonly bits: readonly {
    readonly name: string;
    readonly range: string;
    readonly text: string;
    readonly doc: string;
  }[];
  /** True if it is the id of an object. */
  readonly isId: boolean;
}

/** One block of memory of a call. */
export interface Block {
  readonly name: string;
  readonly address: bigint;
  /** The name of its type; empty for bytes. */
  readonly type: string;
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
  readonly fields: readonly Field[];
}

/** A user of an object that a call names. */
export interface Holder {
  readonly id: number;
  readonly kind: string;
  readonly as: string;
}

/** An object before a call, and its users. */
export interface HeldObject {
  readonly id: number;
  readonly kind: string;
  /** Number of references, including that of the id table. */
  readonly users: number;
  readonly by: readonly Holder[];
  /** The holder of the references that no object has, in words; empty without such references. */
  readonly others: string;
}

/** A mapping that cannot be unmapped. */
export interface LockedArea {
  readonly ioas: number;
  readonly start: bigint;
  readonly last: bigint;
  /** Number of pins that an unmap cannot release. */
  readonly locks: number;
}

/** A call, in full. */
export interface CallDetail {
  readonly row: Row;
  readonly notes: readonly string[];
  /** The description of the ioctl; empty for other calls. */
  readonly doc: string;
  readonly errno:
    | { readonly name: string; readonly meaning: string; readonly here: string | undefined }
    | undefined;
  readonly blocks: readonly Block[];
  /** For a call that failed with EBUSY: the objects that it names, with their users before the call. */
  readonly held: readonly HeldObject[];
  /** For an unmap that failed with EBUSY: the mappings in its range that an access inside the kernel does not release. */
  readonly locked: readonly LockedArea[];
  /** `none`: the tape cannot be replayed here; `pending`: the call has not been replayed yet. */
  readonly replay: 'agrees' | 'differs' | 'pending' | 'none';
  /** Why the tape is not replayed. */
  readonly refusal: string | undefined;
  readonly difference: Difference | undefined;
  /** The line of the fake kernel that failed the call. */
  readonly rule: Rule | undefined;
  /** Keys of the entities that the call changed. */
  readonly changed: readonly string[];
}

const range = (hi: number, lo: number): string => (hi === lo ? `[${hi}]` : `[${hi}:${lo}]`);

/** The names of fields that are ids of objects. */
function idFields(type: AnyType | undefined): ReadonlySet<string> {
  if (!(type instanceof Struct)) return new Set();
  return new Set(
    type.members.flatMap(({ name, type: member }) =>
      member instanceof Integer && member.role.kind === 'id' ? [name] : [],
    ),
  );
}

function bitsOf({ bits = [] }: Annotation): Field['bits'] {
  return bits.map(({ name, hi, lo, text, doc }) => ({ name, range: range(hi, lo), text, doc }));
}

/** Fields of memory as it was before and after a call. */
function fieldsOf(type: AnyType, before: Uint8Array | undefined, after: Uint8Array | undefined): Field[] {
  const ids = idFields(type);
  const first = before === undefined ? [] : annotate(type, before);
  const second = after === undefined ? [] : annotate(type, after);
  const key = ({ offset, kind, path }: Annotation): string => `${offset} ${kind} ${path}`;
  const old = new Map(first.map((each) => [key(each), each]));
  const all = second.length > 0 ? second : first;
  return all.map((each) => {
    const { path, kind, offset, bytes, type: ctype, direction, doc, problem } = each;
    return {
      path,
      kind,
      offset,
      length: bytes.length,
      type: ctype,
      direction,
      doc,
      before: before === undefined ? undefined : (old.get(key(each))?.text ?? ''),
      after: after === undefined ? undefined : each.text,
      problem,
      bits: bitsOf(each),
      isId: ids.has(path),
    };
  });
}

/** Structs of iommufd that contain a hardware record as words: the type of the record. */
const RECORDS: Readonly<Record<string, AnyType>> = {
  iommu_vevent_arm_smmuv3: smmuv3_event,
  iommu_viommu_arm_smmuv3_invalidate: smmuv3_command,
};

function blockOf({ name, address, type, before, after }: TracedMemory): Block {
  const shown = type === undefined ? undefined : (RECORDS[type.name] ?? type);
  const fields = shown === undefined ? [] : fieldsOf(shown, before, after);
  return { name, address, type: type?.name ?? '', before, after, fields };
}

/** A block for a record outside of a call. */
export function recordBlock(name: string, type: AnyType, bytes: Uint8Array): Block {
  return blockOf({ name, address: 0n, type, before: undefined, after: bytes });
}

/** The meaning of an errno or signal, in general and for this call. */
export function errnoOf({ result, name: call, file }: Row, ioctl: TracedCall['ioctl']): CallDetail['errno'] {
  const signal = SIGNALS[result];
  if (signal !== undefined) return { name: result, meaning: signal, here: undefined };
  const name = /^-1 (E[A-Z0-9]+)/.exec(result)?.[1];
  if (name === undefined || !isErrnoName(name)) return undefined;
  const here = ioctl?.errors[name] ?? fileError(call, name, file);
  return { name, meaning: errnoMeaning(name), here };
}

/** The signals that an access of a program to its own memory raises, and their meanings. */
const SIGNALS: Readonly<Record<string, string>> = {
  SIGBUS:
    'The address is mapped, but nothing responds there: a BAR of a device that does not respond, or a page beyond the end of a file.',
  SIGSEGV: 'The address is not mapped, or the mapping does not allow the access.',
};

/** The ids of objects in the argument of a call. */
export function idsNamed(blocks: readonly Block[]): number[] {
  const ids = blocks.flatMap(({ fields }) =>
    fields.flatMap(({ isId, before, direction }) => (isId && direction !== 'out' ? [Number(before)] : [])),
  );
  return [...new Set(ids)].filter((id) => Number.isInteger(id) && id > 0);
}

/** The users of an object. @param objects those before the call */
export function holdersOf(objects: readonly ObjectEntity[], context: number, id: number): Holder[] {
  return objects
    .filter((object) => object.context === context)
    .flatMap(({ id: by, kind, uses }) =>
      uses.filter((use) => use.id === id).map(({ as }) => ({ id: by, kind: nameOfKind(kind), as })),
    );
}

/** An object with its users. @param objects those of all contexts before the call */
export function heldObject(objects: readonly ObjectEntity[], object: ObjectEntity): HeldObject {
  const { id, context, users } = object;
  const by = holdersOf(objects, context, id);
  const rest = users - 1 - by.length;
  return { id, kind: nameOfKind(object.kind), users, by, others: rest > 0 ? fileOf(object) : '' };
}

/** The holder of an object's other references, in words: an open file, by the kind of object. */
function fileOf(object: ObjectEntity): string {
  switch (object.kind) {
    case 'veventq':
    case 'fault':
      return 'of its file descriptor, which is still open';
    case 'device':
      return object.node === undefined
        ? 'of the selftest'
        : `of the open file of ${object.node}, which binds it`;
    default:
      return 'of open files, or of a call in progress';
  }
}

/** The mappings of an IOAS in a range that an access inside the kernel does not release. */
export function lockedAreas(
  areas: readonly AreaEntity[],
  context: number,
  ioas: number,
  range: { readonly start: bigint; readonly length: bigint },
): LockedArea[] {
  const last = range.start + range.length - 1n;
  return areas
    .filter((area) => area.context === context && area.ioas === ioas && area.locks > 0)
    .filter((area) => area.start <= last && area.last >= range.start)
    .map(({ start, last: end, locks }) => ({ ioas, start, last: end, locks }));
}

/** The memory of a call. */
export const blocksOf = ({ memory = [] }: TracedCall): Block[] => memory.map(blockOf);

/**
 * For a call that failed with EBUSY: the users of the objects that it names, and the mappings that could not be unmapped.
 * @param entities those of all contexts before the call
 */
export function obstaclesOf(
  name: string,
  argument: Block,
  entities: readonly Entity[],
  context: number,
): Pick<CallDetail, 'held' | 'locked'> {
  const ids = idsNamed([argument]);
  if (name === 'IOMMU_IOAS_UNMAP') {
    const areas = entities.filter((entity): entity is AreaEntity => entity.entity === 'area');
    const value = (path: string): bigint =>
      BigInt(argument.fields.find((field) => field.path === path)?.before ?? 0);
    const range = { start: value('iova'), length: value('length') };
    return { held: [], locked: ids.flatMap((ioas) => lockedAreas(areas, context, ioas, range)) };
  }
  const objects = entities.filter((entity): entity is ObjectEntity => entity.entity === 'object');
  const named = ids.flatMap((id) => objects.find((each) => each.context === context && each.id === id) ?? []);
  return { held: named.map((object) => heldObject(objects, object)), locked: [] };
}
