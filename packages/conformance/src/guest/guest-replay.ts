/**
 * Replays the tape of a guest on a {@link GuestMachine} and finds differences: in registers, SMMU_CMDQ_CONS, global
 * errors, event records, interrupts, the target of each DMA, and the translations that devices still have after each
 * invalidation.
 */
import { smmuv3_event, smmuv3_register } from '@iommufd/uapi';
import { queuePlace, type QueuePlace } from '@iommufd/smmuv3';
import { decode } from '@iommufd/uapi/struct';
import { GuestMachine, type GuestMachineOptions, type Reached } from './guest-machine.js';
import type { Consequence, GuestStep, GuestTape, MemoryWords } from '@iommufd/tape';
import { QUEUE_LOG2, transactionBytes } from './qemu-departures.js';
import { StaleCheck } from './stale.js';

/** A difference. */
export interface GuestDifference {
  /** Index of the line of the tape, from 0. */
  readonly step: number;
  /** The last label of the tape before it. */
  readonly note: string;
  /** The action: the line of the tape. */
  readonly action: string;
  readonly expected: string;
  readonly found: string;
}

/** The result of a replay. */
export interface GuestPlayed {
  readonly differences: readonly GuestDifference[];
  /** Number of comparisons. */
  readonly compared: number;
}

/** Registers of the implementation: identification of the component. Source: Arm IHI 0070, 6.2. */
const IMPLEMENTATION_DEFINED = 0xfd0;

/**
 * True if a register differs on purpose. SMMU_IDR0 and SMMU_IDR3 do: a guest has no stage 2, and no feature that the
 * kernel does not support for guests.
 */
function isShownOtherwise(offset: number): boolean {
  const { SMMU_IDR0, SMMU_IDR3 } = smmuv3_register;
  return (
    offset === SMMU_IDR0 || offset === SMMU_IDR3 || (offset >= IMPLEMENTATION_DEFINED && offset < 0x1000)
  );
}

/** Page 1 offsets that the reference prints without the page, when a guest with a driver accesses them. */
const PAGE_1: ReadonlySet<number> = new Set([0xa8, 0xac, 0xc8, 0xcc]);

const ENTRY_BYTES = { CMDQ: 16, EVENTQ: 32 } as const;
const OVERFLOW = 0x8000_0000;

/** Registers whose write makes the command queue continue. */
const CONSUMING: ReadonlySet<number> = new Set([
  smmuv3_register.SMMU_CMDQ_PROD,
  smmuv3_register.SMMU_GERRORN,
  smmuv3_register.SMMU_CR0,
]);

const hex = (value: number | bigint): string => value.toString(16);

/** Replays a tape. */
export function playGuest(
  tape: GuestTape,
  options: Omit<GuestMachineOptions, 'streamIds'> = {},
): GuestPlayed {
  return new GuestReplay(tape, new GuestMachine({ ...options, streamIds: streamsOf(tape) })).play();
}

/** QEMU's message about a transaction that was not translated. */
const UNTRANSLATED = /translate_(\w+) .* sid=0x([0-9a-f]+) .*iova:0x([0-9a-f]+) is_write=(\d)/;

/** The StreamIDs of the devices of a tape; 0 if there are none. */
function streamsOf({ steps }: GuestTape): number[] {
  const found = new Set<number>();
  for (const step of steps) {
    if ('sid' in step) found.add(step.sid);
    const [, , sid] = ('text' in step && UNTRANSLATED.exec(step.text)) || [];
    if (sid !== undefined) found.add(parseInt(sid, 16));
  }
  return found.size === 0 ? [0] : [...found];
}

class GuestReplay {
  private readonly differences: GuestDifference[] = [];
  private compared = 0;
  private step = 0;
  private note = '';
  /** The consequences of the next action in the tape. */
  private readonly expected: string[] = [];
  private readonly stale: StaleCheck;
  /** The event records of the tape, in order; the nth is that of the nth fault. */
  private readonly records: string[];
  private faults = 0;
  /** For each event since they were last consumed: true if it was not passed to the guest. */
  private readonly kept: boolean[] = [];

