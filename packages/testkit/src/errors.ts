/** A class of errors. */
type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** What a call fails with. Fails itself if nothing is thrown, and with what is thrown if it is of another class. */
export function thrownBy<E extends Error>(kind: ErrorClass<E>, call: () => unknown): E {
  try {
    call();
  } catch (cause) {
    if (cause instanceof kind) return cause;
    throw cause;
  }
  throw new Error('nothing was thrown');
}
