/**
 * A tape, played on the fake kernel call by call: the history of what the kernel held, where its answers are others than those of the
 * tape, and which line of the kernel made a call fail.
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

/** Calls that change nothing that is shown. */
const CHANGES_NOTHING = new Set(['poll', 'pread', 'lseek', 'cat', 'readlink', 'ls', 'stat', 'load']);

/** What is known of calls that a fake kernel has answered. */
export interface Played {
  readonly history: History;
  /** Why there is nothing to know. */
  readonly refusal: string | undefined;
  /** Rows at which an answer differs. */
  readonly different: readonly number[];
  /** Both answers, where they differ. */
  differenceAt(index: number): Difference | undefined;
  /** The number of the line that made a call fail: see `rules.ts`. */
  ruleAt(index: number): number | undefined;
  /** The context that a call is about, by its number; 0 for none. */
  contextAt(index: number): number;
}

/** A replay that goes on while it is asked about. */
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
      // A machine, or a version of Linux, that there is not; a number or bytes of a step that are invalid.
      if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
      this.refusal = error.message;
    }
  }

  /** Plays the next call. */
  play(row: Row): void {
    const { replay, inspector, history } = this;
    if (replay === undefined || inspector === undefined) return;
    forgetRules();
    this.contexts.push(this.contextOf(row, replay, inspector));
    let { result } = row;
    for (const finding of replay.playTo(row.step + 1)) {
      if (this.findings.has(row.index)) continue;
      this.findings.set(row.index, finding);
      // Where the answers differ, the rule is of the fake kernel's.
      if (finding.problem.kind === 'answer') result = resultText(finding.problem.ours.ret);
    }
    const rule = takeRule(result);
    if (rule !== undefined) this.rules.set(row.index, rule);
    if (CHANGES_NOTHING.has(row.name) || row.kind !== 'call') history.addSame();
    else history.add(inspector.look());
  }

  /** The context whose file a call is about, as it is before the call. */
  private contextOf({ pid, fd }: Row, replay: SteppedReplay, inspector: KernelInspector): number {
    try {
      return fd === undefined ? 0 : (inspector.contextOf(replay.processOf(pid).files.get(fd)) ?? 0);
    } catch (error) {
      // EBADF: it is not open.
      if (error instanceof Errno) return 0;
      throw error;
    }
  }

  contextAt(index: number): number {
    return this.contexts[index] ?? 0;
  }

  /** Ends the processes of the tape. */
  finish(last: Row): void {
    // Memory that is looked at after the last call, and then what is left over.
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
