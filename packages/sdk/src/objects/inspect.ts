/**
 * The key of the method that Node, Deno and Bun call to show an object in `console.log`. It is a registered symbol, so that
 * no import of Node is needed; other hosts ignore it.
 */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');
