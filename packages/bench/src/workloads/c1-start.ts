import { node, publishedCommand } from '../native/published-command.js';
import { type Case, type CaseWorkload, type Runner, timed } from '../workload.js';

/** An event record of an SMMUv3. */
const EVENT = '1000000023010000000000000802000000200010000000000000000000000000';
/** The same record as the driver prints it. */
const LOG = `arm-smmu-v3 arm-smmu-v3.0.auto: event 0x10 received:
0x0000012300000010 0x0000020800000000 0x0000000010002000 0x0000000000000000
`;

const timedNode = (args: readonly string[], input?: string): Runner => ({
  run: () => timed(1, () => node(args, input)),
});

const command = (name: string, args: readonly string[], input?: string): Case => ({
  name,
  kind: 'ours',
  start: () => timedNode([publishedCommand(), ...args], input),
});

const NOTHING: Case = { name: 'node -e 0', kind: 'baseline', start: () => timedNode(['-e', '0']) };

const cases = [
  command('iommufd --version', ['--version']),
  command('iommufd decode --struct', ['decode', '--struct', 'smmuv3_event', EVENT]),
  command('iommufd decode --log', ['decode', '--log'], LOG),
  command('iommufd explain', ['explain', 'ENOENT']),
];

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'C1',
  title: 'C1: start of the command',
  operation: 'start',
  unit: 'ms',
  module: import.meta.url,
  goals: cases.map(({ name }) => ({ kind: 'growth', of: name, from: NOTHING.name, below: 1.6 })),
  text: `The command \`iommufd\` as it is published, in a new process each time, compared with a Node process that does nothing. A command
loads only what it needs: \`--version\` needs no declarations, \`decode --log\` those of hardware, \`explain\` all.`,
  cases: [NOTHING, ...cases],
};
