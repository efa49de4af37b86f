/** The table and the memory line of docs/performance.md: the goals by kind of work. */
import type { WorkloadResult } from '../measure/measure.js';
import { digits } from './format.js';
import { type GoalResult, goalResults } from './goals.js';
import type { Table } from './table.js';

interface Work {
  readonly name: string;
  readonly what: string;
  /** Workloads whose goals belong to this kind of work. */
  readonly workloads: readonly string[];
}

const WORKS: readonly Work[] = [
  { name: 'S1', what: 'events to objects, `veventCursor`', workloads: ['W1a'] },
  { name: 'S2', what: 'two fields of whole events, `decodeVevents`', workloads: ['S2'] },
  { name: 'S3', what: 'events in place, `veventCursor`', workloads: ['W1b'] },
  { name: 'S4', what: 'a struct: `encodeInto`, `encode`, `decode`', workloads: ['S4a', 'S4b', 'S4c'] },
  { name: 'S5', what: 'commands, `encodeArray`', workloads: ['W2'] },
  { name: 'S6', what: 'an event, from the device to `for await`', workloads: ['K3'] },
  { name: 'S7', what: 'a call of a tape, replayed', workloads: ['K4'] },
  { name: 'S8', what: 'a call of the SDK, against the kernel alone', workloads: ['S8'] },
  { name: 'S9', what: 'DMA through both stages, against a copy', workloads: ['S9'] },
  { name: 'S10', what: 'import of a package, against an empty module', workloads: ['S10'] },
  {
    name: 'S11',
    what: 'native programs, tracing them, a tape in the viewer',
    workloads: ['K6', 'K7', 'K8', 'K9', 'K13', 'K14'],
  },
];

/** A row for each kind of work that was measured. */
export function summaryTable(results: readonly WorkloadResult[]): Table {
  const goals = results.flatMap(goalResults);
  const rows = WORKS.flatMap(({ name, what, workloads }) => {
    const own = goals.filter(({ workload }) => workloads.includes(workload));
    if (own.length === 0) return [];
    const reached = own.filter(({ isReached }) => isReached);
    const missed = own.filter(({ isReached }) => !isReached);
    const isOne = workloads.length === 1;
    const say = (result: GoalResult): string => `${isOne ? '' : `${result.workload}: `}${shortly(result)}`;
    return [[name, what, reached.map(say).join('; '), missed.map(say).join('; ')]];
  });
  return { rows: [['', 'work', 'reached', 'missed'], ...rows], textColumns: 4 };
}

/** `1.20 of code by hand (0.80)`: the result, its baseline, and the goal in brackets. */
function shortly(result: GoalResult): string {
  const { goal, found, foundAfter = found, wanted } = result;
  // The slower of the two speeds. Other goals are not measured after other workloads.
  const value = Number.parseFloat(foundAfter) < Number.parseFloat(found) ? foundAfter : found;
  const limit = wanted.replace(/^at least |^at most |^below /, '');
  switch (goal.kind) {
    case 'speed':
      return `${value} of ${plainly(goal.to)} (${limit})`;
    case 'libraries':
      return `${value} of the fastest library (${limit})`;
    case 'growth':
      return `${goal.of}, ${value} times (${limit})`;
    case 'rate':
      return `${value} a second, ${goal.of} (${limit})`;
    case 'bytes':
      return `${value} bytes, ${goal.of} (${limit})`;
  }
}

/** The baseline's name without its form. */
function plainly(name: string): string {
  if (!name.startsWith('DataView')) return name;
  return name.includes('same checks') ? 'code by hand with the same checks' : 'code by hand';
}

/** From this number of objects on, the line has their total too. */
const MILLION = 1_000_000;

/** Bytes of memory for each kind of object, in one line. */
export function memoryLine(results: readonly WorkloadResult[]): string {
  const subjects = results.find(({ workload }) => workload.name === 'M1')?.subjects ?? [];
  const parts = subjects.flatMap(({ name, bytes, size = 0 }) => {
    if (bytes === undefined) return [];
    const total = size < MILLION ? '' : `, in all ${digits((bytes * size) / 1e6)} MB`;
    return [`${name}: ${digits(bytes)}${total}`];
  });
  return parts.join('; ');
}
