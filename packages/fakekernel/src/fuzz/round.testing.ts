/**
 * A round: a world, and the steps of its processes. {@link Round.step} makes a call and checks the rules; {@link Round.end} ends
 * all processes and checks that the kernel holds nothing.
 */

import { IOMMU_IOAS_CHANGE_PROCESS } from '@iommufd/uapi';
import { DmaFault } from '../index.js';
import type { PinAccount } from '../ioas/pin-account.js';
import type { UserMemory } from '../process/user-memory.js';
import { type Asked, askedBy } from './asked.testing.js';
import { Reported } from './events.testing.js';
import { Numbers, type Tombstones } from './ids.testing.js';
import { checkPins } from './pins.testing.js';
import { checkReferences } from './references.testing.js';
import { checkResult } from './results.testing.js';
import { checkShown } from './shown.testing.js';
import { changesOf, mayChange, stateOf } from './state.testing.js';
import { execute, type Step } from './step.testing.js';
import { WatchedMemory } from './watch.testing.js';
import { type Setup, World } from './world.testing.js';

/** Number of steps between two recounts of everything. */
const STEPS_BETWEEN_COUNTS = 40;
/** Number of turns of the event loop in which every promise that can settle has settled. */
const MOST_TURNS = 100;

export class Round {
  readonly world: World;
  private readonly memory: WatchedMemory;
  private readonly tombstones: Tombstones = new WeakMap();
  /** Accesses of devices that have not ended. */
  private readonly pending = new Set<Promise<void>>();
  private readonly failures: unknown[] = [];
  private steps = 0;

  constructor(setup: Setup) {
    this.world = new World(setup);
    this.memory = new WatchedMemory(this.world);
  }

  /** Makes a call. @returns its return value @throws if a rule is broken */
  step(step: Step): number | bigint {
    const { world } = this;
    const process = world.process(step.process);
    for (const poke of step.pokes) world.poke(process, poke);
    const { call } = step;
    const asked = call.name === 'ioctl' ? askedBy(process, call) : undefined;
    const numbers = new Numbers(world, this.tombstones);
    const reported = new Reported(world, step, asked);
    const unlimited = this.unlimited(step);
    const result = step.watched ? this.watched(step, asked) : this.execute(step);
    world.hasMovedUnlimited ||= [...unlimited].some(([account, space]) => account.space !== space);
    checkResult(world, step, asked, result);
    reported.check(result);
    const isOther = call.name === 'exec' || call.name === 'restart';
    numbers.check(isOther);
    if (isOther) this.memory.refresh(step.process);
    if (++this.steps % STEPS_BETWEEN_COUNTS === 0) this.count();
    return result;
  }

  /** The accounts without a limit that a call may move, with the address spaces that count them. */
  private unlimited({ call }: Step): Map<PinAccount, UserMemory> {
    if (call.name !== 'ioctl' || call.request !== IOMMU_IOAS_CHANGE_PROCESS.request) return new Map();
    const accounts = [...this.world.kernel.pages].map(({ account }) => account);
    return new Map(accounts.filter(({ mode }) => mode === 'none').map((account) => [account, account.space]));
  }

  private execute(step: Step): number | bigint {
    const later: Promise<void>[] = [];
    const result = execute(this.world, step, later);
    for (const promise of later) this.keep(promise);
    return result;
  }

  /** An access of a device may be aborted. Any other error is a failure. */
  private keep(promise: Promise<void>): void {
    const settled = promise
      .catch((cause: unknown) => {
        if (!(cause instanceof DmaFault)) this.failures.push(cause);
      })
      .finally(() => this.pending.delete(settled));
    this.pending.add(settled);
  }

  private watched(step: Step, asked: Asked | undefined): number | bigint {
    const { world } = this;
    const isWritable = asked === undefined || isAllWritable(world, step, asked);
    const before = stateOf(world);
    const checkMemory = this.memory.before(step, isWritable);
    const result = this.execute(step);
    checkMemory(result);
    if (result < 0 && !mayChange(step, asked, isWritable)) {
      const changes = changesOf(step, before, stateOf(world));
      if (changes.length > 0) throw new Error(`a call fails, but changes the state: ${changes.join('; ')}`);
    }
    return result;
  }

  private count(): void {
    checkReferences(this.world);
    checkPins(this.world);
    checkShown(this.world);
  }

  /** Ends the processes. @throws if a rule is broken */
  async end(): Promise<void> {
    const { world } = this;
    this.count();
    world.end();
    // A context that maps its own file keeps itself open, on Linux too.
    world.kernel.breakSelfHolds();
    const left = world.kernel.leftOver();
    if (left.length > 0) throw new Error(`left over: ${left.join(', ')}`);
    checkPins(world);
    for (let turn = 0; turn < MOST_TURNS && this.pending.size > 0; turn++) await Promise.resolve();
    if (this.pending.size > 0) throw new Error('a device still waits for a response');
    const [failure] = this.failures;
    if (failure !== undefined) throw failure;
  }
}

function isAllWritable(world: World, { process, call }: Step, { bytes }: Asked): boolean {
  if (call.name !== 'ioctl') return true;
  const size = Math.min(new DataView(bytes.buffer).getUint32(0, true), bytes.length);
  const { memorySpace } = world.process(process);
  const last = BigInt(Math.max(size - 1, 0));
  return [call.arg, call.arg + last].every((at) => memorySpace.pinnablePages(at, 1) === 1);
}
