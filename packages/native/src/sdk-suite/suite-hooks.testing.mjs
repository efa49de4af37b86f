/** Resolves `@iommufd/fakekernel` to its replacement in `suite-program.testing.mjs`. */

/** @type {import('node:module').ResolveHook} */
export const resolve = (specifier, context, next) =>
  specifier === '@iommufd/fakekernel'
    ? next('./remote-kernel.testing.ts', { ...context, parentURL: import.meta.url })
    : next(specifier, context);
