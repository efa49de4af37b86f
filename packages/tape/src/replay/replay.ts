import { type Difference, explain, type Finding, type Problem } from './difference.js';
import type { Boot, Machine, TapeProcess } from '../tapes/machine.js';
import type { Privileges } from '@iommufd/fakekernel';
import { type Action, type Answer, mapGround, type Place, prepare, type PreparedTape } from './prepare.js';
import type { UserRange } from './range.js';
import { DeviceSteps } from '../tapes/device-steps.js';
import { isSame } from '../tapes/memory.js';
import type { Tape } from '../tapes/tape.js';

/** How a tape went. */
export interface Replay {
  readonly name: string;
  /** Steps of the tape. */
  readonly steps: number;
  /** Syscalls that were made. */
  readonly calls: number;
  /** The first thing that was not as on Linux. */
  readonly difference?: Difference;
}

/** How a tape went, before any words are found for it. */
export interface Played {
  readonly calls: number;
  readonly finding?: Finding;
}

/** How a tape went, with all that was not as on Linux. */
export interface AllPlayed {
  readonly calls: number;
  readonly findings: readonly Finding[];
}

/** Replays a tape on a machine of its own, up to the first difference. */
export function replay(tape: Tape, boot: Boot): Replay {
  const { calls, finding } = play(prepare(tape), boot);
  const result = { name: tape.name, steps: tape.steps.length, calls };
  return finding === undefined ? result : { ...result, difference: explain(tape, finding) };
}

/** Makes a system call of a tape, and may do so more than once. */
export type Attempt = (perform: () => Answer, machine: Machine, step: number) => Answer;

/** What a replay can be asked for besides. */
export interface PlayOptions {
  /** Makes its system calls. */
  readonly attempt?: Attempt;
  /** Before each action: the machine to go on with, if it is to be another one. */
  readonly replace?: (machine: Machine, action: number) => Machine;
}

/** The part of a replay that takes the machine's time and no other. */
export function play(prepared: PreparedTape, boot: Boot, options?: PlayOptions): Played {
  const { calls, findings } = playAll(prepared, boot, 1, options);
  const [finding] = findings;
  return finding === undefined ? { calls } : { calls, finding };
}

/** The same for all that is not as on Linux: after the first difference the rest may follow from it. @param most of them */
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
 * Does an action, or what comes after the last. A syscall never throws for what a program does: what is thrown is a bug of
 * the kernel, and a finding.
 */
function attempted(player: Player, action: Action | undefined): Problem | undefined {
  try {
    return action === undefined ? player.finish() : player.act(action);
  } catch (error) {
    return { kind: 'thrown', error };
  }
}

/**
 * A replay that stops where its caller wants to look at the machine. What it finds are the places where an answer, or memory, is
 * not as on Linux; after the first the rest may follow from it.
 */
export class SteppedReplay {
  private readonly player: Player;
  /** Actions that are done. */
  private done = 0;
  private isFinished = false;

  /** @throws RangeError for a machine that is not known, and for a version of Linux that is not */
  constructor(
    private readonly prepared: PreparedTape,
    boot: Boot,
  ) {
    this.player = new Player(prepared.tape, boot, undefined);
  }

  /** The machine, between two steps. */
  get machine(): Machine {
    return this.player.machine;
  }

  /** A process, by its number in the tape. */
  processOf(pid: number): TapeProcess {
    return this.player.processOf(pid);
  }

  /**
   * Plays on.
   * @param end the step to stop before, by its index; more than the number of steps, such as Infinity, ends the processes too
   * @returns what was not as on Linux
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
  /** Memory as it was before the last call, where the tape says that it stays so. */
  private readonly before = new Map<UserRange, Uint8Array | undefined>();

  machine: Machine;
  private deviceSteps: DeviceSteps;
  /** By the numbers of the processes. */
  private readonly places = new Map<number, Place>();
  /** The process of the last step, which most likely makes the next one as well, and its number. */
  private recent: Place | undefined;
  private recentPid = 0;

