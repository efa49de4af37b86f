/** Calls in words, as strace would print them if it knew iommufd. */

import { errnoMeaning, errnoName, formatRequest } from '@iommufd/uapi';
import { ioctlsByRequest } from '@iommufd/uapi/registry';
import { annotate, type AnyType } from '@iommufd/uapi/struct';
import type { AnsweredCall } from './supervisor.js';

/** A call in words. */
export interface DescribedCall {
  /** `ioctl(512, IOMMU_IOAS_ALLOC, {size=12, flags=0})` */
  readonly call: string;
  /** `0 {out_ioas_id=1}`, `-1 EBUSY (…)` */
  readonly result: string;
  readonly failed: boolean;
}

type Direction = ReturnType<typeof annotate>[number]['direction'];

function fields(type: AnyType, bytes: Uint8Array, wanted: (direction: Direction) => boolean): string {
  return annotate(type, bytes)
    .filter(({ kind, direction, bytes: own }) => kind === 'field' && own.length > 0 && wanted(direction))
    .map(({ path, text }) => `${path}=${text}`)
    .join(', ');
}

/** As much of a struct as its first field says that the caller knows. */
function known(type: AnyType, bytes: Uint8Array): Uint8Array {
  const size = bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return bytes.subarray(0, Math.max(4, Math.min(size, type.byteLength)));
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** A request and its struct: `IOMMU_IOAS_ALLOC, {size=12, flags=0}`. */
export function describeRequest(request: number, argument: bigint, before: Uint8Array | undefined): string {
  const [ioctl] = ioctlsByRequest(request);
  const name = ioctl?.name ?? formatRequest(request);
  const struct = ioctl?.struct;
  if (struct === undefined || before === undefined || before.length === 0) return `${name}, ${hex(argument)}`;
  return `${name}, {${fields(struct, known(struct, before), (direction) => direction !== 'out')}}`;
}

/** Arguments that are file descriptors or counts, of calls other than ioctl: how many of them are shown. */
const SHOWN: Readonly<Record<string, number>> = {
  read: 3,
  write: 3,
  pread64: 4,
  pwrite64: 4,
  dup: 1,
  dup2: 2,
  dup3: 3,
  fcntl: 3,
  fstat: 2,
  mmap: 6,
};

/** Arguments that are numbers of their own and no addresses. */
const small = (value: bigint): string => (value < 0x1_0000n ? String(value) : hex(value));

function argumentsOf(
  name: string,
  args: readonly bigint[],
  path: string | undefined,
  before: Uint8Array | undefined,
): string {
  if (name === 'ioctl') {
    const request = Number(BigInt.asUintN(32, args[1] ?? 0n));
    return `${small(args[0] ?? 0n)}, ${describeRequest(request, args[2] ?? 0n, before)}`;
  }
  if (path !== undefined) return JSON.stringify(path);
  return args
    .slice(0, SHOWN[name] ?? 3)
    .map(small)
    .join(', ');
}

/** A call that was answered. */
export function describeCall({ name, args, result, path, before, after }: AnsweredCall): DescribedCall {
  const failed = result < 0n;
  const request = Number(BigInt.asUintN(32, args[1] ?? 0n));
  const call = `${name}(${argumentsOf(name, args, path, before)})`;
  if (failed) {
    const errno = errnoName(Number(result));
    return {
      call,
      result: errno === undefined ? String(result) : `-1 ${errno} (${errnoMeaning(errno)})`,
      failed,
    };
  }
  const struct = name === 'ioctl' ? ioctlsByRequest(request)[0]?.struct : undefined;
  const out =
    struct === undefined || after === undefined
      ? ''
      : fields(struct, known(struct, after), (direction) => direction === 'out' || direction === 'inout');
  return { call, result: out === '' ? small(result) : `${small(result)} {${out}}`, failed };
}
