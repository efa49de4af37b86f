/** `pnpm bench:smoke`: checks the ratios of held.ts in some seconds. A tenfold slowdown fails. */
import { implementations } from './implementations/index.js';
import { held, MOST } from './held.js';
import { ChildFailed } from './measure/child.js';
import { Measurement } from './measure/measure.js';
import { SMOKE_SETTINGS } from './measure/settings.js';
import { entriesOf } from './measure/subjects.js';
import { digits } from './report/format.js';
import { printTable } from './report/table.js';
import { workloads } from './workloads/index.js';

/** @returns the rows of a table, and `isFine` if no ratio exceeds its limit */
async function look(): Promise<{ readonly rows: string[][]; readonly isFine: boolean }> {
  const all = entriesOf(workloads, implementations);
  const measurement = new Measurement(all, SMOKE_SETTINGS, { step: () => undefined, line: () => undefined });
  const rows = [['workload', 'time of', 'where this is 1', 'found', 'at most', '']];
  let isFine = true;
  for (const { workload: name, of, to, most = MOST } of held) {
    const entry = all.find(({ workload }) => workload.name === name);
    if (entry === undefined) throw new TypeError(`there is no workload ${name}`);
    const subjects = [of, to].map((wanted) => {
      const subject = entry.subjects.find((one) => one.name === wanted);
      if (subject === undefined) throw new TypeError(`${name} has no ${wanted}`);
      return subject;
    });
    const { subjects: results } = await measurement.measure({ workload: entry.workload, subjects });
    const [own = NaN, other = NaN] = results.map(({ alone }) => alone?.median);
    const ratio = own / other;
    // NaN fails too.
    const isSmall = ratio <= most;
    isFine &&= isSmall;
    rows.push([name, of, to, digits(ratio), digits(most), isSmall ? 'fine' : 'TOO SLOW']);
  }
  return { rows, isFine };
}

try {
  const { rows, isFine } = await look();
  process.stdout.write(`${printTable({ rows, textColumns: 3 })}\n`);
  process.exitCode = isFine ? 0 : 1;
} catch (error) {
  if (!(error instanceof ChildFailed)) throw error;
  process.stderr.write(`bench:smoke: ${error.message}\n`);
  process.exitCode = 1;
}
