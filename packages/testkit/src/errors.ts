/** A class of errors. */
type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** Returns the error that a call throws. Throws if the call does not throw; rethrows an error of another class. */
export function thrownBy<E extends Error>(kind: ErrorClass<E>, call: () => unknown): E {
  try {
    call();
  } catch (cause) {
    if (cause instanceof kind) return cause;
    throw cause;
  }
  throw new Error('nothing was thrown');
}
