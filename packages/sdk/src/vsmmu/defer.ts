/** A function of the JavaScript host that calls a task later. */
type Schedule = (task: () => void, milliseconds?: number) => unknown;

/**
 * Calls a function from the event loop, after other pending tasks.
 * @param task does not throw
 */
export function defer(task: () => void): void {
  // Node has the first, browsers and all others the second.
  const { setImmediate, setTimeout } = globalThis as {
    readonly setImmediate?: Schedule;
    readonly setTimeout?: Schedule;
  };
  if (setImmediate !== undefined) setImmediate(task);
  else setTimeout?.(task, 0);
}
