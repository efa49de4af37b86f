import {
  CommandQueue,
  EventQueue,
  type IdRegisters,
  Interrupts,
  mask32,
  type PageRequest,
  PriQueue,
  type Register32,
  type Register64,
  RegisterFile,
  type Registers,
} from '@iommufd/smmuv3';
import { type AbortSignalLike, SMMU_CR0, SMMU_GBPA, smmuv3_command, type smmuv3_event } from '@iommufd/uapi';
import type { Decoded } from '@iommufd/uapi/struct';
import type { Veventq, VeventqItem } from '../queues/veventq.js';
import type { VsmmuBackend } from './backend.js';
import { CommandDecoder } from './command-rules.js';
import { GuestCommands } from './guest-commands.js';
import type { GuestMemory } from './guest-memory.js';
import { showIdRegisters } from './id-registers.js';
import type { VsmmuInterrupts } from './interrupts.js';
import { loadState, saveState, type VsmmuState } from './state.js';
import { Streams } from './streams.js';

/**
 * What becomes of a page request: `queued`, the guest answers its group by CMD_PRI_RESP; `ignored`, it is not answered; or
 * the code of `smmuv3_pri_response` that the SMMU answers with itself.
 */
export type PageRequestOutcome = 'queued' | 'ignored' | number;

/** What a virtual SMMU is made of. */
export interface VirtualSmmuv3Options {
  /** The guest's memory: its queues and stream table are there. */
  readonly memory: GuestMemory;
  /** What does the work. */
  readonly backend: VsmmuBackend;
  /** Where interrupts go. */
  readonly interrupts: VsmmuInterrupts;
  /** The ID registers that the guest is shown, as `guestIdRegisters()` makes them. */
  readonly idRegisters: IdRegisters;
  /** SMMU_GBPA.ABORT at reset: 1 if devices must not get past an SMMU that has not been turned on yet. */
  readonly abortsAtReset?: boolean;
}

const SMMUEN = mask32(SMMU_CR0, 'SMMUEN');
const DROP_ALL = BigInt(smmuv3_command.cases.CMD_TLBI_NSNH_ALL.tag);
const ABORT = mask32(SMMU_GBPA, 'ABORT');

/**
 * An SMMUv3 as a guest sees it: two pages of registers of 64 KiB. Whatever a write of the guest asks for has been done
 * when {@link write} returns, interrupts included. That is one ioctl for each run of invalidations and a few for each
 * CFGI_STE, so that how long a write may take follows from the size of the queue that the guest is shown
 * (`commandQueueBits`). Source: Arm IHI 0070.
 */
export class VirtualSmmuv3 {
  private readonly file: RegisterFile;
  private readonly registers: Registers;
  private readonly streams: Streams;
  private readonly commands: CommandQueue;
  private readonly eventQueue: EventQueue;
  private readonly priQueue: PriQueue;
  /** What streams are given is not what the registers say: the host has failed. */
  private areStreamsStale = false;

  /**
   * As after a reset: every stream of the backend passes untranslated, or is aborted, as SMMU_GBPA says.
   * @throws RangeError for ID registers that promise what this cannot do
   * @throws Error what the host failed with
   */
  constructor(private readonly options: VirtualSmmuv3Options) {
    const { memory, backend, idRegisters, abortsAtReset = false } = options;
    const features = showIdRegisters(idRegisters);
    const file = new RegisterFile(features, abortsAtReset);
    const { registers } = file;
    const interrupts = new Interrupts(registers, memory, options.interrupts, features);
    const streams = new Streams(registers, memory, backend, features);
    const decoder = new CommandDecoder(features);
    const commands = new GuestCommands({ decoder, backend, streams, interrupts });
    this.file = file;
    this.registers = registers;
    this.streams = streams;
    this.commands = new CommandQueue(registers, memory, interrupts, features, commands);
    this.eventQueue = new EventQueue(registers, memory, interrupts, features);
    this.priQueue = new PriQueue(registers, memory, interrupts, features, (streamId) =>
      streams.ppar(streamId),
    );
    streams.configureAll();
  }

  /**
   * The guest reads.
   * @param offset bytes from the base of page 0
   * @param size 4, or 8 for a register of 64 bits or two of 32
   * @returns what it reads; 0 where there is no register, and for an offset that is not aligned to the size
   */
  read(offset: number, size: 4): number;
  read(offset: number, size: 8): bigint;
  read(offset: number, size: 4 | 8): number | bigint;
  read(offset: number, size: 4 | 8): number | bigint {
    return this.file.read(offset, size);
  }