  constructor(
    private readonly tape: GuestTape,
    private readonly machine: GuestMachine,
  ) {
    this.records = tape.steps.flatMap((step) => (step.t === 'evts' ? step.e : []));
    this.stale = new StaleCheck(machine);
  }

  play(): GuestPlayed {
    for (const [i, step] of this.tape.steps.entries()) {
      this.step = i;
      this.perform(step);
    }
    return { differences: this.differences, compared: this.compared };
  }

  private perform(step: GuestStep): void {
    const { machine } = this;
    switch (step.t) {
      case 'note':
        this.note = step.text;
        return;
      case 'log':
        return;
      case 'irq':
      case 'gerror':
      case 'cmderr':
      case 'ev':
        this.expected.push(textOf(step));
        return;
      case 'reset':
        if (this.step > 0) machine.reset();
        return;
      case 'mem':
        return this.remember(step.m);
      case 'cmds':
        return this.putCommands(step.at, step.c);
      case 'evts':
        return this.compareEvents(step.at, step.e);
      case 'r':
        return this.read(step);
      case 'w':
        return this.write(step);
      case 'event':
        return this.fault(step.sid);
      case 'dma':
        return 'text' in step ? this.untranslated(step.text) : this.translated(step);
      case 'dma2':
        return this.access(step);
      case 'peek':
        return this.peek(step);
      case 'take':
        return this.take(step);
      case 'ack':
        return this.acknowledge(step.active);
      case 'skip':
        return this.skip(step.errs);
    }
  }

  private compare(expected: string, found: string, action?: string): void {
    this.compared++;
    if (expected === found) return;
    const { step, note } = this;
    this.differences.push({
      ...{ step, note, expected, found },
      action: action ?? JSON.stringify(this.tape.steps[step]),
    });
  }

  private offsetOf({ cpu, o }: { readonly cpu: number; readonly o: string }): number {
    const offset = parseInt(o, 16);
    return cpu >= 0 && PAGE_1.has(offset) ? offset + 0x1_0000 : offset;
  }

  private register(offset: number): number {
    return this.machine.smmu.read(offset, 4);
  }

  private setRegister(offset: number, value: number): void {
    this.machine.smmu.write(offset, 4, value);
  }

  private read(step: Extract<GuestStep, { readonly t: 'r' | 'w' }>): void {
    const offset = this.offsetOf(step);
    const value = this.machine.registers.read(offset, step.s);
    if (!isShownOtherwise(this.machine.registers.placeOf(offset))) this.compare(step.v, hex(value));
    this.settle([]);
  }

  private write(step: Extract<GuestStep, { readonly t: 'r' | 'w' }>): void {
    const before = this.register(smmuv3_register.SMMU_CMDQ_CONS);
    const errors = this.globalErrors(() => {
      this.machine.registers.write(this.offsetOf(step), step.s, BigInt(`0x${step.v}`));
    });
    this.settle(errors);
    if (CONSUMING.has(this.offsetOf(step))) this.checkStale(before);
  }

  /** Performs an action. @returns the global errors that it raised */
  private globalErrors(action: () => void): string[] {
    const before = this.register(smmuv3_register.SMMU_GERROR);
    action();
    const after = this.register(smmuv3_register.SMMU_GERROR);
    const toggled = (before ^ after) >>> 0;
    if (toggled === 0) return [];
    const code = (this.register(smmuv3_register.SMMU_CMDQ_CONS) >>> 24) & 0x7f;
    return [...((toggled & 1) === 1 ? [`cmderr ${code}`] : []), `gerror ${hex(toggled)} ${hex(after)}`];
  }

  /** Compares the consequences of an action with those in the tape. */
  private settle(found: readonly string[]): void {
    const all = [...found, ...this.machine.interrupts.splice(0).map((n) => `irq ${n}`)];
    const expected = this.expected.splice(0).filter((text) => !text.startsWith('ev '));
    if (expected.length + all.length > 0) this.compare(expected.sort().join(', '), all.sort().join(', '));
  }

  private remember(pieces: MemoryWords): void {
    for (const [address, words] of pieces) this.store(BigInt(`0x${address}`), words);
  }

