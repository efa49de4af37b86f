import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { bundle, withNamesOfClassesOnly } from './bundle.mjs';

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

test('a bundle has the dependencies that are to be in it, with their licences, and imports the others', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  try {
    const write = (name: string, text: string): void => {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), text);
    };
    for (const name of ['inside', 'outside']) {
      write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js', type: 'module' }));
      write(`node_modules/${name}/index.js`, `export const ${name} = 'the text of ${name}';`);
      write(`node_modules/${name}/LICENSE`, `licence of ${name}`);
    }
    write('dist/index.js', "export { inside } from 'inside'; export { outside } from 'outside';");
    const exports = { '.': { node: './dist/node/index.js', default: './dist/index.js' } };
    write(
      'package.json',
      JSON.stringify({
        dependencies: { inside: '1.0.0', outside: '1.0.0' },
        publishConfig: { exports, inlined: ['inside'] },
      }),
    );
    await bundle(folder);
    const text = readFileSync(join(folder, 'dist/node/index.js'), 'utf8');
    expect(text).toContain('the text of inside');
    expect(text).toContain('from "outside"');
    expect(text).not.toContain('the text of outside');
    expect(readdirSync(join(folder, 'dist/node')).sort()).toEqual([
      'index.js',
      'index.js.map',
      'inside-LICENSE.txt',
    ]);
    expect(readFileSync(join(folder, 'dist/node/inside-LICENSE.txt'), 'utf8')).toBe('licence of inside');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
