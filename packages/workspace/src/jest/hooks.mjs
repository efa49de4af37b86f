/** Leads `@jest/globals`, which refuses to load outside of Jest's contexts, to `globals.mjs`. */

/** @type {import('node:module').ResolveHook} */
export const resolve = (specifier, context, next) =>
  specifier === '@jest/globals'
    ? { url: new URL('./globals.mjs', import.meta.url).href, shortCircuit: true }
    : next(specifier, context);
