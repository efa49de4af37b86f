/**
 * How Jest gets its code: compiled by swc, with the globals of ECMAScript imported from a module. Jest runs each test file in a
 * context of its own (`node:vm`), and there every use of a global is a call out of compiled code: a program that is busy with
 * `BigInt` and `Number` takes twice as long. An import is as cheap as a variable.
 */
import swc from '@swc/jest';
import * as globals from './globals.mjs';

const names = Object.keys(globals);
/** The name that `moduleNameMapper` leads to `globals.mjs`. */
const MODULE = 'ecmascript-globals';

const { process, processAsync, getCacheKey, ...compiler } = swc.createTransformer({
  jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
});
if (process === undefined || processAsync === undefined || getCacheKey === undefined)
  throw new TypeError('@swc/jest has another form than it had');

/**
 * @param {import('@jest/transform').TransformedSource} compiled
 * @returns {import('@jest/transform').TransformedSource}
 */
function withImports({ code, ...rest }) {
  const used = names.filter((name) => new RegExp(`(?<![.\\w$])${name}(?![\\w$])`).test(code));
  // On the first line, so that the numbers of lines stay.
  return {
    ...rest,
    code: used.length === 0 ? code : `import { ${used.join(', ')} } from '${MODULE}'; ${code}`,
  };
}

/** @type {import('@jest/transform').AsyncTransformer} */
const transformer = {
  ...compiler,
  getCacheKey: (...args) => `${getCacheKey(...args)} ${names.join()}`,
  process: (...args) => withImports(process(...args)),
  processAsync: async (...args) => withImports(await processAsync(...args)),
};
export default transformer;
