import { type AbortSignalLike, SMMU_CR0, SMMU_GBPA, smmuv3_command, type smmuv3_event } from '@iommufd/uapi';
import { type Decoded } from '@iommufd/uapi/struct';
import { type Veventq, type VeventqItem } from '../veventq.js';
import { type VsmmuBackend } from './backend.js';
import { CommandQueue } from './command-queue.js';
import { EventQueue } from './event-queue.js';
import { type GuestMemory } from './guest-memory.js';
import { type IdRegisters, showIdRegisters } from './id-registers.js';
import { Interrupts, type VsmmuInterrupts } from './interrupts.js';
import { mask32 } from './masks.js';
import { type PageRequest, type PageRequestOutcome, PriQueue } from './pri-queue.js';
import { registerMap, type Slot } from './register-map.js';
import { RegisterRules } from './register-rules.js';
import { type Register32, type Register64, type Registers, resetRegisters } from './registers.js';
import { loadState, saveState, type VsmmuState } from './state.js';
import { Streams } from './streams.js';

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
  /** SMMU_GBPA.ABORT at reset: 1 if devices must not get past an SMMU that nobody has turned on yet. */
  readonly abortsAtReset?: boolean;
}

const SMMUEN = mask32(SMMU_CR0, 'SMMUEN');
const DROP_ALL = BigInt(smmuv3_command.cases.CMD_TLBI_NSNH_ALL.tag);
const UPDATE = mask32(SMMU_GBPA, 'Update');
const ABORT = mask32(SMMU_GBPA, 'ABORT');

/**
 * An SMMUv3 as a guest sees it: two pages of registers of 64 KiB. Whatever a write of the guest asks for has been done
 * when {@link write} returns, interrupts included. That is one ioctl for each run of invalidations and a few for each
 * CFGI_STE, so that how long a write may take follows from the size of the queue that the guest is shown
 * (`commandQueueBits`). Source: Arm IHI 0070.
 */
export class VirtualSmmuv3 {
  private readonly registers: Registers;
  private readonly map: ReadonlyMap<number, Slot>;
  private readonly rules: RegisterRules;
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
    const { memory, backend, idRegisters } = options;
    const shown = showIdRegisters(idRegisters);
    const registers = resetRegisters(options.abortsAtReset ?? false);
    const interrupts = new Interrupts(registers, memory, options.interrupts, shown);
    const streams = new Streams(registers, memory, backend, shown);
    this.registers = registers;
    this.map = registerMap(idRegisters);
    this.rules = new RegisterRules(registers, shown);
    this.streams = streams;
    this.commands = new CommandQueue({ registers, memory, backend, interrupts, streams, shown });
    this.eventQueue = new EventQueue(registers, memory, interrupts, shown);
    this.priQueue = new PriQueue(registers, memory, interrupts, shown);
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
    if (size === 4) return this.read32(offset);
    if (offset % 8 !== 0) return 0n;
    return BigInt(this.read32(offset)) | (BigInt(this.read32(offset + 4)) << 32n);
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
    if (offset % size !== 0) return;
    if (size === 4) {
      return this.write32(
        offset,
        typeof value === 'number' ? value >>> 0 : Number(BigInt.asUintN(32, value)),
      );
    }
    const whole = BigInt.asUintN(64, BigInt(value));
    const slot = this.map.get(offset);
    if (slot?.kind === 'register64') return this.store64(slot.name, whole);
    this.write32(offset, Number(whole & 0xffff_ffffn));
    this.write32(offset + 4, Number(whole >> 32n));
  }

  /**
   * Puts all registers back to what they were at first, and the streams with them. Interrupts are edges: none is taken
   * back. Events that the vEVENTQ still has are of the time before: read them, and drop them.
   * @throws Error what the host failed with; the registers are reset all the same
   */
  reset(): void {
    Object.assign(this.registers, resetRegisters(this.options.abortsAtReset ?? false));
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
   * @throws RangeError for a state that is none, or of a guest that was shown other ID registers: nothing has changed
   * @throws Error what the host failed with; the state is loaded all the same
   */
  load(state: VsmmuState): void {
    const { registers, streams } = loadState(state, this.options.idRegisters);
    Object.assign(this.registers, registers);
    try {
      this.streams.load(streams);
    } finally {
      // The guest may have gone back in time: nobody else will drop what came after.
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
      if (item.kind === 'event') this.eventQueue.add(item.event);
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
    return this.priQueue.add(request);
  }

  /** Does what has been left: streams first, since commands are about what they are. @throws Error of the host */
  private catchUp(): void {
    this.configureStreams();
    this.commands.run();
  }

  /** Whatever the host fails with, the streams are not forgotten. */
  private configureStreams(): void {
    if (!this.areStreamsStale) return;
    this.streams.configureAll();
    this.areStreamsStale = false;
  }

  private read32(offset: number): number {
    const slot = this.map.get(offset);
    switch (slot?.kind) {
      case undefined:
        return 0;
      case 'constant':
        return slot.value;
      case 'mirror':
        return this.registers[slot.of];
      case 'register32':
        return this.registers[slot.name];
      case 'register64': {
        const value = this.registers[slot.name];
        return Number(slot.half === 0 ? value & 0xffff_ffffn : value >> 32n);
      }
    }
  }

  private write32(offset: number, value: number): void {
    const slot = this.map.get(offset);
    if (slot?.kind === 'register32') this.store32(slot.name, value);
    if (slot?.kind === 'register64') {
      const old = this.registers[slot.name];
      const wide = BigInt(value);
      const whole = slot.half === 0 ? ((old >> 32n) << 32n) | wide : (old & 0xffff_ffffn) | (wide << 32n);
      this.store64(slot.name, whole);
    }
  }

  private store64(name: Register64, value: bigint): void {
    this.registers[name] = this.rules.after64(name, value);
  }

  private store32(name: Register32, value: number): void {
    const { registers } = this;
    const before = registers[name];
    const after = this.rules.after32(name, value);
    switch (name) {
      case 'SMMU_CR0':
        registers[name] = after;
        if (((before ^ after) & SMMUEN) !== 0) this.areStreamsStale = true;
        return this.catchUp();
      case 'SMMU_GBPA':
        if ((value & UPDATE) === 0) return;
        registers[name] = after;
        if (((before ^ after) & ABORT) !== 0 && (registers.SMMU_CR0 & SMMUEN) === 0) {
          this.areStreamsStale = true;
          this.configureStreams();
        }
        return;
      case 'SMMU_GERRORN':
        // An error that is not active cannot be acknowledged, nor be made active by that.
        registers[name] = (before ^ ((before ^ after) & (before ^ registers.SMMU_GERROR))) >>> 0;
        return this.catchUp();
      case 'SMMU_CMDQ_PROD':
        registers[name] = after;
        return this.catchUp();
      default:
        registers[name] = after;
    }
  }
}