  private store(address: bigint, words: string): void {
    if (!this.machine.memory.write(address, bytesOf(words)))
      throw new Error(`line ${this.step + 1}: 0x${hex(address)} is not in RAM`);
  }

  private load(address: bigint, count: number): string {
    const bytes = this.machine.memory.read(address, count * 8);
    if (bytes === undefined) return 'not in RAM';
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return Array.from({ length: count }, (_, i) => hex(view.getBigUint64(i * 8, true))).join(',');
  }

  /** Address and size of a queue. */
  private place(queue: 'CMDQ' | 'EVENTQ'): QueuePlace {
    const base = this.machine.smmu.read(smmuv3_register[`SMMU_${queue}_BASE`], 8);
    return queuePlace(base, QUEUE_LOG2, ENTRY_BYTES[queue], this.machine.departures.guest);
  }

  /** The address of an entry of a queue. */
  private entry(queue: 'CMDQ' | 'EVENTQ', index: number): bigint {
    const { address, size } = this.place(queue);
    return address + BigInt((index % size) * ENTRY_BYTES[queue]);
  }

  private indexMask(queue: 'CMDQ' | 'EVENTQ'): number {
    return this.place(queue).mask;
  }

  private putCommands(at: number, commands: readonly string[]): void {
    for (const [i, words] of commands.entries()) this.store(this.entry('CMDQ', at + i), words);
  }

  private compareEvents(at: number, events: readonly string[]): void {
    for (const [i, words] of events.entries())
      this.compare(words, this.load(this.entry('EVENTQ', at + i), 4));
  }

  /** The nth fault: a device makes the access of the nth record. */
  private fault(streamId: number): void {
    const record = this.records[this.faults++];
    if (record === undefined) return;
    const event = decode(smmuv3_event, bytesOf(record), { lenient: true });
    const iova = 'InputAddr' in event ? event.InputAddr : 0n;
    const write = 'RnW' in event && event.RnW === 0;
    const reached = this.machine.access(streamId, iova, write);
    this.compare('aborted', textOfReached(reached));
  }

  private translated({
    sid,
    iova,
    pa,
    perm,
  }: {
    readonly sid: number;
    readonly iova: string;
    readonly pa: string;
    readonly perm: number;
  }): void {
    this.compare(pa, textOfReached(this.machine.access(sid, BigInt(`0x${iova}`), (perm & 2) !== 0)));
  }

  private untranslated(text: string): void {
    const found = UNTRANSLATED.exec(text);
    if (found === null) throw new Error(`line ${this.step + 1}: ${text}`);
    const [, how, sid = '', iova = '', write] = found;
    const reached = this.machine.access(parseInt(sid, 16), BigInt(`0x${iova}`), write === '1');
    this.compare(how === 'abort' ? 'aborted' : iova, textOfReached(reached));
  }

  /**
   * A DMA of a test program. Two kinds of events are not passed to the guest: those of transactions that the host
   * aborts, and those of a table or context descriptor outside of RAM, which the host's kernel logs.
   */
  private access({ sid, write, iova, len, k }: Extract<GuestStep, { readonly t: 'dma2' }>): void {
    const { machine } = this;
    const first = BigInt(`0x${iova}`);
    const data = written(k, len);
    let isKept = false;
    const retries = machine.departures.replay.retriesRefusedPieces === true;
    const errors = this.globalErrors(() => {
      for (let at = 0; at < len;) {
        const address = first + BigInt(at);
        const reached = machine.access(sid, address, write === 1);
        isKept ||= machine.hasKeptEvent;
        const length = transactionBytes(address, len - at, retries && reached === undefined);
        if (write === 1) reached?.store(data.subarray(at, at + length));
        at += length;
      }
    });
    this.settleAccess(errors, isKept);
  }

  private settleAccess(errors: readonly string[], isKept: boolean): void {
    for (const text of this.expected) if (text.startsWith('ev ')) this.kept.push(isKept);
    if (isKept) this.expected.length = 0;
    this.settle(errors);
  }

