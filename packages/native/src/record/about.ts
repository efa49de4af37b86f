/**
 * Finds the memory of the caller that an ioctl reads and writes, and the file descriptors in its struct, from the ioctl's
 * declaration. Recorders and printers read this memory before and after each call.
 */

import {
  eventfdsIn,
  knownBytes,
  lengthBehind,
  mayHaveEventfds,
  numbersOf,
  type Pointer,
  pointersOf,
  rolesIn,
  type Step,
  type Values,
  valuesOf,
} from '@iommufd/tape';
import type { IoctlFile } from '@iommufd/uapi';
import { ioctlsByRequest } from '@iommufd/uapi/registry';
import { type AnyType, Struct } from '@iommufd/uapi/struct';
import type { FileCall } from '../observer.js';

/** The most bytes behind a pointer that are recorded even if no read of them is observed. */
export const MOST_BEHIND = 1 << 16;
/** The maximum size of a struct in bytes: `copy_struct_from_user()` fails with E2BIG for more than a page. */
const MOST_OF_STRUCT = 4096;
/** The most bytes that are read before the size of a struct is known. Nearly all structs are smaller. */
const MOST_AHEAD = 128;
const PAGE = 4096;

export const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** A range of a process's memory. */
export interface Range {
  readonly address: number;
  readonly length: number;
}

/** True if one of the ranges contains all of another range. */
export const within = (ranges: readonly Range[], { address, length }: Range): boolean =>
  ranges.some((range) => address >= range.address && address + length <= range.address + range.length);

/** The memory behind a pointer of a struct. */
export interface Behind extends Range {
  readonly pointer: Pointer;
  /** True if the kernel writes this memory, false if it reads it. */
  readonly out: boolean;
  /** True if the kernel writes at least some fields of it. */
  readonly returns: boolean;
}

/** The memory and files of an ioctl. */
export interface About {
  readonly struct: Range;
  /** The bytes of the struct at the time of the lookup. */
  readonly bytes: Uint8Array;
  /** The ranges that are always recorded before the call: the struct, and memory behind pointers up to {@link MOST_BEHIND}. */
  readonly given: readonly Range[];
  readonly behind: readonly Behind[];
  /** Paths of pointers whose length is not declared. */
  readonly unknown: readonly string[];
  /** File descriptors that the struct passes to the kernel. */
  readonly files: readonly number[];
  /** File descriptors in fields that the kernel writes. They are valid after the call. */
  readonly made: readonly number[];
  /** True if the struct has fields for file descriptors. */
  readonly hasFiles: boolean;
}

/** Reads the current memory of the caller. */
export interface CallerMemory {
  /** @returns undefined if one of the bytes cannot be read */
  peek(address: number, length: number): Uint8Array | undefined;
  /** @returns the bytes up to the first that cannot be read */
  peekSome(address: number, length: number): Uint8Array;
}

/** What the declaration of an ioctl says about its struct. */
interface Declared {
  readonly struct: AnyType;
  /** True if it contains no pointers and no file descriptors, as most structs. */
  readonly isPlain: boolean;
  /** True if it has fields for file descriptors. */
  readonly hasFiles: boolean;
}

/** By the kind of the file, then by the request. */
const declaredOf = new Map<IoctlFile | undefined, Map<number, Declared>>();

/** @returns undefined for a request without a declared struct */
function declared(kind: IoctlFile | undefined, request: number): Declared | undefined {
  let ofKind = declaredOf.get(kind);
  if (ofKind === undefined) declaredOf.set(kind, (ofKind = new Map()));
  const known = ofKind.get(request);
  if (known !== undefined) return known;
  const struct = ioctlsByRequest(request, kind)[0]?.struct ?? ioctlsByRequest(request)[0]?.struct;
  // A program may make any number of requests that are not declared. Those are not kept.
  if (struct === undefined) return undefined;
  const roles = rolesIn(struct);
  const hasFiles = roles.has('fd');
  const found = { struct, isPlain: !hasFiles && !roles.has('pointer'), hasFiles };
  ofKind.set(request, found);
  return found;
}

const NOTHING: readonly never[] = [];

/**
 * Finds the memory and files of an ioctl from its declaration.
 * @param taskSize one beyond the last address of user space
 * @param kind the kind of the file that it is made on, if it is known
 * @returns undefined if the ioctl has no declaration or no struct
 */
