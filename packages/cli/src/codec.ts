/** The commands that decode and encode: a separate bundle, so that each command loads only what it needs. */
import { StructError } from '@iommufd/uapi/struct';
import { decodeCommand as decode } from './commands/decode.js';
import { encodeCommand as encode } from './commands/encode.js';
import { Failure } from './failure.js';

/** Wraps a command: an error of a codec becomes a {@link Failure}, because the input is invalid. */
const failing =
  <A extends readonly unknown[]>(command: (...args: A) => void | Promise<void>) =>
  async (...args: A): Promise<void> => {
    try {
      await command(...args);
    } catch (error) {
      throw error instanceof StructError ? new Failure(error.message) : error;
    }
  };

export const decodeCommand = failing(decode);
export const encodeCommand = failing(encode);
export { layoutCommand } from './commands/layout.js';
