/**
 * What a call is about: which memory of the caller its declaration says that it reads and writes, and the files that its struct names.
 * Those who record or print calls look at this memory before and after each call.
 */

import {
  eventfdsIn,
  knownBytes,
  lengthBehind,
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

/** Bytes behind a pointer that are written into a tape whether or not they are seen to be read. */
export const MOST_BEHIND = 1 << 16;
/** Bytes of a struct: `copy_struct_from_user()` refuses more than a page. */
const MOST_OF_STRUCT = 4096;
/** Bytes that are looked at before it is known how many a struct has: more than nearly all have. */
const MOST_AHEAD = 128;
const PAGE = 4096;

export const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** Memory of a process. */
export interface Range {
  readonly address: number;
  readonly length: number;
}

/** Does one of these ranges hold all of another? */
export const within = (ranges: readonly Range[], { address, length }: Range): boolean =>
  ranges.some((range) => address >= range.address && address + length <= range.address + range.length);

/** What is behind a pointer of a struct. */
export interface Behind extends Range {
  readonly pointer: Pointer;
  /** The kernel writes there, rather than reads. */
  readonly out: boolean;
  /** What is there has fields that the kernel writes. */
  readonly returns: boolean;
}

/** What an ioctl is about. */
export interface About {
  readonly struct: Range;
  /** The bytes of the struct, as they were when this was looked at. */
  readonly bytes: Uint8Array;
  /** What the caller gives, as far as it is written into a tape in any case. */
  readonly given: readonly Range[];
  readonly behind: readonly Behind[];
  /** Pointers of which no declaration says how far they reach. */
  readonly unknown: readonly string[];
  /** Numbers of files that the struct names, and of those that it is to name afterwards. */
  readonly files: readonly number[];
  readonly made: readonly number[];
  /** The struct has numbers of files. */
  readonly hasFiles: boolean;
}

/** Memory of the caller, as it is now. */
export interface CallerMemory {
  /** @returns undefined if one of the bytes is not there */
  peek(address: number, length: number): Uint8Array | undefined;
  /** @returns the bytes up to the first that is not there */
  peekSome(address: number, length: number): Uint8Array;
}

/**
 * What an ioctl is about, as its declaration says.
 * @param taskSize one beyond the last address of user space
 * @param kind of the file that it is made on, as far as it is known
 * @returns undefined for one without a declaration, or without a struct
 */
export function aboutIoctl(
  memory: CallerMemory,
  taskSize: number,
  kind: IoctlFile | undefined,
  { request, argument }: { readonly request: number; readonly argument: bigint },
): About | undefined {
  const struct = ioctlsByRequest(request, kind)[0]?.struct ?? ioctlsByRequest(request)[0]?.struct;
  const address = Number(argument);
  if (struct === undefined || address >= taskSize) return undefined;
  const bytes = structAt(memory, address);
  const known = knownBytes(struct, bytes);
  const argumentRange = { address, length: bytes.length };
  const roles = rolesIn(struct);
  if (known.length < 8 || !(roles.has('pointer') || roles.has('fd')))
    return {
      struct: argumentRange,
      bytes,
      given: [argumentRange],
      behind: [],
      unknown: [],
      files: eventfdsIn(struct, known),
      made: [],
      hasFiles: roles.has('fd'),
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
  return { struct: argumentRange, bytes, given, behind, unknown, files, made, hasFiles: roles.has('fd') };
}

/** The bytes of a struct whose first word says how many it has: most are had by one look, which does not go beyond their page. */
function structAt(memory: CallerMemory, address: number): Uint8Array {
  const ahead = Math.min(MOST_AHEAD, PAGE - (address % PAGE));
  const first = memory.peekSome(address, ahead);
  const isWhole = first.length >= 4;
  const claimed = isWhole ? new DataView(first.buffer, first.byteOffset).getUint32(0, true) : 0;
  const length = Math.min(MOST_OF_STRUCT, Math.max(4, claimed));
  return first.length < ahead || length <= ahead ? first.slice(0, length) : memory.peekSome(address, length);
}

/** Is there a struct behind a pointer, with fields that the kernel writes? */
function hasAnswer({ to, values }: Pointer): boolean {
  const type = to.type ?? to.cases?.[Number(values[to.by ?? ''])];
  return (
    type instanceof Struct &&
    type.members.some(({ direction }) => direction === 'out' || direction === 'inout')
  );
}

/** The kind of a file that was opened by a node. */
export function kindOf(node: string | undefined): IoctlFile | undefined {
  if (node === '/dev/iommu' || node === '/dev/vfio/vfio') return 'iommufd';
  return node?.startsWith('/dev/vfio/devices/') === true ? 'vfio-device' : undefined;
}

/** Numbers of files in a struct, by the roles of its fields. @param made those that the kernel writes, or those that it is given */
function filesIn(type: AnyType, values: Values, made: boolean): number[] {
  return numbersOf(type, values).flatMap(({ type: { role }, value, direction }) =>
    role.kind === 'fd' && (direction === 'out') === made ? [Number(value)] : [],
  );
}

/** A call by its name. */
export const describe = (call: FileCall): string =>
  call.op === 'ioctl'
    ? (ioctlsByRequest(call.request)[0]?.name ?? `request ${hex(call.request)}`)
    : `${call.op}()`;

/** A call as a step of a tape. */
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