  constructor(
    private readonly tape: Tape,
    boot: Boot,
    private readonly attempt: Attempt | undefined,
  ) {
    this.machine = boot(tape);
    this.deviceSteps = new DeviceSteps(this.machine);
  }

  /** Goes on with another machine, which has the same processes. */
  replace(choose: (machine: Machine) => Machine): void {
    const machine = choose(this.machine);
    if (machine === this.machine) return;
    this.machine = machine;
    this.deviceSteps = new DeviceSteps(machine, this.deviceSteps);
    const pids = [...this.places.keys()];
    this.places.clear();
    const others = [...(machine.others ?? [])];
    for (const pid of pids) {
      const process = pid === 1 ? machine.process : others.shift();
      if (process !== undefined) this.places.set(pid, this.makePlace(process));
    }
    this.recent = undefined;
  }

  private place(pid: number): Place {
    if (this.recent === undefined || this.recentPid !== pid) {
      this.recent = this.placeOf(pid);
      this.recentPid = pid;
    }
    return this.recent;
  }

  private placeOf(pid: number): Place {
    let place = this.places.get(pid);
    if (place === undefined) {
      const { machine } = this;
      place = this.makePlace(pid === 1 ? machine.process : machine.spawn(this.privilegesOf(pid)));
      this.places.set(pid, place);
    }
    return place;
  }

  private makePlace(process: TapeProcess): Place {
    const { machine, deviceSteps } = this;
    return {
      process,
      deviceSteps,
      ...(machine.files && { files: machine.files }),
      ...(machine.kernel && { kernel: machine.kernel }),
      pass: (milliseconds) => machine.pass(milliseconds),
      spawn: (privileges) => machine.spawn(privileges),
      finish: () => machine.finish(),
      processOf: (other) => this.place(other).process,
    };
  }

  /** What a process other than the first may do. */
  private privilegesOf(pid: number): Partial<Privileges> {
    const step = this.tape.steps.find((each) => each.op === 'process' && each.pid === pid);
    return step?.op === 'process' ? step : {};
  }

  processOf(pid: number): TapeProcess {
    return this.place(pid).process;
  }

  act(action: Action): Problem | undefined {
    this.deviceSteps.settle();
    const place = this.place(action.pid);
    const { process } = place;
    switch (action.kind) {
      case 'call': {
        if (this.before.size > 0) this.before.clear();
        for (const range of action.watched) this.before.set(range, range.read(process)?.slice());
        this.calls++;
        const { attempt } = this;
        const ours =
          attempt === undefined
            ? action.perform(place)
            : attempt(() => action.perform(place), place, action.at);
        const { ret, revents, said } = action.linux;
        const isSame = ours.ret === ret && ours.revents === revents && ours.said === said;
        return isSame ? undefined : { kind: 'answer', ours };
      }
      case 'poke':
        return action.range.write(process, action.bytes) ? undefined : { kind: 'no memory' };
      case 'peek':
        return compare(action.bytes, action.range.read(process));
      case 'same': {
        const ours = action.range.read(process);
        // Without a call before it there is nothing that it could differ from.
        return compare(this.before.get(action.range) ?? ours ?? new Uint8Array(action.range.length), ours);
      }
      case 'fault': {
        const ours = action.range.isVisible(process) ? action.range.read(process) : undefined;
        return ours && { kind: 'memory', linux: undefined, ours: ours.slice() };
      }
      case 'map':
        return mapGround(process, action.range) ? undefined : { kind: 'no memory' };
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

  /** What stands now where the tape looks after the call that an action is or follows; by step. */
  memoryAfter(actions: readonly Action[], index: number): Map<number, Uint8Array> {
    const memory = new Map<number, Uint8Array>();
    const { process } = this.place(actions[index]?.pid ?? 1);
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
