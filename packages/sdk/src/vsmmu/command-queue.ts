import {
  SMMU_CMDQ_CONS,
  SMMU_CR0,
  SMMU_GERROR,
  smmuv3_cmdq_error,
  smmuv3_command,
  smmuv3_sync_signal,
} from '@iommufd/uapi';
import { decode, maskOf } from '@iommufd/uapi/struct';
import { type InvalidationCommand, type PageResponse, type VsmmuBackend } from './backend.js';
import { CommandEntries } from './command-entries.js';
import { CommandDecoder } from './command-rules.js';
import { issue, MOST_COMMANDS } from './command-run.js';
import { type GuestMemory } from './guest-memory.js';
import { type Shown } from './id-registers.js';
import { type Interrupts } from './interrupts.js';
import { field32, mask32 } from './masks.js';
import { entriesWaiting, moved, type QueuePlace, queuePlace } from './queue-place.js';
import { type Registers } from './registers.js';
import { type Streams } from './streams.js';

const CMDQEN = mask32(SMMU_CR0, 'CMDQEN');
const CMDQ_ERR = mask32(SMMU_GERROR, 'CMDQ_ERR');
const ERR = field32(SMMU_CMDQ_CONS, 'ERR');
const SYNC = smmuv3_command.form('CMD_SYNC');
const CS = field32(SYNC, 'CS');
const MSI_ADDRESS = maskOf(SYNC, 'MSIAddress');
/** Within bits 95 to 64. */
const RANGE = field32(smmuv3_command.form('CMD_CFGI_STE_RANGE'), 'Range');
const { CERROR_ABT, CERROR_ILL } = smmuv3_cmdq_error;
const { SIG_IRQ, SIG_NONE, SIG_SEV } = smmuv3_sync_signal;

/** What a command queue works with. */
export interface CommandQueueParts {
  readonly registers: Registers;
  readonly memory: GuestMemory;
  readonly backend: VsmmuBackend;
  readonly interrupts: Interrupts;
  readonly streams: Streams;
  readonly shown: Shown;
}

/** Invalidations that are next to each other in the queue, but for commands without effect. */
interface Run {
  readonly commands: readonly InvalidationCommand[];
  /** Where each is among the entries. */
  readonly places: readonly number[];
  /** Where the first entry is that is not of the run. */
  readonly end: number;
}

/**
 * Consumes the guest's command queue. Everything happens before the write of the guest is over that causes it, so that
 * a guest never sees a queue at work. Source: Arm IHI 0070, sections 4.8 and 7.1.
 */
export class CommandQueue {
  private readonly decoder: CommandDecoder;
  private isRunning = false;
  /** Counts what may have changed the queue: what was read of it before is looked at again then. */
  private epoch = 0;

  constructor(private readonly parts: CommandQueueParts) {
    this.decoder = new CommandDecoder(parts.shown);
  }

