/**
 * Real tapes are replayed whatever their machine, and their errors are explained: what the errno means for the call,
 * and which rule of the fake kernel it met. The rules are numbered by the build of the page, so that the model is built
 * here as the page has it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build, type Plugin } from 'esbuild';
import type { Rule } from './rules.js';
import type { Session } from './session.js';

/** The part of `build.mjs` that is needed. */
interface Builder {
  numberedRules(): { readonly rules: readonly Rule[]; readonly code: ReadonlyMap<string, string> };
  leaveNumbers(code: ReadonlyMap<string, string>): Plugin;
}

const folder = mkdtempSync(join(tmpdir(), 'iommufd-errors-'));
let model: { readonly Session: new () => Session };

beforeAll(async () => {
  const builder = (await import(new URL('../../build.mjs', import.meta.url).href)) as Builder;
  const { rules, code } = builder.numberedRules();
  Object.assign(globalThis, { iommufdRules: rules });
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('session.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    conditions: ['iommufd-source'],
    plugins: [builder.leaveNumbers(code)],
  });
  const file = join(folder, 'session.mjs');
  writeFileSync(file, outputFiles[0]?.contents ?? '');
  model = (await import(pathToFileURL(file).href)) as typeof model;
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  // The rules belong to this build: other tests in this process have none.
  Reflect.deleteProperty(globalThis, 'iommufdRules');
  Reflect.deleteProperty(globalThis, 'iommufdReached');
});

test.each(['scenarios.jsonl.gz', 'gen2-minimal.jsonl.gz', 'smmuv3.jsonl.gz', 'vfio/vfio.jsonl.gz'])(
  'every error of %s has a meaning for its call, and the rule that failed it',
  async (name) => {
    const file = new URL(`../../../conformance/tapes/${name}`, import.meta.url);
    const session = new model.Session();
    const { documents } = await session.open([{ name, bytes: new Uint8Array(readFileSync(file)) }]);
    const unexplained: string[] = [];
    let errors = 0;
    for (const [i, { name: tape }] of documents.entries()) {
      session.select(i);
      session.work(() => false);
      const { refusal, different } = session.progress();
      expect({ tape, refusal, different }).toEqual({ tape, refusal: '', different: 0 });
      for (const row of session.page(0, session.count)) {
        if (!row.failed) continue;
        errors++;
        const { errno, rule } = session.detail(row.index);
        const where = `${tape} ${row.index}: ${row.text} = ${row.result}`;
        // A signal comes from hardware: no function of the kernel failed the call.
        if (errno?.name.startsWith('SIG') === true) continue;
        if (errno?.here === undefined) unexplained.push(`no meaning: ${where}`);
        if (rule === undefined) unexplained.push(`no rule: ${where}`);
        else if (errno !== undefined && !rule.errnos.includes(errno.name))
          unexplained.push(`the rule ${rule.file}:${rule.line} is of another errno: ${where}`);
      }
    }
    expect(unexplained).toEqual([]);
    expect(errors).toBeGreaterThan(10);
  },
);
