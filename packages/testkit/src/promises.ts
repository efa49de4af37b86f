/** Lets everything run that waits to. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Does a promise stay open, whatever may run? */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  promise.then(settle, settle);
  for (let i = 0; i < 20; i++) await turn();
  return !settled;
}
