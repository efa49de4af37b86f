/**
 * The key under which Node, Deno and Bun look for how `console.log` shows an object. It is a symbol that every engine has
 * once, so that nothing of Node is needed; elsewhere it has no effect.
 */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');
