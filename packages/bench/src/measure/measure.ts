import type { Input, Work } from '../work.js';
import { COUNTING_ARGV } from './allocated.js';
import { Child } from './child.js';
import type { Task } from './protocol.js';
import type { Settings } from './settings.js';
import { type Figures, figuresOf } from './statistics.js';
import type { Entry, Subject } from './subjects.js';

/** What was measured of one in a work. All times are nanoseconds for an operation. */
export interface SubjectResult extends Pick<Subject, 'name' | 'version' | 'kind' | 'note' | 'size'> {
  /** Why it did not take part. */
  readonly cannot?: string | undefined;
  /** In a process that does nothing else. */
  readonly alone?: Figures;
  /** In a process that has done all other works of the same contestant before. */
  readonly after?: Figures;
  /** Bytes of the heap that an operation takes. */
  readonly bytes?: number;
}

/** What was measured in a work. */
export interface WorkResult {
  readonly work: Work;
  readonly subjects: readonly SubjectResult[];
}

/** Told how far it is. */
export interface Progress {
  /** Something that is soon over: for those who watch. */
  step(text: string): void;
  /** Something that is worth a line. */
  line(text: string): void;
}

/** A subject as it runs in one kind of process. */
interface Runs {
  readonly subject: Subject;
  readonly isAfter: boolean;
  /** Of each process. */
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
 * How Node is started for contestants: they collect garbage between passes, and the young generation has from the start the
 * size that it would grow to sooner in one than in another.
 */
const CONTEST_ARGV = ['--expose-gc', '--min-semi-space-size=16'];

/** Samples that even the slowest gives. */
const FEWEST = 3;

/**
 * Measures works, one after the other.
 * @param entries what is wanted
 * @param all everything that there is: what contestants do before they are measured once more
 * @param settings how thoroughly
 * @param progress told how far it is
 * @throws ChildFailed if a process fails, or something came to a wrong result
 */
export class Measurement {
  /** What processes are given, by the work: it takes a while to make. */
  private readonly inputs = new Map<string, Input>();

  constructor(
    private readonly all: readonly Entry[],
    private readonly settings: Settings,
    private readonly progress: Progress,
  ) {}

  /** Measures a work: in each round of processes, all take turns, a sample at a time. */
  async measure({ work, subjects }: Entry): Promise<WorkResult> {
    const able = subjects.filter(({ cannot }) => cannot === undefined);
    const allRuns = able.flatMap((subject): Runs[] => {
      const alone = { subject, isAfter: false, samples: [] };
      // Cases have nothing else to do.
      const isAfter = this.settings.isAfter && work.kind === 'contest';
      return isAfter ? [alone, { subject, isAfter, samples: [] }] : [alone];
    });
    for (let round = 0; round < this.settings.children; round++) {
      const runs = allRuns.filter(
        ({ subject, cannot }) => cannot === undefined && !(subject.isLong && round > 0),
      );
      if (runs.length === 0) break;
      this.progress.line(
        `${work.title}: ${runs.length} processes, ${round + 1} of ${this.settings.children}`,
      );
      await this.round(work, runs);
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
        ...(cannot === undefined && subject.countsBytes && { bytes: await this.count(work, subject) }),
      });
    }
    return { work, subjects: results };
  }

  private async round(work: Work, allRuns: readonly Runs[]): Promise<void> {
    const running: Running[] = [];
    try {
      for (const [i, runs] of allRuns.entries()) {
        const { subject, isAfter } = runs;
        this.progress.step(`${work.name}: ${subject.name} warms up (${i + 1} of ${allRuns.length})`);
        const child = new Child(`${work.name}: ${subject.name}`, work.kind === 'contest' ? CONTEST_ARGV : []);
        const one = { runs, child, samples: [], milliseconds: 0 };
        running.push(one);
        const task = this.taskOf(work, subject);
        const others = isAfter ? this.othersOf(work, subject) : [];
        const answer = await child.ask({ kind: 'start', task, others, settings: this.settings });
        if (answer.kind !== 'cannot') continue;
        runs.cannot = answer.reason;
        running.pop();
        await child.end();
      }
      await this.sample(work, running);
    } finally {
      await Promise.all(running.map(({ child }) => child.end()));
    }
    for (const { runs, samples } of running) runs.samples.push(samples);
  }

  private async sample({ name }: Work, running: readonly Running[]): Promise<void> {
    const { samples: wanted, mostTime } = this.settings;
    for (let turn = 0; turn < wanted; turn++) {
      this.progress.step(`${name}: sample ${turn + 1} of ${wanted}`);
      for (let i = 0; i < running.length; i++) {
        // Another one is first each time.
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
  private async count(work: Work, subject: Subject): Promise<number> {
    this.progress.step(`${work.name}: ${subject.name}, bytes`);
    const child = new Child(`${work.name}: ${subject.name}`, COUNTING_ARGV);
    try {
      await child.ask({
        kind: 'start',
        task: this.taskOf(work, subject),
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

  private taskOf(work: Work, { name, contestantModule }: Subject): Task {
    return { workModule: work.module, contestantModule, name, input: this.inputOf(work) };
  }

  private inputOf(work: Work): Input {
    if (work.kind !== 'contest') return undefined;
    if (!this.inputs.has(work.name)) this.inputs.set(work.name, work.input());
    return this.inputs.get(work.name);
  }

  /** All other works of the contestant, and its other forms. */
  private othersOf(work: Work, subject: Subject): Task[] {
    return this.all.flatMap(({ work: other, subjects }) =>
      subjects
        .filter(({ contestantModule }) => contestantModule === subject.contestantModule)
        .filter(({ name, cannot }) => cannot === undefined && !(other === work && name === subject.name))
        .map((one) => this.taskOf(other, one)),
    );
  }
}
