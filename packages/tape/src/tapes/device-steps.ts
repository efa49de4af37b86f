/**
 * Actions of a machine's devices as steps of a tape: memory accesses, events, unplugging, delayed interrupts. The playground of the
 * viewer performs and records them with {@link DeviceSteps}, and a replay performs them again with the same class.
 */
import { type DmaAccess, MockDevice } from '@iommufd/fakekernel';
import { fromHex, toHex } from '@iommufd/uapi/struct';
import type { MachineDevice } from './hardware.js';
import type { Machine } from './machine.js';
import type { Step } from './tape.js';

type Access = Extract<Step, { readonly op: 'access' }>;

/** A memory access of a device, without its outcome. */
export type DeviceAccess = Omit<Extract<Step, { readonly op: 'access' }>, 'op' | 'outcome'>;

/** A step of a device. */
export type DeviceStep = Extract<
  Step,
  { readonly op: 'access' | 'ended' | 'event' | 'unplug' | 'interrupts' }
>;

/** The outcome of a device step. */
export interface DeviceOutcome {
  readonly outcome: string;
  /** The bytes that were read. */
  readonly hex?: string;
}

/** An access that has begun. */
interface Begun {
  readonly access: DmaAccess;
  /** Its device; undefined if the machine of the device was replaced. */
  readonly device: MachineDevice | undefined;
  readonly write: boolean;
  /** True if its end was reported. */
  isOver: boolean;
}

/** Performs the actions of devices, and keeps the accesses that wait for a response. */
export class DeviceSteps {
  /** By their numbers, which are in the order of the steps. Undefined for a step whose access failed to begin. */
  private readonly accesses: (Begun | undefined)[];

  /**
   * @param machine the machine of the devices
   * @param before the steps of the machine that this one replaces: the numbers of accesses continue from there
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
   * Begins an access. If this throws, the access has no number and no step is recorded.
   * @returns the outcome; `waits` if it waits for a response
   * @throws RangeError if the device does not exist, or the address or length is invalid
   */
  access({ dev, write, iova, len, pasid, hex = '' }: DeviceAccess): DeviceOutcome {
    const device = this.device(dev);
    const data = write ? fromHex(hex) : len;
    const access = device.dma.begin(BigInt(iova), data, pasid === undefined ? {} : { pasid });
    const begun = { access, device, write, isOver: access.state !== 'waits' };
    this.accesses.push(begun);
    return outcomeOf(begun);
  }

  /** Completes accesses whose response has arrived. Called between two calls of the program. */
  settle(): void {
    for (const each of this.accesses) if (each?.isOver === false) each.device?.dma.settle();
  }

  /** Returns the numbers of the waiting accesses that have ended since the last call of this method. */
  takeEnded(): number[] {
    return this.accesses.flatMap((each, number) => {
      if (each === undefined || each.isOver || each.access.state === 'waits') return [];
      each.isOver = true;
      return [number];
    });
  }

  /** Returns the state of an access. @throws RangeError if the number is unknown, or the access waits in a replaced machine */
  stateOf(number: number): DeviceOutcome {
    const found = this.accesses[number];
    if (found === undefined) throw new RangeError(`access: no access ${number} was begun`);
    if (found.device === undefined && found.access.state === 'waits')
      throw new RangeError(`access: access ${number} waits in the machine that was replaced`);
    return outcomeOf(found);
  }

  /** Makes a device report an event. @throws RangeError if it is not a mock device */
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

  /** Delays or runs the interrupt threads of the SMMUv3's driver. @throws RangeError if the machine has no SMMUv3 */
  interrupts(held: boolean): DeviceOutcome {
    const { smmu } = this.machine;
    if (smmu === undefined) throw new RangeError('this machine has no SMMU');
    if (held) smmu.holdInterrupts();
    else smmu.releaseInterrupts();
    return { outcome: 'done' };
  }

  /** Begins the access of a recorded step. It uses up a number even if it fails to begin. */
  private accessAgain(step: Access): DeviceOutcome {
    const number = this.accesses.length;
    try {
      return this.access(step);
    } finally {
      if (this.accesses.length === number) this.accesses.push(undefined);
    }
  }

  /** Performs a recorded step. @throws RangeError as the methods above */
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

/** The part of a step that is compared: the outcome, and the bytes that were read. */
export const detailOf = ({ outcome, hex }: DeviceOutcome): string =>
  hex === undefined ? outcome : `${outcome} ${hex}`;

/** The recorded {@link detailOf} a step. Bytes that a device writes are not part of its result. */
export function recordedOf(step: DeviceStep): string {
  const { outcome } = step;
  const isRead = step.op === 'ended' || (step.op === 'access' && !step.write);
  return detailOf({ outcome, ...(isRead && step.hex !== undefined && { hex: step.hex }) });
}

/**
 * Checks the numbers and bytes of a recorded step.
 * @param at index of the step in the tape, for the error
 * @returns the step
 * @throws SyntaxError with the step and the field
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

/** A step whose fields may be any JSON values. */
type Unchecked = Readonly<Partial<Record<string, unknown>>>;

/** @throws SyntaxError with the field, if the value is invalid */
function check(step: Unchecked, name: string, isValid: (value: unknown) => boolean, expected: string): void {
  const value = step[name];
  if (!isValid(value)) throw new SyntaxError(`${name}: expected ${expected}, got ${JSON.stringify(value)}`);
}

const isIndex = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isAddress = (value: unknown): boolean => typeof value === 'string' && /^0x[0-9a-f]{1,16}$/i.test(value);

const number =
  (name: string) =>
  (step: Unchecked): void =>
    check(step, name, isIndex, 'an integer of at least 0');
const boolean =
  (name: string) =>
  (step: Unchecked): void =>
    check(step, name, (value) => typeof value === 'boolean', 'true or false');
const outcome = (step: Unchecked): void =>
  check(step, 'outcome', (value) => typeof value === 'string', 'a string');

/** Checks `hex`, if the step has it. @param length expected number of bytes, if the step has it */
function bytes({ hex }: Unchecked, length?: unknown): void {
  if (hex === undefined) return;
  if (typeof hex !== 'string') throw new SyntaxError(`hex: expected a string, got ${JSON.stringify(hex)}`);
  let count: number;
  try {
    count = fromHex(hex).length;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(`hex: ${error.message}`);
  }
  if (length !== undefined && count !== length)
    throw new SyntaxError(`hex: expected ${String(length)} bytes, as in len, got ${count}`);
}

/** The checks of each kind of step, field by field. */
const CHECKS: Readonly<Record<DeviceStep['op'], readonly ((step: Unchecked) => void)[]>> = {
  access: [
    number('dev'),
    boolean('write'),
    (step) => check(step, 'iova', isAddress, 'a hexadecimal address with 0x, of at most 64 bits'),
    number('len'),
    (step) =>
      check(step, 'pasid', (value) => value === undefined || isIndex(value), 'an integer of at least 0'),
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
