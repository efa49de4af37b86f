import type { CaseWorkload } from '../workload.js';
import { intercepted, notified, plain, traced } from './native.js';

const OPTION = 'IOMMU_OPTION get, answered by the fake kernel';
const BARE = 'a notification that is answered at once';
const STRACE = 'an ioctl under strace';

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'K6',
  title: 'K6: one ioctl of a native program',
  operation: 'ioctl',
  unit: 'us',
  module: import.meta.url,
  goals: [
    { kind: 'growth', of: OPTION, from: BARE, below: 2.5 },
    { kind: 'growth', of: OPTION, from: STRACE, below: 1 },
  ],
  text: `IOMMU_OPTION of a program that runs on the fake kernel (\`runProgram\`), in a loop through koffi. The baseline is an ioctl that is notified
to another process and answered there at once, in a loop that does nothing else: the cost of a notification. Also TCGETS on \`/dev/null\`, on its
own and under strace.`,
  cases: [
    { name: OPTION, kind: 'ours', start: intercepted('option') },
    { name: BARE, kind: 'baseline', start: notified },
    { name: STRACE, kind: 'baseline', note: 'strace -f -e trace=ioctl', start: traced },
    { name: 'an ioctl', kind: 'baseline', note: 'TCGETS on /dev/null', start: plain('ioctl') },
  ],
};
