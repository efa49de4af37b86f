import { publishedCommand } from '../native/published-command.js';
import type { CaseWorkload } from '../workload.js';
import { under } from './native.js';

/** A program under the published command. */
const published =
  (...args: readonly string[]): ReturnType<typeof under> =>
  () =>
    under([process.execPath, publishedCommand(), ...args, '-o', '/dev/null', '--'])();

const STRACE = 'strace -e raw=all';
const TRACE = 'iommufd trace';
const RECORD = 'iommufd record';

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'K13',
  title: 'K13: tracing and recording a native program',
  operation: 'ioctl',
  unit: 'us',
  module: import.meta.url,
  goals: [
    { kind: 'growth', of: TRACE, from: STRACE, below: 1.3 },
    { kind: 'growth', of: RECORD, from: STRACE, below: 2 },
  ],
  text: `IOMMU_OPTION on \`/dev/null\`, which does not know it, in a loop through koffi: the call itself takes less than a microsecond. It is
traced by \`iommufd trace\`, which prints its fields, recorded by \`iommufd record\`, and traced by strace, which prints numbers. All write
to \`/dev/null\`. On an idle machine most of the time is spent on wake-ups; on a busy machine
computation has a larger share.`,
  cases: [
    { name: TRACE, kind: 'ours', start: published('trace') },
    { name: RECORD, kind: 'ours', start: published('record') },
    {
      name: STRACE,
      kind: 'baseline',
      start: under(['strace', '-f', '-e', 'raw=all', '-o', '/dev/null'], 'strace'),
    },
  ],
};
