import { expect, test } from '@jest/globals';
import { withNamesOfClassesOnly } from './bundle.mjs';

const BUNDLE = `
function plain() {}
__name(plain, "plain");
var Kept = class _Kept {
  static {
    __name(this, "Kept");
  }
  static made = /* @__PURE__ */ __name(() => [/* @__PURE__ */ __name((x) => x, "inner")], "made");
};
`;

test('of a bundle, classes keep their names, and functions are made without a call; no line or column moves', () => {
  const text = withNamesOfClassesOnly(BUNDLE);
  expect(text.match(/__name\(.*?\)/g)).toEqual(['__name(this, "Kept")']);
  expect(text.split('\n').map(({ length }) => length)).toEqual(
    BUNDLE.split('\n').map(({ length }) => length),
  );
  expect(text.indexOf('(x) => x')).toBe(BUNDLE.indexOf('(x) => x'));
  const run = `const __name = (made, value) => Object.defineProperty(made, 'name', { value });
    ${text}; return [plain.name, Kept.name, Kept.made()[0](3)];`;
  expect(new Function(run)()).toEqual(['plain', 'Kept', 3]);
});