  private peek({ a, w }: Extract<GuestStep, { readonly t: 'peek' }>): void {
    this.compare(w, this.load(BigInt(`0x${a}`), w.split(',').length));
  }

  private take({ e, ov }: Extract<GuestStep, { readonly t: 'take' }>): void {
    this.forget();
    const { SMMU_EVENTQ_PROD, SMMU_EVENTQ_CONS } = smmuv3_register;
    const mask = this.indexMask('EVENTQ');
    const prod = this.register(SMMU_EVENTQ_PROD);
    const cons = this.register(SMMU_EVENTQ_CONS);
    const events: string[] = [];
    for (let at = cons & mask; at !== (prod & mask); at = (at + 1) & mask)
      events.push(this.load(this.entry('EVENTQ', at), 4));
    this.setRegister(SMMU_EVENTQ_CONS, prod);
    const kept = this.kept.splice(0);
    this.compare(e.filter((_, i) => kept[i] !== true).join(' '), events.join(' '));
    this.compare(`overflow ${ov}`, `overflow ${((prod ^ cons) & OVERFLOW) === 0 ? 0 : 1}`);
    this.forget();
  }

  private acknowledge(active: string): void {
    this.forget();
    const { SMMU_GERROR, SMMU_GERRORN } = smmuv3_register;
    const gerror = this.register(SMMU_GERROR);
    this.compare(active, hex((gerror ^ this.register(SMMU_GERRORN)) >>> 0));
    this.setRegister(SMMU_GERRORN, gerror);
    this.forget();
  }

  /** Replaces each command at which the queue stops by CMD_SYNC, as Linux does. */
  private skip(errors: readonly string[]): void {
    this.forget();
    const { SMMU_CMDQ_CONS, SMMU_GERROR, SMMU_GERRORN } = smmuv3_register;
    const found: string[] = [];
    for (;;) {
      const gerror = this.register(SMMU_GERROR);
      if (((gerror ^ this.register(SMMU_GERRORN)) & 1) === 0) break;
      const cons = this.register(SMMU_CMDQ_CONS);
      const index = cons & this.indexMask('CMDQ');
      found.push(`${index}:${(cons >>> 24) & 0x7f}`);
      this.store(this.entry('CMDQ', index), '46,0');
      this.setRegister(SMMU_GERRORN, gerror);
    }
    this.compare(errors.join(' '), found.join(' '));
    this.forget();
  }

  /** Discards the consequences of actions whose results are compared instead. */
  private forget(): void {
    this.expected.length = 0;
    this.machine.interrupts.length = 0;
  }

  private checkStale(before: number): void {
    const after = this.register(smmuv3_register.SMMU_CMDQ_CONS);
    const mask = this.indexMask('CMDQ');
    for (let at = before & mask; at !== (after & mask); at = (at + 1) & mask) {
      const words = this.machine.memory.read(this.entry('CMDQ', at), ENTRY_BYTES.CMDQ);
      if (words === undefined) continue;
      for (const entry of this.stale.after(words)) this.compare('nothing stale', entry);
    }
  }
}

/** A consequence as text, for the comparison; it includes the new value of SMMU_GERROR. */
function textOf(step: Consequence): string {
  switch (step.t) {
    case 'irq':
      return `irq ${step.n}`;
    case 'gerror':
      return `gerror ${step.x} ${step.v}`;
    case 'cmderr':
      return `cmderr ${step.e}`;
    case 'ev':
      return `ev ${step.n}`;
  }
}

const textOfReached = (reached: Reached | undefined): string =>
  reached === undefined ? 'aborted' : hex(reached.address);

/** The data that a test program writes: consecutive words from 0xd0000000 + k. */
function written(k: number, length: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(length + 3));
  for (let at = 0; at < length; at += 4) view.setUint32(at, 0xd000_0000 + k + at / 4, true);
  return new Uint8Array(view.buffer, 0, length);
}

function bytesOf(words: string): Uint8Array {
  const values = words.split(',');
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  values.forEach((word, i) => view.setBigUint64(i * 8, BigInt(`0x${word}`), true));
  return bytes;
}
