/** Runs everything that is ready to run. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Is a promise still open when everything has run that is ready to? */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  promise.then(settle, settle);
  for (let i = 0; i < 20; i++) await turn();
  return !settled;
}
