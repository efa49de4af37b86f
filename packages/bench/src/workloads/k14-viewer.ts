import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CaseWorkload, Runner } from '../workload.js';

const CALLS = 100_000;
/** Steps of the work between two checks of its progress. */
const OFTEN = 1000;

/** The part of the viewer's build that the bench uses. Only the page is published, not its modules. */
interface Build {
  buildModel(): Promise<string>;
}

/** The part of the viewer's model that the bench uses. */
interface Model {
  readonly Session: new () => {
    open(files: readonly { readonly name: string; readonly bytes: Uint8Array }[]): Promise<unknown>;
    select(number: number): void;
    work(isOver: () => boolean): boolean;
    progress(): { readonly rows: number; readonly played: number; readonly different: number };
  };
  longTape(calls: number): Uint8Array;
}

/** The model, bundled as for the page's worker. */
async function builtModel(): Promise<Model> {
  const { buildModel } = (await import(new URL('../../../viewer/build.mjs', import.meta.url).href)) as Build;
  const folder = mkdtempSync(join(tmpdir(), 'iommufd-viewer-'));
  try {
    const file = join(folder, 'model.mjs');
    writeFileSync(file, await buildModel());
    return (await import(pathToFileURL(file).href)) as Model;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Shows the tape in a new session. @param isEnough returns true to stop, from the numbers of listed and replayed calls; called often */
async function load(isEnough: (listed: number, played: number) => boolean): Promise<Runner> {
  const { Session, longTape } = await builtModel();
  const bytes = longTape(CALLS);
  return {
    run: async () => {
      const start = performance.now();
      const session = new Session();
      await session.open([{ name: 'long.jsonl', bytes }]);
      session.select(0);
      let steps = 0;
      // The worker also interrupts its work now and then.
      const isOver = (): boolean => {
        if (++steps % OFTEN !== 0) return false;
        const { rows, played } = session.progress();
        return isEnough(rows, played);
      };
      session.work(isOver);
      const milliseconds = performance.now() - start;
      const { rows, different } = session.progress();
      if (rows !== CALLS || different > 0)
        throw new Error(`${rows} calls are listed, ${different} are different`);
      return { operations: CALLS, milliseconds };
    },
  };
}

function parsed(lines: readonly string[]): Runner {
  return {
    run: () => {
      const start = performance.now();
      let steps = 0;
      for (const line of lines) if (JSON.parse(line) !== null) steps++;
      const milliseconds = performance.now() - start;
      if (steps < CALLS) throw new Error(`${steps} lines`);
      return { operations: CALLS, milliseconds };
    },
  };
}

async function parse(): Promise<Runner> {
  const { longTape } = await builtModel();
  return parsed(new TextDecoder().decode(longTape(CALLS)).trimEnd().split('\n'));
}

const LISTED = 'until its calls are listed';
const PLAYED = 'until all are played';

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'K14',
  title: 'K14: a tape in the viewer',
  operation: 'call',
  unit: 'us',
  module: import.meta.url,
  goals: [
    { kind: 'rate', of: LISTED, atLeast: 20_000 },
    { kind: 'rate', of: PLAYED, atLeast: 10_000 },
  ],
  text: `A tape of 100,000 calls, which map and unmap pages, is opened in the model of \`iommufd view\`, in the form that the page's worker uses: until the
timeline has all its calls, and until the fake kernel has played them and what it held after each is kept. Beside it \`JSON.parse()\` of
the tape's lines, of which there are three for a call. The page is there from the start, and draws meanwhile.`,
  cases: [
    {
      name: LISTED,
      kind: 'ours',
      isLong: true,
      start: () => load((listed, played) => listed === CALLS && played > 0),
    },
    { name: PLAYED, kind: 'ours', isLong: true, start: () => load(() => false) },
    { name: 'JSON.parse() of its lines', kind: 'baseline', isLong: true, start: parse },
  ],
};
