import { fileURLToPath } from 'node:url';
import { TAPES } from '@iommufd/conformance';
import { runFiles } from '@iommufd/tape';
import type { CaseWorkload, Runner } from '../workload.js';

const ALL = 'all tapes';

function replay(): Runner {
  const files = Object.values(TAPES).map((url) => fileURLToPath(url));
  return {
    run: () => {
      const { files: reports, calls, milliseconds } = runFiles(files);
      const different = reports.reduce((sum, report) => sum + report.different, 0);
      if (different > 0) throw new Error(`${different} tapes do not replay as they were recorded`);
      return { operations: calls, milliseconds };
    },
  };
}

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'K4',
  title: 'K4: replay all tapes',
  operation: 'call',
  unit: 'us',
  module: import.meta.url,
  goals: [{ kind: 'rate', of: ALL, atLeast: 250_000 }],
  text: `All recordings of a real kernel that are checked in are replayed on the fake one, each on a machine of its own, and every
answer is compared. The time includes creating and ending the machines, but not reading the files.`,
  cases: [{ name: ALL, kind: 'ours', isLong: true, start: replay }],
};