  /**
   * Consumes what there is, until the queue is empty, off, or stopped by an error. Called by an interrupt that this
   * raises, it leaves the work to the call that is under way.
   * @throws Error what the host failed with: the command waits, and is tried again at the next call
   */
  run(): void {
    this.epoch++;
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      while (this.step()) {
        // Each step looks at the registers anew.
      }
    } finally {
      this.isRunning = false;
    }
  }

  /** Consumes some commands, or stops. @returns whether there may be more to do */
  private step(): boolean {
    const { registers, memory, interrupts, shown } = this.parts;
    if ((registers.SMMU_CR0 & CMDQEN) === 0 || interrupts.isActive(CMDQ_ERR)) return false;
    const place = queuePlace(registers.SMMU_CMDQ_BASE, shown.idr1.CMDQS, smmuv3_command.byteLength);
    const { SMMU_CMDQ_PROD: prod, SMMU_CMDQ_CONS: cons } = registers;
    const waiting = entriesWaiting(place, prod, cons);
    if (waiting === 0) return false;
    const entries = CommandEntries.read(memory, place, cons, Math.min(waiting, MOST_COMMANDS));
    if (entries === undefined) this.stop(CERROR_ABT);
    else this.consume(entries, place);
    return true;
  }

  /** Consumes commands that were read, up to an error, or until the registers have changed meanwhile. */
  private consume(entries: CommandEntries, place: QueuePlace): void {
    const { epoch } = this;
    let at = 0;
    while (at < entries.count && this.epoch === epoch) {
      const { commands, places, end } = this.gather(entries, at);
      const done = issue(this.parts.backend, commands);
      const stop = places[done];
      this.advance(place, (stop ?? end) - at);
      if (stop !== undefined) return this.stop(CERROR_ILL);
      at = end;
      if (at === entries.count) return;
      if (!this.handle(entries, at, place)) return this.stop(CERROR_ILL);
      at++;
    }
  }

  private gather(entries: CommandEntries, from: number): Run {
    const { streams } = this.parts.backend;
    const commands: InvalidationCommand[] = [];
    const places: number[] = [];
    let at = from;
    for (; at < entries.count; at++) {
      const handling = this.decoder.handlingOf(entries.low(at), entries.second(at));
      if (handling === 'forward' || (handling === 'forward-of-stream' && streams.has(entries.high(at)))) {
        commands.push({ cmd: entries.words(at) });
        places.push(at);
      } else if (handling !== 'nothing' && handling !== 'forward-of-stream') break;
    }
    return { commands, places, end: at };
  }

  /** Does a command that is not of a run, and consumes it. @returns false if it is illegal: it is not consumed then */
  private handle(entries: CommandEntries, at: number, place: QueuePlace): boolean {
    const { streams, backend } = this.parts;
    switch (this.decoder.handlingOf(entries.low(at), entries.second(at))) {
      case 'configure':
        streams.invalidateOne(entries.high(at));
        break;
      case 'configure-range':
        streams.invalidateRange(entries.high(at), RANGE.get(entries.second(at)));
        break;
      case 'respond': {
        const response = pageResponse(entries.words(at));
        if (response === undefined) return false;
        // Whoever is told may reset the SMMU.
        this.advance(place, 1);
        backend.respond?.(response);
        return true;
      }
      case 'sync':
        return this.sync(entries, at, place);
      default:
        return false;
    }
    this.advance(place, 1);
    return true;
  }

  /** All before it is done: Linux waits for hardware. It is consumed before anybody is told. */
  private sync(entries: CommandEntries, at: number, place: QueuePlace): boolean {
    const { interrupts } = this.parts;
    const signal = CS.get(entries.low(at));
    const data = entries.high(at);
    const address = entries.words(at)[1] & MSI_ADDRESS;
    if (signal !== SIG_NONE && signal !== SIG_IRQ && signal !== SIG_SEV) return false;
    this.advance(place, 1);
    if (signal === SIG_IRQ) interrupts.completeSync(address, data);
    if (signal === SIG_SEV) interrupts.completeSyncBySev();
    return true;
  }

  private advance(place: QueuePlace, count: number): void {
    const { registers } = this.parts;
    if (count > 0) registers.SMMU_CMDQ_CONS = moved(place, registers.SMMU_CMDQ_CONS, count);
  }

  /** Stops at the command that the read index points at: first the code, then the error, then the interrupt. */
  private stop(error: number): void {
    const { registers, interrupts } = this.parts;
    registers.SMMU_CMDQ_CONS = ((registers.SMMU_CMDQ_CONS & ~ERR.mask) | ERR.of(error)) >>> 0;
    interrupts.raise('CMDQ_ERR');
  }
}

/** Resp of 3 is reserved, and illegal. */
function pageResponse(words: readonly [bigint, bigint]): PageResponse | undefined {
  const bytes = new Uint8Array(BigUint64Array.from(words).buffer);
  const command = decode(smmuv3_command, bytes, { lenient: true });
  return command.Opcode === smmuv3_command.cases.CMD_PRI_RESP.tag && command.Resp !== 3 ? command : undefined;
}
