/**
 * The memory that a call of a tape accesses: the argument, the memory behind its pointers, records that are read, responses that are
 * written. `CallTracer` returns it with the option `memory`; the viewer shows it beside the fields.
 */
import {
  iommu_hwpt_page_response,
  iommu_hwpt_pgfault,
  iommu_veventq_flag,
  iommufd_vevent_header,
} from '@iommufd/uapi';
import type { AnyType } from '@iommufd/uapi/struct';
import { entriesOf, lengthBehind, type Pointer } from '../calls/pointers.js';
import { isSame, type TapeMemory } from '../tapes/memory.js';

/** A range of memory that a call accesses. */
export interface TracedMemory {
  /** Its name: `argument`, `data_uptr[2]`, `record 0`. */
  readonly name: string;
  /** Address in the process. */
  readonly address: bigint;
  /** The type of the bytes; undefined if it is unknown. */
  readonly type: AnyType | undefined;
  /** Bytes before the call; undefined if the tape does not have them, or if the call only writes them. */
  readonly before: Uint8Array | undefined;
  /** Bytes after the call; undefined if the tape does not have them, or if the call only reads them. */
  readonly after: Uint8Array | undefined;
}

/** A range before its call is made, with its length in bytes. */
export type Behind = Omit<TracedMemory, 'after'> & { readonly length: number };

/** Entries of an array that are printed at most. */
export const MOST_ENTRIES = 16;

/** Bytes of a buffer that are kept at most. */
const MOST_BYTES = 512;

/** The records that reads of a file return: page faults, or events of a type; undefined if it is not a queue, or the type is unknown. */
export type QueueEvents = 'faults' | AnyType | undefined;

/** A call with a buffer. */
interface BufferCall {
  readonly addr: string;
  readonly len: number;
  readonly ret: number;
}

/** The current memory behind the pointers of a struct: entry by entry if the type is known, otherwise as bytes. */
export function behindPointers(
  memory: TapeMemory,
  pointers: readonly Pointer[],
  typeOf: (pointer: Pointer) => AnyType | undefined,
): Behind[] {
  return pointers.flatMap((pointer): Behind[] => {
    const { path: name, address, to } = pointer;
    const type = typeOf(pointer);
    const all = Math.min(lengthBehind(pointer) ?? 0, MOST_BYTES);
    if (type === undefined) {
      if (all === 0) return [];
      return [{ name, address, type, length: all, before: memory.read(address, all) }];
    }
    const { count, stride, length } = entriesOf(pointer, type);
    return Array.from({ length: Math.min(count, MOST_ENTRIES) }, (_, i) => {
      const at = address + BigInt(i * stride);
      const entry = to.count === undefined ? name : `${name}[${i}]`;
      return { name: entry, address: at, type, length, before: memory.read(at, length) };
    });
  });
}

/** Adds the bytes after the call. */
export function afterCall(memory: TapeMemory, parts: readonly Behind[]): TracedMemory[] {
  return parts.map(({ length, ...part }) => ({
    ...part,
    after: asBefore(part.before, memory.read(part.address, length)),
  }));
}

/** Returns `before` if `after` has the same bytes, so that unchanged memory is kept once: a tape can have very many calls. */
export function asBefore(
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
): Uint8Array | undefined {
  return before !== undefined && after !== undefined && isSame(before, after) ? before : after;
}

/** The buffer that `read()` filled, as bytes. */
export function blockRead(memory: TapeMemory, { addr, ret }: BufferCall): TracedMemory[] {
  const after = bytesOf(memory, addr, ret);
  return after === undefined ? [] : [buffer(addr, undefined, after)];
}

/** The buffer that `write()` wrote, as bytes. */
export function blockWritten(memory: TapeMemory, { addr, len }: BufferCall): TracedMemory[] {
  const before = bytesOf(memory, addr, len);
  return before === undefined ? [] : [buffer(addr, before, undefined)];
}

function bytesOf(memory: TapeMemory, addr: string, length: number): Uint8Array | undefined {
  return length <= 0 ? undefined : memory.read(BigInt(addr), Math.min(length, MOST_BYTES));
}

const buffer = (
  addr: string,
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
): TracedMemory => ({
  name: 'buffer',
  address: BigInt(addr),
  type: undefined,
  before,
  after,
});

/** The records that were read from a queue: each header, and the event after it. */
export function recordsRead(memory: TapeMemory, step: BufferCall, events: QueueEvents): TracedMemory[] {
  if (events === undefined) return blockRead(memory, step);
  const { ret, addr } = step;
  const bytes = ret > 0 ? memory.read(BigInt(addr), ret) : undefined;
  if (bytes === undefined) return [];
  const parts: TracedMemory[] = [];
  let at = 0;
  const add = (name: string, type: AnyType): void => {
    const after = bytes.slice(at, at + type.byteLength);
    parts.push({ name, address: BigInt(addr) + BigInt(at), type, before: undefined, after });
    at += type.byteLength;
  };
  for (let i = 0; at < bytes.length; i++) {
    if (events === 'faults') {
      add(`fault ${i}`, iommu_hwpt_pgfault);
      continue;
    }
    const isMark = ((bytes[at] ?? 0) & iommu_veventq_flag.IOMMU_VEVENTQ_FLAG_LOST_EVENTS) !== 0;
    add(`record ${i}`, iommufd_vevent_header);
    if (!isMark && at < bytes.length) add(`event ${i}`, events);
  }
  return parts;
}

/** The responses that were written to a fault queue. */
export function responsesWritten(memory: TapeMemory, step: BufferCall, events: QueueEvents): TracedMemory[] {
  const { addr, len } = step;
  const { byteLength } = iommu_hwpt_page_response;
  const before = events === 'faults' ? memory.read(BigInt(addr), len) : undefined;
  if (before === undefined) return blockWritten(memory, step);
  return Array.from({ length: Math.floor(len / byteLength) }, (_, i) => ({
    name: `response ${i}`,
    address: BigInt(addr) + BigInt(i * byteLength),
    type: iommu_hwpt_page_response,
    before: before.slice(i * byteLength, (i + 1) * byteLength),
    after: undefined,
  }));
}
