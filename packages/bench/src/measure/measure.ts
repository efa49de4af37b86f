import type { Input, Workload } from '../workload.js';
import { COUNTING_ARGV } from './allocated.js';
import { Child } from './child.js';
import type { Task } from './protocol.js';
import type { Settings } from './settings.js';
import { type Figures, figuresOf } from './statistics.js';
import type { Entry, Subject } from './subjects.js';

/** The results of one subject in a workload. All times are nanoseconds per operation. */
export interface SubjectResult extends Pick<Subject, 'name' | 'version' | 'kind' | 'note' | 'size'> {
  /** Why it did not take part. */
  readonly cannot?: string | undefined;
  /** In a process that runs nothing else. */
  readonly alone?: Figures;
  /** In a process that has first run all other workloads of the same implementation. */
  readonly after?: Figures;
  /** Bytes of the heap that an operation takes. */
  readonly bytes?: number;
}

/** The results of a workload. */
export interface WorkloadResult {
  readonly workload: Workload;
  readonly subjects: readonly SubjectResult[];
}

/** Receives progress messages. */
export interface Progress {
  /** A short-lived state, which the next message replaces. */
  step(text: string): void;
  /** A message that stays. */
  line(text: string): void;
}

/** A subject as it runs in one kind of process. */
interface Runs {
  readonly subject: Subject;
  readonly isAfter: boolean;
  /** The samples of each process. */
  readonly samples: number[][];
  cannot?: string;
}

/** A process of this round of processes. */
interface Running {
  readonly runs: Runs;
  readonly child: Child;
  readonly samples: number[];
  milliseconds: number;
}

/**
 * Node's options for implementations. They collect garbage between passes. The young generation has its final size from the start,
 * because it would grow sooner in one process than in another.
 */
const COMPARISON_ARGV = ['--expose-gc', '--min-semi-space-size=16'];

/** Minimum number of samples of each process. */
const FEWEST = 3;

/**
 * Measures workloads, one after the other.
 * @param all all entries: implementations run the others before they are measured again
 * @param settings numbers of processes and samples, and times
 * @param progress receives progress messages
 * @throws ChildFailed if a process fails or a result is wrong
 */
export class Measurement {
  /** Input data by workload, cached because it is slow to make. */
  private readonly inputs = new Map<string, Input>();

  constructor(
    private readonly all: readonly Entry[],
    private readonly settings: Settings,
    private readonly progress: Progress,
  ) {}

  /** Measures a workload: in each round of processes, all take turns, a sample at a time. */
  async measure({ workload, subjects }: Entry): Promise<WorkloadResult> {
    const able = subjects.filter(({ cannot }) => cannot === undefined);
    const allRuns = able.flatMap((subject): Runs[] => {
      const alone = { subject, isAfter: false, samples: [] };
      // A case has no other workloads.
      const isAfter = this.settings.isAfter && workload.kind === 'comparison';
      return isAfter ? [alone, { subject, isAfter, samples: [] }] : [alone];
    });
    for (let round = 0; round < this.settings.children; round++) {
      const runs = allRuns.filter(
        ({ subject, cannot }) => cannot === undefined && !(subject.isLong && round > 0),
      );
      if (runs.length === 0) break;
      this.progress.line(
        `${workload.title}: ${runs.length} processes, ${round + 1} of ${this.settings.children}`,
      );
      await this.round(workload, runs);
    }
    const results: SubjectResult[] = [];
    for (const subject of subjects) {
      const [alone, after] = allRuns.filter((runs) => runs.subject === subject);
      const { name, version, kind, note, size } = subject;
      const cannot = subject.cannot ?? alone?.cannot;
      results.push({
        name,
        version,
        kind,
        note,
        size,
        cannot,
        ...(alone !== undefined && alone.samples.length > 0 && { alone: figuresOf(alone.samples) }),
        ...(after !== undefined && after.samples.length > 0 && { after: figuresOf(after.samples) }),
        ...(cannot === undefined && subject.countsBytes && { bytes: await this.count(workload, subject) }),
      });
    }
    return { workload, subjects: results };
  }

  private async round(workload: Workload, allRuns: readonly Runs[]): Promise<void> {
    const running: Running[] = [];
    try {
      for (const [i, runs] of allRuns.entries()) {
        const { subject, isAfter } = runs;
        this.progress.step(`${workload.name}: ${subject.name} warms up (${i + 1} of ${allRuns.length})`);
        const child = new Child(
          `${workload.name}: ${subject.name}`,
          workload.kind === 'comparison' ? COMPARISON_ARGV : [],
        );
        const one = { runs, child, samples: [], milliseconds: 0 };
        running.push(one);
        const task = this.taskOf(workload, subject);
        const others = isAfter ? this.othersOf(workload, subject) : [];
        const answer = await child.ask({ kind: 'start', task, others, settings: this.settings });
        if (answer.kind !== 'cannot') continue;
        runs.cannot = answer.reason;
        running.pop();
        await child.end();
      }
      await this.sample(workload, running);
    } finally {
      await Promise.all(running.map(({ child }) => child.end()));
    }
    for (const { runs, samples } of running) runs.samples.push(samples);
  }

  private async sample({ name }: Workload, running: readonly Running[]): Promise<void> {
    const { samples: wanted, mostTime } = this.settings;
    for (let turn = 0; turn < wanted; turn++) {
      this.progress.step(`${name}: sample ${turn + 1} of ${wanted}`);
      for (let i = 0; i < running.length; i++) {
        // Each turn starts with another process.
        const one = running[(i + turn) % running.length];
        if (one === undefined || (one.milliseconds > mostTime && one.samples.length >= FEWEST)) continue;
        const answer = await one.child.ask({ kind: 'sample' });
        if (answer.kind !== 'sample') throw new TypeError(`a sample was asked for, not ${answer.kind}`);
        one.samples.push(answer.nanoseconds);
        one.milliseconds += answer.milliseconds;
      }
    }
  }

  /** Counts bytes in a process of its own. */
  private async count(workload: Workload, subject: Subject): Promise<number> {
    this.progress.step(`${workload.name}: ${subject.name}, bytes`);
    const child = new Child(`${workload.name}: ${subject.name}`, COUNTING_ARGV);
    try {
      await child.ask({
        kind: 'start',
        task: this.taskOf(workload, subject),
        others: [],
        settings: this.settings,
      });
      const answer = await child.ask({ kind: 'bytes' });
      if (answer.kind !== 'bytes') throw new TypeError(`bytes were asked for, not ${answer.kind}`);
      return answer.bytes;
    } finally {
      await child.end();
    }
  }

  private taskOf(workload: Workload, { name, implementationModule }: Subject): Task {
    return { workloadModule: workload.module, implementationModule, name, input: this.inputOf(workload) };
  }

  private inputOf(workload: Workload): Input {
    if (workload.kind !== 'comparison') return undefined;
    if (!this.inputs.has(workload.name)) this.inputs.set(workload.name, workload.input());
    return this.inputs.get(workload.name);
  }

  /** All other workloads of the implementation, and its other forms. */
  private othersOf(workload: Workload, subject: Subject): Task[] {
    return this.all.flatMap(({ workload: other, subjects }) =>
      subjects
        .filter(({ implementationModule }) => implementationModule === subject.implementationModule)
        .filter(({ name, cannot }) => cannot === undefined && !(other === workload && name === subject.name))
        .map((one) => this.taskOf(other, one)),
    );
  }
}
