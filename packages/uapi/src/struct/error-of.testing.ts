import { StructError } from './error.js';

/** The {@link StructError} that `call` throws. Throws if `call` returns, and rethrows any other error. */
export function errorOf(call: () => unknown): StructError {
  try {
    call();
  } catch (cause) {
    if (cause instanceof StructError) return cause;
    throw cause;
  }
  throw new Error('nothing was thrown');
}
