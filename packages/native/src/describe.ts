/** Describes calls in the style of strace, with the structs of iommufd decoded. */

import { givenFields, knownBytes, resultText, returnedFields } from '@iommufd/tape';
import { formatRequest } from '@iommufd/uapi';
import { ioctlsByRequest } from '@iommufd/uapi/registry';
import type { AnsweredCall } from './supervisor.js';

/** A described call. */
export interface DescribedCall {
  /** `ioctl(512, IOMMU_IOAS_ALLOC, {size=12, flags=0})` */
  readonly call: string;
  /** `0 {out_ioas_id=1}`, `-1 EBUSY (…)` */
  readonly result: string;
  readonly failed: boolean;
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** Describes a request and its struct: `IOMMU_IOAS_ALLOC, {size=12, flags=0}`. */
export function describeRequest(request: number, argument: bigint, before: Uint8Array | undefined): string {
  const [ioctl] = ioctlsByRequest(request);
  const name = ioctl?.name ?? formatRequest(request);
  const struct = ioctl?.struct;
  if (struct === undefined || before === undefined || before.length === 0) return `${name}, ${hex(argument)}`;
  return `${name}, {${givenFields(struct, knownBytes(struct, before))}}`;
}

/** The number of arguments that are shown, for calls other than ioctl. Default: 3. */
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

/** Formats small values as numbers and all others as addresses. */
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

/** Describes an answered call. */
export function describeCall({ name, args, result, path, before, after }: AnsweredCall): DescribedCall {
  const ioctl = name === 'ioctl' ? ioctlsByRequest(Number(BigInt.asUintN(32, args[1] ?? 0n)))[0] : undefined;
  const struct = ioctl?.struct;
  const failed = result < 0n;
  const value = failed ? resultText(result, ioctl) : small(result);
  const returned =
    struct === undefined || before === undefined || after === undefined
      ? ''
      : returnedFields(struct, knownBytes(struct, before), knownBytes(struct, after), failed ? -1 : 0);
  return {
    call: `${name}(${argumentsOf(name, args, path, before)})`,
    result: returned === '' ? value : `${value} {${returned}}`,
    failed,
  };
}
