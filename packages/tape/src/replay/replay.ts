import { type Difference, explain, type Finding, type Problem } from './difference.js';
import type { Boot, Machine, TapeProcess } from '../tapes/machine.js';
import type { Privileges } from '@iommufd/fakekernel';
import { type Action, type Answer, type Caller, mapInitial, prepare, type PreparedTape } from './prepare.js';
import type { UserRange } from './range.js';
import { DeviceSteps } from '../tapes/device-steps.js';
import { isSame } from '../tapes/memory.js';
import { pickPrivileges } from '../tapes/privileges.js';
import type { Tape } from '../tapes/tape.js';

/** The result of a replay. */
export interface Replay {
  readonly name: string;
  /** Number of steps of the tape. */
  readonly steps: number;
  /** Number of system calls that were made. */
  readonly calls: number;
  /** The first difference, if there is one. */
  readonly difference?: Difference;
}

/** The result of a replay, with the first difference as data. */
export interface Played {
  readonly calls: number;
  readonly finding?: Finding;
}

/** The result of a replay, with all differences as data. */
export interface AllPlayed {
  readonly calls: number;
  readonly findings: readonly Finding[];
}

/** Replays a tape on a new machine, up to the first difference. */
export function replay(tape: Tape, boot: Boot): Replay {
  const { calls, finding } = play(prepare(tape), boot);
  const result = { name: tape.name, steps: tape.steps.length, calls };
  return finding === undefined ? result : { ...result, difference: explain(tape, finding) };
}

/** Makes a system call of a tape. It may call `perform` more than once. */
export type Attempt = (perform: () => Answer, machine: Machine, step: number) => Answer;

/** Options of a replay. */
export interface PlayOptions {
  /** Makes each system call. Default: calls it once. */
  readonly attempt?: Attempt;
  /** Called before each action. Returns the machine to continue with: the same or another. */
  readonly replace?: (machine: Machine, action: number) => Machine;
}

/** Replays a decoded tape up to the first difference, and does not describe the difference. */
export function play(prepared: PreparedTape, boot: Boot, options?: PlayOptions): Played {
  const { calls, findings } = playAll(prepared, boot, 1, options);
  const [finding] = findings;
  return finding === undefined ? { calls } : { calls, finding };
}

/** Replays a decoded tape and returns its differences. Later ones may be consequences of the first. @param most stops after so many */
export function playAll(
  prepared: PreparedTape,
  boot: Boot,
  most = Infinity,
  { attempt, replace }: PlayOptions = {},
): AllPlayed {
  const player = new Player(prepared.tape, boot, attempt);
  const found: Finding[] = [];
  for (const finding of findings(prepared, player, replace)) {
    found.push(finding);
    if (found.length === most) break;
  }
  return { calls: player.calls, findings: found };
}

function* findings(
  { tape, actions, beyond }: PreparedTape,
  player: Player,
  replace: PlayOptions['replace'],
): Generator<Finding> {
  if (beyond !== undefined) {
    yield { step: beyond, problem: { kind: 'beyond' } };
    return;
  }
  for (let i = 0; i < actions.length; i++) {
    const action = actions[i];
    if (action === undefined) continue;
    if (replace !== undefined) player.replace((machine) => replace(machine, i));
    const problem = attempted(player, action);
    if (problem === undefined) continue;
    yield { step: action.at, problem, memory: player.memoryAfter(actions, i) };
  }
  const problem = attempted(player, undefined);
  if (problem !== undefined) yield { step: tape.steps.length, problem };
}

/**
 * Performs an action, or the end of the processes if it is undefined. System calls never throw because of a program's arguments: an
 * error is a bug of the kernel, and reported as a problem.
 */
function attempted(player: Player, action: Action | undefined): Problem | undefined {
  try {
    return action === undefined ? player.finish() : player.act(action);
  } catch (error) {
    return { kind: 'thrown', error };
  }
}

/**
 * A replay that stops between steps, so that the caller can inspect the machine. It reports all differences in results and memory.
 * Later ones may be consequences of the first.
 */
export class SteppedReplay {
  private readonly player: Player;
  /** Number of actions that were performed. */
  private done = 0;
  private isFinished = false;

  /** @throws RangeError if the machine or the version of Linux is unknown */
  constructor(
    private readonly prepared: PreparedTape,
    boot: Boot,
  ) {
    this.player = new Player(prepared.tape, boot, undefined);
  }

  /** The current state of the machine. */
  get machine(): Machine {
    return this.player.machine;
  }

  /** Returns a process by its number in the tape. */
  processOf(pid: number): TapeProcess {
    return this.player.processOf(pid);
  }

  /**
   * Continues the replay.
   * @param end index of the step to stop before. If it is larger than the number of steps, such as Infinity, the processes are ended too
   * @returns the differences
   */
  playTo(end: number): Finding[] {
    const { actions, tape, beyond } = this.prepared;
    if (beyond !== undefined) return [{ step: beyond, problem: { kind: 'beyond' } }];
    const found: Finding[] = [];
    for (let action = actions[this.done]; action !== undefined && action.at < end;) {
      const next = action;
      const problem = attempted(this.player, next);
      if (problem !== undefined)
        found.push({ step: next.at, problem, memory: this.player.memoryAfter(actions, this.done) });
      action = actions[++this.done];
    }
    if (end > tape.steps.length && !this.isFinished) {
      this.isFinished = true;
      const problem = attempted(this.player, undefined);
      if (problem !== undefined) found.push({ step: tape.steps.length, problem });
    }
    return found;
  }
}

