import { StructError } from './error.js';

/** What a call fails with. Fails itself if nothing is thrown, and with what is thrown if it is not a {@link StructError}. */
export function errorOf(call: () => unknown): StructError {
  try {
    call();
  } catch (cause) {
    if (cause instanceof StructError) return cause;
    throw cause;
  }
  throw new Error('nothing was thrown');
}
