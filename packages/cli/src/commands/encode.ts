import { encode, fromJson, toHex } from '@iommufd/uapi/struct';
import { Failure } from '../failure.js';
import { inputJson } from '../input.js';
import type { Io } from '../io.js';
import { findType } from '../lookup.js';
import { structOf } from './decode.js';

/** The options of `iommufd encode`. */
export interface EncodeCommand {
  readonly struct?: string;
  readonly ioctl?: string;
  readonly file?: string;
}

/** `iommufd encode`: fields as JSON in, hex out. @throws Failure | StructError */
export function encodeCommand(
  io: Io,
  input: string | undefined,
  { struct, ioctl, file }: EncodeCommand,
): void {
  if ((struct === undefined) === (ioctl === undefined))
    throw new Failure('say what it is: --struct or --ioctl');
  const type = struct !== undefined ? findType(struct) : structOf(ioctl ?? '');
  const value = fromJson(type, inputJson(io, input, file));
  io.write(`${toHex(encode(type, value))}\n`);
}
