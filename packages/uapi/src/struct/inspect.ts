/**
 * The key of the method that `console.log` of Node, Deno and Bun calls to show an object. It is a registered symbol, so it
 * needs no import from Node. Other hosts ignore it.
 */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');
