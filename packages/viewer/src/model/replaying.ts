/**
 * Replays a tape on the fake kernel, call by call. It records the history of the kernel's entities, the calls whose
 * results differ from the tape, and the line of the kernel that failed a call.
 */
import { Errno } from '@iommufd/fakekernel/task';
import { KernelInspector } from '@iommufd/fakekernel/inspect';
import {
  boot,
  explain,
  type Difference,
  type Finding,
  prepare,
  resultText,
  SteppedReplay,
  type Tape,
} from '@iommufd/tape/browser';
import { History } from './history.js';
import { forgetRules, takeRule } from './rules.js';
import type { Row } from './timeline.js';

/** Calls that do not change the shown state. */
const CHANGES_NOTHING = new Set(['poll', 'pread', 'lseek', 'cat', 'readlink', 'ls', 'stat', 'load']);

/** The results of calls that were made on a fake kernel. */
export interface Played {
  readonly history: History;
  /** Why the tape cannot be replayed; undefined if it can. */
  readonly refusal: string | undefined;
  /** Indexes of the rows whose result differs. */
  readonly different: readonly number[];
  /** Both results, if they differ. */
  differenceAt(index: number): Difference | undefined;
  /** The number of the line that failed a call: see `rules.ts`. */
  ruleAt(index: number): number | undefined;
  /** The number of the context of a call; 0 for none. */
  contextAt(index: number): number;
}

/** A replay in progress, which can be queried. */
export class Replaying implements Played {
  readonly history = new History();
  private readonly findings = new Map<number, Finding>();
  private readonly contexts: number[] = [];
  private readonly rules = new Map<number, number>();
  readonly refusal: string | undefined;
  private readonly replay: SteppedReplay | undefined;
  private readonly inspector: KernelInspector | undefined;

  constructor(private readonly tape: Tape) {
    try {
      const replay = new SteppedReplay(prepare(tape), boot);
      this.replay = replay;
      const { kernel } = replay.machine;
      if (kernel !== undefined) this.inspector = new KernelInspector(kernel);
    } catch (error) {
      // An unknown machine or version of Linux, or an invalid number or bytes in a step.
      if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
      this.refusal = error.message;
    }
  }

  /** Replays the next call. */
  play(row: Row): void {
    const { replay, inspector, history } = this;
    if (replay === undefined || inspector === undefined) return;
    forgetRules();
    this.contexts.push(this.contextOf(row, replay, inspector));
    let { result } = row;
    for (const finding of replay.playTo(row.step + 1)) {
      if (this.findings.has(row.index)) continue;
      this.findings.set(row.index, finding);
      // If the results differ, the rule is that of the fake kernel's result.
      if (finding.problem.kind === 'answer') result = resultText(finding.problem.ours.ret);
    }
    const rule = takeRule(result);
    if (rule !== undefined) this.rules.set(row.index, rule);
    if (CHANGES_NOTHING.has(row.name) || row.kind !== 'call') history.addSame();
    else history.add(inspector.look());
  }

  /** The context of a call's file, before the call. */
  private contextOf({ pid, fd }: Row, replay: SteppedReplay, inspector: KernelInspector): number {
    try {
      return fd === undefined ? 0 : (inspector.contextOf(replay.processOf(pid).files.get(fd)) ?? 0);
    } catch (error) {
      // EBADF: the descriptor is not open.
      if (error instanceof Errno) return 0;
      throw error;
    }
  }

  contextAt(index: number): number {
    return this.contexts[index] ?? 0;
  }

  /** Ends the processes of the tape. */
  finish(last: Row): void {
    // The remaining steps: checks of memory after the last call, then of remaining objects.
    for (const finding of this.replay?.playTo(Infinity) ?? [])
      if (!this.findings.has(last.index)) this.findings.set(last.index, finding);
  }

  get different(): number[] {
    return [...this.findings.keys()];
  }

  differenceAt(index: number): Difference | undefined {
    const finding = this.findings.get(index);
    return finding && explain(this.tape, finding);
  }

  ruleAt(index: number): number | undefined {
    return this.rules.get(index);
  }
}
