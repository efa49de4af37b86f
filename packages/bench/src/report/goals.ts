import type { SubjectResult, WorkloadResult } from '../measure/measure.js';
import type { Figures } from '../measure/statistics.js';
import type { Goal, Workload } from '../workload.js';
import { digits, per, plural } from './format.js';

/** The result of a goal. */
export interface GoalResult {
  readonly workload: string;
  readonly goal: Goal;
  /** The goal in words. */
  readonly text: string;
  /** What it wants: `at least 0.80`. */
  readonly wanted: string;
  readonly found: string;
  /** The same after all other workloads; undefined if that was not measured. */
  readonly foundAfter?: string;
  /** Reached alone and, if measured, after all other workloads. */
  readonly isReached: boolean;
}

/** The measured value of a goal. */
interface Found {
  readonly value: number;
  readonly isReached: boolean;
}

type Kind = 'alone' | 'after';

/** The results of a workload's goals; goals with unmeasured values are omitted. */
export function goalResults({ workload, subjects }: WorkloadResult): GoalResult[] {
  return workload.goals.flatMap((goal): GoalResult[] => {
    const alone = evaluate(goal, subjects, 'alone');
    if (alone === undefined) return [];
    const after = evaluate(goal, subjects, 'after');
    const show = ({ value }: Found): string => shown(goal, value);
    return [
      {
        workload: workload.name,
        goal,
        text: textOf(goal, workload, subjects),
        wanted: wantedOf(goal, subjects),
        found: show(alone),
        ...(after !== undefined && { foundAfter: show(after) }),
        isReached: alone.isReached && after?.isReached !== false,
      },
    ];
  });
}

const named = (subjects: readonly SubjectResult[], name: string): SubjectResult | undefined =>
  subjects.find((subject) => subject.name === name);

const medianOf = (subject: SubjectResult | undefined, kind: Kind): number | undefined =>
  subject?.[kind]?.median;

/** The fastest library. */
function fastestLibrary(subjects: readonly SubjectResult[], kind: Kind): SubjectResult | undefined {
  const speed = (subject: SubjectResult): number => medianOf(subject, kind) ?? Infinity;
  const libraries = subjects.filter((subject) => subject.kind === 'library' && subject[kind] !== undefined);
  return libraries.sort((a, b) => speed(a) - speed(b))[0];
}

function evaluate(goal: Goal, subjects: readonly SubjectResult[], kind: Kind): Found | undefined {
  const of = named(subjects, goal.of);
  const own = medianOf(of, kind);
  if (own === undefined) return undefined;
  switch (goal.kind) {
    case 'speed':
    case 'libraries': {
      const to = goal.kind === 'speed' ? named(subjects, goal.to) : fastestLibrary(subjects, kind);
      const other = medianOf(to, kind);
      if (other === undefined) return undefined;
      return { value: other / own, isReached: other / own >= goal.atLeast };
    }
    case 'growth': {
      const from = medianOf(named(subjects, goal.from), kind);
      if (from === undefined) return undefined;
      return { value: own / from, isReached: own / from < goal.below };
    }
    case 'rate':
      return { value: 1e9 / own, isReached: 1e9 / own >= goal.atLeast };
    case 'bytes': {
      if ('atMost' in goal)
        return of?.bytes === undefined ? undefined : { value: of.bytes, isReached: of.bytes <= goal.atMost };
      const without = named(subjects, goal.without)?.bytes;
      const most = named(subjects, goal.most)?.bytes;
      if (of?.bytes === undefined || without === undefined || most === undefined) return undefined;
      const value = of.bytes - without;
      return { value, isReached: value <= most };
    }
  }
}

function textOf(goal: Goal, { operation }: Workload, subjects: readonly SubjectResult[]): string {
  switch (goal.kind) {
    case 'speed':
      return `speed of ${goal.of} relative to ${goal.to}`;
    case 'libraries': {
      const fastest = fastestLibrary(subjects, 'alone')?.name ?? 'none';
      return `speed of ${goal.of} relative to the fastest library (${fastest})`;
    }
    case 'growth':
      return `time of ${goal.of} relative to ${goal.from}`;
    case 'rate':
      return `${plural(operation)} per second, ${goal.of}`;
    case 'bytes':
      return `bytes ${per(operation)}, ${goal.of}${'without' in goal ? `, less those of ${goal.without}` : ''}`;
  }
}

function wantedOf(goal: Goal, subjects: readonly SubjectResult[]): string {
  switch (goal.kind) {
    case 'speed':
    case 'libraries':
    case 'rate':
      return `at least ${shown(goal, goal.atLeast)}`;
    case 'growth':
      return `below ${digits(goal.below)}`;
    case 'bytes':
      return `at most ${digits('atMost' in goal ? goal.atMost : (named(subjects, goal.most)?.bytes ?? 0))}`;
  }
}

const shown = (goal: Goal, value: number): string =>
  goal.kind === 'rate' ? Math.round(value).toLocaleString('en-US') : digits(value);

/** The speed of one relative to the other. */
export function speed(own: Figures | undefined, other: Figures | undefined): string {
  return own === undefined || other === undefined ? '' : digits(other.median / own.median);
}
