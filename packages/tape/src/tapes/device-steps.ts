/**
 * What the devices of a machine do by themselves, as steps of a tape: accesses of memory, events, unplugging, interrupts that wait. A
 * playground records them with {@link DeviceSteps}, and a replay does them again with the same.
 */
import { type DmaAccess, MockDevice } from '@iommufd/fakekernel';
import { fromHex, toHex } from '@iommufd/uapi/struct';
import type { MachineDevice } from './hardware.js';
import type { Machine } from './machine.js';
import type { Step } from './tape.js';

type Access = Extract<Step, { readonly op: 'access' }>;

/** What a device reads or writes. */
export type DeviceAccess = Omit<Extract<Step, { readonly op: 'access' }>, 'op' | 'outcome'>;

/** A step that a device does. */
export type DeviceStep = Extract<
  Step,
  { readonly op: 'access' | 'ended' | 'event' | 'unplug' | 'interrupts' }
>;

/** How it went. */
export interface DeviceOutcome {
  readonly outcome: string;
  /** What was read. */
  readonly hex?: string;
}

/** An access that was begun. */
interface Begun {
  readonly access: DmaAccess;
  /** What it is of, unless that is in a machine which another one has replaced. */
  readonly device: MachineDevice | undefined;
  readonly write: boolean;
  isOver: boolean;
}

/** Does what devices do, and keeps the accesses that wait. */
export class DeviceSteps {
  /** By their numbers: in the order of the steps. Undefined for a step that began none. */
  private readonly accesses: (Begun | undefined)[];

  /**
   * @param machine the machine that the devices are of
   * @param before of the machine that this one replaces: numbers go on from there
   */
  constructor(
    private readonly machine: Pick<Machine, 'devices' | 'smmu' | 'kernel'>,
    before?: DeviceSteps,
  ) {
    this.accesses = before?.accesses.map((each) => each && { ...each, device: undefined }) ?? [];
  }

  private device(number: number): MachineDevice {
    const found = this.machine.devices?.[number];
    if (found === undefined) throw new RangeError(`dev: the machine has no device ${number}`);
    return found;
  }

  /**
   * Begins an access. One that fails gets no number: a recorder writes no step of it.
   * @returns how it went; `waits` if it is not over
   * @throws RangeError for a device that there is not, and for what no device can access
   */
  access({ dev, write, iova, len, pasid, hex = '' }: DeviceAccess): DeviceOutcome {
    const device = this.device(dev);
    const data = write ? fromHex(hex) : len;
    const access = device.dma.begin(BigInt(iova), data, pasid === undefined ? {} : { pasid });
    const begun = { access, device, write, isOver: access.state !== 'waits' };
    this.accesses.push(begun);
    return outcomeOf(begun);
  }

  /** Lets accesses that were answered go on: a device does so between two calls of a program. */
  settle(): void {
    for (const each of this.accesses) if (each?.isOver === false) each.device?.dma.settle();
  }

  /** Accesses that waited and are over since this was asked, by their numbers. */
  takeEnded(): number[] {
    return this.accesses.flatMap((each, number) => {
      if (each === undefined || each.isOver || each.access.state === 'waits') return [];
      each.isOver = true;
      return [number];
    });
  }

  /** How an access stands. @throws RangeError for a number that none has, and for one that waits in a machine that was replaced */
  stateOf(number: number): DeviceOutcome {
    const found = this.accesses[number];
    if (found === undefined) throw new RangeError(`access: no access ${number} was begun`);
    if (found.device === undefined && found.access.state === 'waits')
      throw new RangeError(`access: access ${number} waits in the machine that was replaced`);
    return outcomeOf(found);
  }

  /** Has a device report an event. @throws RangeError for a device that reports none by itself */
  event(dev: number): DeviceOutcome {
    const device = this.device(dev);
    if (!(device instanceof MockDevice))
      throw new RangeError('dev: only mock devices report events by themselves; an SMMUv3 does of accesses');
    return { outcome: device.raiseEvent() ? 'reported' : 'no receiver' };
  }

  /** Unplugs a device. @throws RangeError if it is not plugged in */
  unplug(dev: number): DeviceOutcome {
    const { kernel } = this.machine;
    if (kernel === undefined) throw new RangeError('dev: the machine is no fake kernel');
    return { outcome: kernel.startUnplug(this.device(dev)).isDone ? 'gone' : 'asked back' };
  }

