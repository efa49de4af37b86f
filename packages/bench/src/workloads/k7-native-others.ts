import type { Case, CaseWorkload } from '../workload.js';
import { ofUser, plain } from './native.js';

const CALLS = 50_000;
const calls = ['read', 'poll', 'mmap'] as const;
const under = (call: string): string => `${call}, under the filter`;

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'K7',
  title: 'K7: other calls of a native program',
  operation: 'call',
  unit: 'ns',
  module: import.meta.url,
  goals: calls.map((call) => ({ kind: 'growth', of: under(call), from: call, below: 1.2 })),
  text: `Calls that do not concern the fake kernel, made by a program that has used it before: \`read()\` and \`poll()\` of \`/dev/zero\`, and an anonymous
\`mmap()\`. The baselines are the same calls in a program without the fake kernel.`,
  cases: calls.flatMap((call): Case[] => [
    { name: under(call), kind: 'ours', start: ofUser(call, CALLS) },
    { name: call, kind: 'baseline', start: plain(call, CALLS) },
  ]),
};