  /**
   * The guest writes. Nothing happens where there is no register, what is there cannot be written now, or the offset is
   * not aligned to the size.
   * @param offset bytes from the base of page 0
   * @param size 4, or 8 for a register of 64 bits or two of 32
   * @param value what it writes; bits beyond the size do not count
   * @throws Error what the host failed with. The write itself has taken effect; commands that were not done and streams
   *   that were not configured wait, and are tried again at the next write of SMMU_CMDQ_PROD, SMMU_CR0 or SMMU_GERRORN.
   */
  write(offset: number, size: 4, value: number): void;
  write(offset: number, size: 8, value: bigint): void;
  write(offset: number, size: 4 | 8, value: number | bigint): void;
  write(offset: number, size: 4 | 8, value: number | bigint): void {
    const { SMMU_CR0: cr0, SMMU_GBPA: gbpa } = this.registers;
    this.file.write(offset, size, value, (name) => this.written(name, cr0, gbpa));
  }

  /** @param cr0 SMMU_CR0 before the write @param gbpa SMMU_GBPA before it */
  private written(name: Register32 | Register64, cr0: number, gbpa: number): void {
    const { registers } = this;
    switch (name) {
      case 'SMMU_CR0':
        if (((cr0 ^ registers.SMMU_CR0) & SMMUEN) !== 0) this.areStreamsStale = true;
        return this.catchUp();
      case 'SMMU_GBPA':
        if (((gbpa ^ registers.SMMU_GBPA) & ABORT) !== 0 && (cr0 & SMMUEN) === 0) {
          this.areStreamsStale = true;
          this.configureStreams();
        }
        return;
      case 'SMMU_GERRORN':
      case 'SMMU_CMDQ_PROD':
        return this.catchUp();
      default:
    }
  }

  /**
   * Puts all registers back to what they were at first, and the streams with them. Interrupts are edges: none is taken
   * back. Events that the vEVENTQ still has are of the time before: read them, and drop them.
   * @throws Error what the host failed with; the registers are reset all the same
   */
  reset(): void {
    this.file.reset();
    this.areStreamsStale = true;
    this.catchUp();
  }

  /** All that there is to remember between two accesses of the guest. */
  save(): VsmmuState {
    return saveState(this.registers, this.streams.save(), this.options.idRegisters);
  }

  /**
   * Goes on where {@link save} left off: the guest's memory must be there already. Streams get what they had, those of
   * devices that are new what the guest's stream table says; the host drops all translations that it has cached, and
   * commands that wait are consumed.
   * @throws RangeError for an invalid state, or one of a guest that was shown other ID registers: nothing has changed
   * @throws Error what the host failed with; the state is loaded all the same
   */
  load(state: VsmmuState): void {
    const { registers, streams } = loadState(state, this.options.idRegisters);
    Object.assign(this.registers, registers);
    try {
      this.streams.load(streams);
    } finally {
      // The guest may have gone back in time: what came after has no other end.
      this.options.backend.invalidate([{ cmd: [DROP_ALL, 0n] }]);
    }
    this.commands.run();
  }

  /**
   * A device has come to the backend since: its stream gets what the guest has configured for it.
   * @throws Error what the host failed with
   */
  configureStream(streamId: number): void {
    this.streams.configureOne(streamId);
  }

  /**
   * Writes what came from the vEVENTQ into the guest's event queue; what was lost there is lost here. An SMMU that is
   * off records nothing: then they are dropped.
   */
  handleEvents(items: Iterable<VeventqItem<Decoded<typeof smmuv3_event>>>): void {
    if ((this.registers.SMMU_CR0 & SMMUEN) === 0) return;
    for (const item of items) {
      if (item.kind === 'event') this.eventQueue.record(item.event);
      else this.eventQueue.lose();
    }
  }

  /**
   * Passes events on until the queue is closed or `signal` is aborted: {@link handleEvents}.
   * @param queue the events of the virtual IOMMU behind this
   * @throws Error what the queue failed with, or an interrupt's callback
   */
  async run(
    queue: Pick<Veventq<'arm-smmuv3'>, 'isClosed' | 'readable' | 'read'>,
    { signal }: { readonly signal?: AbortSignalLike | undefined } = {},
  ): Promise<void> {
    while (!queue.isClosed && signal?.aborted !== true) {
      const isReadable = await queue.readable({ signal });
      if (isReadable && !queue.isClosed) this.handleEvents(queue.read());
    }
  }

  /**
   * A device asks for a page. Without SMMU_IDR0.PRI there is no queue, and it is refused.
   * @returns what becomes of it
   * @throws StructError for a field that does not fit
   */
  pageRequest(request: PageRequest): PageRequestOutcome {
    const outcome = this.priQueue.add(request);
    return typeof outcome === 'object' ? outcome.response : outcome;
  }

  /** Does what has been left: streams first, since commands are about what they are. @throws Error of the host */
  private catchUp(): void {
    this.configureStreams();
    this.commands.run();
  }

  /** If the host fails they stay stale, and are configured at the next occasion. */
  private configureStreams(): void {
    if (!this.areStreamsStale) return;
    this.streams.configureAll();
    this.areStreamsStale = false;
  }
}
