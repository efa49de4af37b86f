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
  readonly device: MachineDevice;
  readonly write: boolean;
  isOver: boolean;
}

/** Does what devices do, and keeps the accesses that wait. */
export class DeviceSteps {
  /** In the order in which they were begun. */
  private readonly accesses: Begun[] = [];

  /** @param machine the machine that the devices are of */
  constructor(private readonly machine: Pick<Machine, 'devices' | 'smmu' | 'kernel'>) {}

  private device(number: number): MachineDevice {
    const found = this.machine.devices?.[number];
    if (found === undefined) throw new RangeError(`dev: the machine has no device ${number}`);
    return found;
  }

  /**
   * Begins an access.
   * @returns how it went; `waits` if it is not over
   * @throws RangeError for a device that there is not, and for what no device can access
   */
  access({ dev, write, iova, len, pasid, hex = '' }: Omit<Access, 'op' | 'outcome'>): DeviceOutcome {
    const device = this.device(dev);
    const data = write ? fromHex(hex) : len;
    const access = device.dma.begin(BigInt(iova), data, pasid === undefined ? {} : { pasid });
    const begun = { access, device, write, isOver: access.state !== 'waits' };
    this.accesses.push(begun);
    return outcomeOf(begun);
  }

  /** Lets accesses that were answered go on: a device does so between two calls of a program. */
  settle(): void {
    for (const { device, isOver } of this.accesses) if (!isOver) device.dma.settle();
  }

  /** Accesses that waited and are over since this was asked, by their numbers. */
  takeEnded(): number[] {
    return this.accesses.flatMap((each, number) => {
      if (each.isOver || each.access.state === 'waits') return [];
      each.isOver = true;
      return [number];
    });
  }

  /** How an access stands. @throws RangeError for a number that none has */
  stateOf(number: number): DeviceOutcome {
    const found = this.accesses[number];
    if (found === undefined) throw new RangeError(`access: no access ${number} was begun`);
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

  /** Does a step again. @throws RangeError as the methods above */
  perform(step: DeviceStep): DeviceOutcome {
    switch (step.op) {
      case 'access':
        return this.access(step);
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
