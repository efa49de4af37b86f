/**
 * Builds the page: one HTML file that needs nothing else. Its script and its style stand in it and are allowed by their hashes; the
 * worker stands in it as text. Plain JavaScript, as `bundle.mjs` of the command is, which puts the page beside itself.
 *
 * `node packages/viewer/build.mjs [FILE]` writes it, to `packages/viewer/dist/viewer.html` if no file is given.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** @param {string} path within the package */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const KERNEL = here('../fakekernel/src/');

/**
 * A place where the fake kernel fails a call: `Rule` of `src/model/rules.ts`.
 * @typedef {{ file: string, line: number, errnos: string[], code: string, doc: string }} Rule
 */

/** A call fails with an errno, or with one of several; where an errno is compared with another, nothing fails. */
const FAIL = /(?<![!=]== )\bfail\(([^()]*'E[A-Z0-9]+'[^()]*)\)/g;

/** The statement that a line of code is in the middle of, as far as it is on few lines. @param {readonly string[]} lines */
function statementAt(lines, at) {
  let first = at;
  while (
    first > 0 &&
    at - first < 3 &&
    /^\s*(throw|\?|:|\|\||&&|\))/.test(lines[first]) &&
    !/^\s*if\b/.test(lines[first]) &&
    /[({,|&?:]\s*$|^\s*if\b/.test(lines[first - 1])
  )
    first--;
  const part = lines.slice(first, at + 1);
  const indent = Math.min(...part.map((line) => /^\s*/.exec(line)[0].length));
  return part.map((line) => line.slice(indent)).join('\n');
}

/** What is said before the declaration that a line is in: the comment, without stars and tags of types. */
function docBefore(lines, at) {
  for (let end = at; end >= 0; end--) {
    if (!/\*\/\s*$/.test(lines[end])) continue;
    // A comment at the end of a line of code is about that line.
    let start = end;
    while (start > 0 && !/^\s*\/\*\*/.test(lines[start])) start--;
    const indent = /^\s*/.exec(lines[start])[0].length;
    const next = lines[end + 1] ?? '';
    const isAround =
      /^\s*(export\s+|override\s+|private\s+|protected\s+|static\s+|async\s+|abstract\s+)*(function\*?|const|get|set|class|[\w*#]+\s*[(<])/.test(
        next,
      );
    if (!isAround || (indent > 2 && indent >= /^\s*/.exec(lines[at])[0].length)) continue;
    return (
      lines
        .slice(start, end + 1)
        .map((line) => line.replace(/^\s*\/?\*+\/?\s?/, '').replace(/\s*\*\/\s*$/, ''))
        .join(' ')
        .replace(/\{@link (\w+)[^}]*\}/g, '$1')
        .replace(/\s+/g, ' ')
        .replace(/ ?@(internal|hidden)/g, '')
        // Arguments and returned values are documented for the caller of the function.
        .replace(/ ?@(param|returns)\b[^@]*/g, ' ')
        .replace(/@throws /g, 'Fails with ')
        .trim()
    );
  }
  return '';
}

/**
 * Numbers the places where the fake kernel fails calls, in the order of files and lines.
 * @returns {{ rules: Rule[], code: Map<string, string> }} the places, and the code that leaves their numbers, by file
 */
export function numberedRules() {
  /** @type {Rule[]} */
  const rules = [];
  const code = new Map();
  const files = readdirSync(KERNEL, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts') && !/\.(test|testing)\.ts$/.test(name) && name !== 'errno.ts')
    .sort();
  for (const file of files) {
    const lines = readFileSync(KERNEL + file, 'utf8').split('\n');
    const numbered = lines.map((line, at) =>
      /^\s*(\*|\/\/|\/\*)/.test(line)
        ? line
        : line.replace(FAIL, (call, which) => {
            const number =
              rules.push({
                file,
                line: at + 1,
                errnos: which.match(/(?<=')E[A-Z0-9]+(?=')/g),
                code: statementAt(lines, at),
                doc: docBefore(lines, at),
              }) - 1;
            return `(globalThis.iommufdReached?.push(${number}), ${call})`;
          }),
    );
    code.set(KERNEL + file, numbered.join('\n'));
  }
  return { rules, code };
}

/** Puts the numbers into the code of the fake kernel. @returns {import('esbuild').Plugin} */
export const leaveNumbers = (code) => ({
  name: 'numbers of rules',
  setup(building) {
    building.onLoad({ filter: /fakekernel\/src\/.*\.ts$/ }, ({ path }) => {
      const contents = code.get(path);
      return contents === undefined ? undefined : { contents, loader: 'ts' };
    });
  },
});

/** The fast code of uapi is for loops; declarations without it do the same. @type {import('esbuild').Plugin} */
const leaveOutGenerated = {
  name: 'leave out',
  setup(building) {
    building.onResolve({ filter: /\.generated\.js$/ }, () => ({ path: 'empty', namespace: 'empty' }));
    building.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export {}', loader: 'js' }));
  },
};

/** @type {import('esbuild').BuildOptions} */
const OPTIONS = {
  absWorkingDir: here('.'),
  bundle: true,
  write: false,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  conditions: ['iommufd-source'],
  legalComments: 'none',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'warning',
  logOverride: { 'import-is-undefined': 'silent' },
  metafile: true,
};

/** @param {string} text */
const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** A script as it can stand in HTML. @param {string} code */
const inHtml = (code) => code.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--').trim();

/** The licences of other packages whose code is in the page, as a comment. */
function noticesOf(metafiles) {
  const folders = new Set(
    metafiles.flatMap(({ inputs }) =>
      Object.keys(inputs).flatMap(
        (path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? [],
      ),
    ),
  );
  return [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(here(`${folder}/package.json`), 'utf8'));
    const file = readdirSync(here(folder)).find((each) => /^licen[cs]e/i.test(each));
    const text = file === undefined ? '' : readFileSync(here(`${folder}/${file}`), 'utf8').trim();
    return `${name} ${version}, ${license}\n\n${text.replaceAll('--', '- -')}`;
  });
}

/**
 * Builds the page.
 * @returns {Promise<string>} its HTML
 */
export async function buildPage() {
  const { rules, code } = numberedRules();
  const [worker, page] = await Promise.all([
    build({
      ...OPTIONS,
      entryPoints: [here('src/worker.ts')],
      plugins: [leaveNumbers(code), leaveOutGenerated],
      banner: { js: `globalThis.iommufdRules=${JSON.stringify(rules)};` },
    }),
    build({ ...OPTIONS, entryPoints: [here('src/page/main.tsx')], plugins: [leaveOutGenerated] }),
  ]);
  const [script, workerCode] = [page, worker].map(({ outputFiles }) => inHtml(outputFiles[0]?.text ?? ''));
  const style = await build({
    ...OPTIONS,
    stdin: {
      contents: "@import 'uplot/dist/uPlot.min.css'; @import './src/page/style.css';",
      loader: 'css',
      resolveDir: here('.'),
    },
  });
  const css = style.outputFiles[0]?.text.trim() ?? '';
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(css)}`,
    'worker-src blob:',
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const icon =
    'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 16 16%22%3E%3Crect width=%2216%22 height=%2216%22 rx=%223%22 fill=%22%230b57d0%22/%3E%3Cpath d=%22M4 5h8M4 8h8M4 11h5%22 stroke=%22white%22 stroke-width=%221.6%22/%3E%3C/svg%3E';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>iommufd view</title>
<link rel="icon" href="${icon}">
<style>${css}</style>
</head>
<body>
<div id="root"></div>
<!-- files -->
<script id="worker" type="text/plain">${workerCode}</script>
<script>${script}</script>
</body>
</html>
<!--
${noticesOf([worker.metafile, page.metafile, style.metafile]).join(`\n${'='.repeat(72)}\n\n`)}
-->
`;
}

/**
 * Builds what the page's worker does as a module for Node: `Session`, and `longTape`, for a measure without a browser.
 * @returns {Promise<string>} its text
 */
export async function buildModel() {
  const { rules, code } = numberedRules();
  const { outputFiles } = await build({
    ...OPTIONS,
    format: 'esm',
    stdin: {
      contents:
        "export { Session } from './src/model/session.js'; export { longTape } from './src/browser/long-tape.js';",
      resolveDir: here('.'),
    },
    plugins: [leaveNumbers(code), leaveOutGenerated],
    banner: { js: `globalThis.iommufdRules=${JSON.stringify(rules)};` },
  });
  return outputFiles[0]?.text ?? '';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = process.argv[2] ?? here('dist/viewer.html');
  const html = await buildPage();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, html);
  process.stderr.write(`${relative('.', file)}: ${Math.round(html.length / 1024)} KiB\n`);
}