class Player {
  calls = 0;
  /** The memory before the last call, of ranges that the call must not change. */
  private readonly before = new Map<UserRange, Uint8Array | undefined>();

  machine: Machine;
  private deviceSteps: DeviceSteps;
  /** By the number of the process. */
  private readonly callers = new Map<number, Caller>();
  /** Cache: the process of the last step, and its number. */
  private recent: Caller | undefined;
  private recentPid = 0;

  constructor(
    private readonly tape: Tape,
    boot: Boot,
    private readonly attempt: Attempt | undefined,
  ) {
    this.machine = boot(tape);
    this.deviceSteps = new DeviceSteps(this.machine);
  }

  /** Continues with another machine, which has the same processes. */
  replace(choose: (machine: Machine) => Machine): void {
    const machine = choose(this.machine);
    if (machine === this.machine) return;
    this.machine = machine;
    this.deviceSteps = new DeviceSteps(machine, this.deviceSteps);
    const pids = [...this.callers.keys()];
    this.callers.clear();
    const others = [...(machine.others ?? [])];
    for (const pid of pids) {
      const process = pid === 1 ? machine.process : others.shift();
      if (process !== undefined) this.callers.set(pid, this.makeCaller(process));
    }
    this.recent = undefined;
  }

  private caller(pid: number): Caller {
    if (this.recent === undefined || this.recentPid !== pid) {
      this.recent = this.findCaller(pid);
      this.recentPid = pid;
    }
    return this.recent;
  }

  private findCaller(pid: number): Caller {
    let caller = this.callers.get(pid);
    if (caller === undefined) {
      const { machine } = this;
      caller = this.makeCaller(pid === 1 ? machine.process : machine.spawn(this.privilegesOf(pid)));
      this.callers.set(pid, caller);
    }
    return caller;
  }

  private makeCaller(process: TapeProcess): Caller {
    const { machine, deviceSteps } = this;
    return {
      process,
      deviceSteps,
      ...(machine.files && { files: machine.files }),
      ...(machine.kernel && { kernel: machine.kernel }),
      pass: (milliseconds) => machine.pass(milliseconds),
      spawn: (privileges) => machine.spawn(privileges),
      finish: () => machine.finish(),
      processOf: (other) => this.caller(other).process,
    };
  }

  /** The privileges of a process other than the first. */
  private privilegesOf(pid: number): Partial<Privileges> {
    const step = this.tape.steps.find((each) => each.op === 'process' && each.pid === pid);
    return step?.op === 'process' ? pickPrivileges(step) : {};
  }

  processOf(pid: number): TapeProcess {
    return this.caller(pid).process;
  }

  act(action: Action): Problem | undefined {
    this.deviceSteps.settle();
    const caller = this.caller(action.pid);
    const { process } = caller;
    switch (action.kind) {
      case 'call': {
        if (this.before.size > 0) this.before.clear();
        for (const range of action.watched) this.before.set(range, range.read(process)?.slice());
        this.calls++;
        const { attempt } = this;
        const ours =
          attempt === undefined
            ? action.perform(caller)
            : attempt(() => action.perform(caller), caller, action.at);
        const { ret, revents, detail } = action.linux;
        const isSame = ours.ret === ret && ours.revents === revents && ours.detail === detail;
        return isSame ? undefined : { kind: 'answer', ours };
      }
      case 'poke':
        return action.range.write(process, action.bytes) ? undefined : { kind: 'no memory' };
      case 'peek':
        return compare(action.bytes, action.range.read(process));
      case 'same': {
        const ours = action.range.read(process);
        // Without a call before it there is nothing to compare with.
        return compare(this.before.get(action.range) ?? ours ?? new Uint8Array(action.range.length), ours);
      }
      case 'fault': {
        const ours = action.range.isVisible(process) ? action.range.read(process) : undefined;
        return ours && { kind: 'memory', linux: undefined, ours: ours.slice() };
      }
      case 'map':
        return mapInitial(process, action.range) ? undefined : { kind: 'no memory' };
      case 'occupy':
        for (let fd = action.fd; fd <= action.last; fd++) process.files.occupy(fd);
        return undefined;
      case 'settle':
        for (let left = action.milliseconds; left > 0;) left -= this.machine.pass(left);
        return undefined;
      case 'become':
        process.become(action.privileges);
        return undefined;
      case 'exit':
        process.exit();
        return undefined;
    }
  }

  finish(): Problem | undefined {
    const left = this.machine.finish();
    return left.length === 0 ? undefined : { kind: 'left over', names: left };
  }

  /** The current memory at the `peek` steps that belong to the same call as an action, by the index of the step. */
  memoryAfter(actions: readonly Action[], index: number): Map<number, Uint8Array> {
    const memory = new Map<number, Uint8Array>();
    const { process } = this.caller(actions[index]?.pid ?? 1);
    const look = ({ at, ...action }: Action): boolean => {
      if (action.kind !== 'peek' && action.kind !== 'same' && action.kind !== 'fault') return false;
      const ours = action.range.read(process);
      if (ours !== undefined) memory.set(at, ours.slice());
      return true;
    };
    for (let i = index; i >= 0; i--) {
      const action = actions[i];
      if (action === undefined || !look(action)) break;
    }
    for (let i = index + 1; i < actions.length; i++) {
      const action = actions[i];
      if (action === undefined || !look(action)) break;
    }
    return memory;
  }
}

function compare(linux: Uint8Array, ours: Uint8Array | undefined): Problem | undefined {
  if (ours !== undefined && isSame(linux, ours)) return undefined;
  return { kind: 'memory', linux, ours: ours?.slice() };
}