export function aboutIoctl(
  memory: CallerMemory,
  taskSize: number,
  kind: IoctlFile | undefined,
  { request, argument }: { readonly request: number; readonly argument: bigint },
): About | undefined {
  const found = declared(kind, request);
  const address = Number(argument);
  if (found === undefined || address >= taskSize) return undefined;
  const { struct, isPlain, hasFiles } = found;
  const bytes = structAt(memory, address, struct.byteLength);
  const argumentRange = { address, length: bytes.length };
  const known = isPlain && !mayHaveEventfds(struct) ? bytes : knownBytes(struct, bytes);
  if (isPlain || known.length < 8)
    return {
      struct: argumentRange,
      bytes,
      given: [argumentRange],
      behind: NOTHING,
      unknown: NOTHING,
      files: eventfdsIn(struct, known),
      made: NOTHING,
      hasFiles,
    };
  const values = valuesOf(struct, known);
  const behind: Behind[] = [];
  const unknown: string[] = [];
  for (const pointer of pointersOf(struct, values)) {
    const reach = lengthBehind(pointer);
    if (reach === undefined) unknown.push(pointer.path);
    const start = Number(pointer.address);
    if (reach === undefined || !(reach > 0) || start >= taskSize) continue;
    const out = pointer.to.out === true;
    behind.push({ address: start, length: reach, out, returns: out || hasAnswer(pointer), pointer });
  }
  const given = [argumentRange, ...behind.filter((range) => range.length <= MOST_BEHIND)];
  const files = filesIn(struct, values, false);
  const made = filesIn(struct, values, true);
  return { struct: argumentRange, bytes, given, behind, unknown, files, made, hasFiles };
}

/**
 * Reads a struct whose first word is its size. Most have the declared size: one read, which does not cross the end of their page.
 * @param declaredSize in bytes
 */
function structAt(memory: CallerMemory, address: number, declaredSize: number): Uint8Array {
  const ahead = Math.min(Math.max(4, declaredSize), MOST_AHEAD, PAGE - (address % PAGE));
  const first = memory.peekSome(address, ahead);
  const length = Math.min(MOST_OF_STRUCT, Math.max(4, sizeIn(first)));
  if (length === first.length) return first;
  return first.length < ahead || length < ahead ? first.slice(0, length) : memory.peekSome(address, length);
}

/** The first word of a struct; 0 if it is not complete. */
const sizeIn = (bytes: Uint8Array): number =>
  bytes.length < 4
    ? 0
    : (bytes[0] ?? 0) + (bytes[1] ?? 0) * 2 ** 8 + (bytes[2] ?? 0) * 2 ** 16 + (bytes[3] ?? 0) * 2 ** 24;

/** True if a pointer leads to a struct with fields that the kernel writes. */
function hasAnswer({ to, values }: Pointer): boolean {
  const type = to.type ?? to.cases?.[Number(values[to.by ?? ''])];
  return (
    type instanceof Struct &&
    type.members.some(({ direction }) => direction === 'out' || direction === 'inout')
  );
}

/** The kind of a file by the node that it was opened with. */
export function kindOf(node: string | undefined): IoctlFile | undefined {
  if (node === '/dev/iommu' || node === '/dev/vfio/vfio') return 'iommufd';
  return node?.startsWith('/dev/vfio/devices/') === true ? 'vfio-device' : undefined;
}

/**
 * The file descriptors in a struct, by the roles of its fields.
 * @param made true for fields that the kernel writes, false for fields that it reads
 */
function filesIn(type: AnyType, values: Values, made: boolean): number[] {
  return numbersOf(type, values).flatMap(({ type: { role }, value, direction }) =>
    role.kind === 'fd' && (direction === 'out') === made ? [Number(value)] : [],
  );
}

/** The name of a call. */
export const describe = (call: FileCall): string =>
  call.op === 'ioctl'
    ? (ioctlsByRequest(call.request)[0]?.name ?? `request ${hex(call.request)}`)
    : `${call.op}()`;

/** Converts a call to a step of a tape. @param ret a negative errno if it failed */
export function stepOf(call: FileCall, ret: number): Step {
  switch (call.op) {
    case 'ioctl':
      return { op: 'ioctl', fd: call.fd, cmd: hex(call.request), arg: hex(call.argument), ret };
    case 'read':
    case 'write':
      return { op: call.op, fd: call.fd, addr: hex(call.address), len: call.length, ret };
    case 'pread':
    case 'pwrite':
      return {
        op: call.op,
        fd: call.fd,
        addr: hex(call.address),
        len: call.length,
        off: hex(call.position),
        ret,
      };
  }
}
