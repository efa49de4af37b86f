/** A step as text: the call, and for an ioctl the fields of its struct. */

import { errnoName } from '@iommufd/uapi';
import { annotate } from '@iommufd/uapi/struct';
import { ioctlsByRequest } from '@iommufd/uapi/registry';
import type { Asked } from './asked.testing.js';
import type { Call, Step } from './step.testing.js';

const hex = (value: number | bigint): string => (value < 0 ? String(value) : `0x${value.toString(16)}`);

/** @param asked the argument of an ioctl */
export function show(
  { process, call }: Step,
  asked: Asked | undefined,
  result: number | bigint | undefined,
): string {
  const name = result !== undefined && result < 0 ? errnoName(Number(result)) : undefined;
  const outcome = result === undefined ? '' : ` = ${name ?? hex(result)}`;
  return `process ${process}: ${call.name}(${argumentsOf(call, asked)})${outcome}`;
}

function argumentsOf({ name, ...rest }: Call, asked: Asked | undefined): string {
  void name;
  const named = Object.entries(rest).map(([key, value]) => `${key} ${valueOf(key, value)}`);
  return asked === undefined ? named.join(', ') : `${named.join(', ')}, ${fields(asked)}`;
}

function valueOf(key: string, value: unknown): string {
  if (typeof value === 'bigint') return hex(value);
  if (typeof value !== 'number') return String(value);
  return key === 'request' ? (ioctlsByRequest(value)[0]?.name ?? hex(value)) : String(value);
}

/** The fields that are not reserved, as `name=value`. */
function fields({ ioctl: { struct }, bytes }: Asked): string {
  const shown = annotate(struct, bytes).filter(
    ({ kind, direction }) => kind === 'field' && direction !== 'out',
  );
  return `{${shown.map(({ path, text }) => `${path}=${text}`).join(', ')}}`;
}