  /** Has the interrupt threads wait, or run. @throws RangeError without an SMMUv3 */
  interrupts(held: boolean): DeviceOutcome {
    const { smmu } = this.machine;
    if (smmu === undefined) throw new RangeError('this machine has no SMMU');
    if (held) smmu.holdInterrupts();
    else smmu.releaseInterrupts();
    return { outcome: 'done' };
  }

  /** Begins the access of a step, which has a number whether it can be begun or not. */
  private accessAgain(step: Access): DeviceOutcome {
    const number = this.accesses.length;
    try {
      return this.access(step);
    } finally {
      if (this.accesses.length === number) this.accesses.push(undefined);
    }
  }

  /** Does a step again. @throws RangeError as the methods above */
  perform(step: DeviceStep): DeviceOutcome {
    switch (step.op) {
      case 'access':
        return this.accessAgain(step);
      case 'ended':
        return this.stateOf(step.access);
      case 'event':
        return this.event(step.dev);
      case 'unplug':
        return this.unplug(step.dev);
      case 'interrupts':
        return this.interrupts(step.held);
    }
  }
}

function outcomeOf({ access, write }: Begun): DeviceOutcome {
  if (access.state === 'waits') return { outcome: 'waits' };
  if (access.state === 'done') return { outcome: 'done', ...(!write && { hex: toHex(access.bytes) }) };
  const { fault } = access;
  return { outcome: fault?.message ?? 'aborted' };
}

/** What is compared of a step: the outcome, and what was read. */
export const saidOf = ({ outcome, hex }: DeviceOutcome): string =>
  hex === undefined ? outcome : `${outcome} ${hex}`;

/** The same of a step as it was recorded: what is written is no answer. */
export function recordedOf(step: DeviceStep): string {
  const { outcome } = step;
  const isRead = step.op === 'ended' || (step.op === 'access' && !step.write);
  return saidOf({ outcome, ...(isRead && step.hex !== undefined && { hex: step.hex }) });
}

/**
 * Checks the numbers and bytes of a step as a tape has it.
 * @param at which step of the tape it is, for the error
 * @returns the step
 * @throws SyntaxError that names the step and the field
 */
export function checkedDeviceStep(step: DeviceStep, at: number): DeviceStep {
  try {
    for (const field of CHECKS[step.op]) field(step);
    return step;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(`step ${at}, ${step.op}: ${error.message}`);
  }
}

/** A step whose fields may be anything that JSON can say. */
type Unchecked = Readonly<Partial<Record<string, unknown>>>;

/** @throws SyntaxError that names the field */
function check(step: Unchecked, name: string, isValid: (value: unknown) => boolean, expected: string): void {
  const value = step[name];
  if (!isValid(value)) throw new SyntaxError(`${name}: expected ${expected}, got ${JSON.stringify(value)}`);
}

const isIndex = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isAddress = (value: unknown): boolean => typeof value === 'string' && /^0x[0-9a-f]{1,16}$/i.test(value);

const number =
  (name: string) =>
  (step: Unchecked): void =>
    check(step, name, isIndex, 'a number from 0 on');
const boolean =
  (name: string) =>
  (step: Unchecked): void =>
    check(step, name, (value) => typeof value === 'boolean', 'true or false');
const outcome = (step: Unchecked): void =>
  check(step, 'outcome', (value) => typeof value === 'string', 'a text');

/** Bytes, if there are any. @param length of them, if the step says it */
function bytes({ hex }: Unchecked, length?: unknown): void {
  if (hex === undefined) return;
  if (typeof hex !== 'string') throw new SyntaxError(`hex: expected a text, got ${JSON.stringify(hex)}`);
  let count: number;
  try {
    count = fromHex(hex).length;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(`hex: ${error.message}`);
  }
  if (length !== undefined && count !== length)
    throw new SyntaxError(`hex: expected ${String(length)} bytes, as len says, got ${count}`);
}

/** What is checked of each kind, field by field. */
const CHECKS: Readonly<Record<DeviceStep['op'], readonly ((step: Unchecked) => void)[]>> = {
  access: [
    number('dev'),
    boolean('write'),
    (step) => check(step, 'iova', isAddress, 'an address of 64 bits in hexadecimal with 0x'),
    number('len'),
    (step) => check(step, 'pasid', (value) => value === undefined || isIndex(value), 'a number from 0 on'),
    (step) =>
      check(
        step,
        'hex',
        (value) => value !== undefined || step['write'] === false,
        'the bytes that are written',
      ),
    (step) => bytes(step, step['len']),
    outcome,
  ],
  ended: [number('access'), bytes, outcome],
  event: [number('dev'), outcome],
  unplug: [number('dev'), outcome],
  interrupts: [boolean('held'), outcome],
};
