import {
  type AccessSize,
  type AtsOutcome,
  CommandQueue,
  type Departures,
  EventQueue,
  type Features,
  type IdRegisters,
  Interrupts,
  mask32,
  type PageRequest,
  type PriOutcome,
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
import { defer } from './defer.js';
import { GuestCommands } from './guest-commands.js';
import type { GuestMemory } from './guest-memory.js';
import { HostError } from './host-error.js';
import { showIdRegisters } from './id-registers.js';
import { BATCH } from './issue-commands.js';
import type { VsmmuInterrupts } from './interrupts.js';
import { type DeviceAccess, type DevicePort, type DeviceTranslation, OwnDevices } from './own-devices.js';
import { loadState, saveState, type VsmmuState } from './state.js';
import { Streams } from './streams.js';

/**
 * The outcome of a page request: `queued`, the guest will respond to its group by CMD_PRI_RESP; `ignored`, there is no response;
 * or the SMMU's automatic response.
 */
export type PageRequestOutcome = PriOutcome;

/** Options of {@link VirtualSmmuv3}. */
export interface VirtualSmmuv3Options {
  /** The guest's memory, which holds its queues and stream table. */
  readonly memory: GuestMemory;
  /** The host. */
  readonly backend: VsmmuBackend;
  /** The interrupts of the virtual SMMU. */
  readonly interrupts: VsmmuInterrupts;
  /** The guest's ID registers, from `guestIdRegisters()`. */
  readonly idRegisters: IdRegisters;
  /** The reset value of SMMU_GBPA.ABORT: true to abort all transactions until the guest enables the SMMU. False by default. */
  readonly abortsAtReset?: boolean;
  /**
   * The most steps of a call; {@link DEFAULT_BUDGET} by default. A command is one step, configuring a stream is 16. A call may exceed
   * the budget by the steps that configure all devices. Remaining work continues from {@link VirtualSmmuv3Options.defer}, or by
   * {@link VirtualSmmuv3.continue}. With Infinity, all work is done when a call returns.
   */
  readonly budget?: number | undefined;
  /**
   * Calls a function later, from the VMM's event loop, to continue work that exceeds the budget. By default this is
   * `setImmediate()`, or `setTimeout()` where it is missing. The function does not throw.
   */
  readonly defer?: ((goOn: () => void) => void) | undefined;
  /**
   * Called with an error of the host in deferred work. Without it, the next call of {@link VirtualSmmuv3.write} or
   * {@link VirtualSmmuv3.continue} throws the error.
   */
  readonly onHostError?: ((error: unknown) => void) | undefined;
  /** Departures from the architecture, to replay a recording of an emulator. None by default. @internal */
  readonly departures?: Departures | undefined;
}

const SMMUEN = mask32(SMMU_CR0, 'SMMUEN');
const DROP_ALL = BigInt(smmuv3_command.cases.CMD_TLBI_NSNH_ALL.tag);
const ABORT = mask32(SMMU_GBPA, 'ABORT');

/** The default of {@link VirtualSmmuv3Options.budget}: whole batches of Linux, which take less than 2 ms. */
export const DEFAULT_BUDGET = 4 * BATCH;

/**
 * The SMMUv3 of a guest: two register pages of 64 KiB. All effects of a write have completed when {@link write}
 * returns, including interrupts, except commands that exceed the budget. Those are consumed later, in order, while the guest
 * runs; the guest sees it in SMMU_CMDQ_CONS, and waits for its CMD_SYNC. Source: Arm IHI 0070.
 */
export class VirtualSmmuv3 {
  private readonly file: RegisterFile;
  private readonly registers: Registers;
  private readonly features: Features;
  private readonly streams: Streams;
  private readonly commands: CommandQueue;
  private readonly eventQueue: EventQueue;
  private readonly priQueue: PriQueue;
  private readonly own: OwnDevices;
  /** True if the host's streams do not match the registers, because the host has failed. */
  private areStreamsStale = false;
  private readonly budget: number;
  /** True if `defer` has been called and has not continued the work yet. */
  private isDeferred = false;
  /** An error of the host in deferred work, until it is thrown. */
  private hostError: { readonly error: unknown } | undefined;

  /**
   * Creates a virtual SMMU in its reset state: all streams of the backend bypass or abort, depending on SMMU_GBPA.
   * @throws RangeError if the ID registers advertise an unsupported feature, or one that the host lacks, or the budget is not
   *   positive
   * @throws HostError
   */
  constructor(private readonly options: VirtualSmmuv3Options) {
    const { memory, backend, idRegisters, abortsAtReset = false } = options;
    const features = showIdRegisters(idRegisters, options.departures);
    backend.check?.(idRegisters);
    const file = new RegisterFile(features, abortsAtReset);
    const { registers } = file;
    const interrupts = new Interrupts(registers, memory, options.interrupts, features);
    const streams = new Streams(registers, memory, backend, features);
    const decoder = new CommandDecoder(features);
    const events = new EventQueue(registers, memory, interrupts, features);
    const own = new OwnDevices({ registers, memory, features, events, interrupts });
    const commands = new GuestCommands({ decoder, backend, streams, own });
    this.budget = options.budget ?? DEFAULT_BUDGET;
    if (!(this.budget > 0)) throw new RangeError(`budget: expected a positive number, found ${this.budget}`);
    this.features = features;
    this.file = file;
    this.registers = registers;
    this.streams = streams;
    this.commands = new CommandQueue(registers, memory, interrupts, features, commands);
    this.eventQueue = events;
    this.own = own;
    this.priQueue = new PriQueue(registers, memory, interrupts, features, streams);
    streams.configureAll();
  }

  /**
   * Handles a read of the guest.
   * @param offset in bytes from the base of page 0
   * @param size in bytes; 8 for a 64-bit register or two of 32 bits
   * @returns the value; 0 if there is no register, the size is 1 or 2, or the offset is not aligned to the size
   */
  read(offset: number, size: 1 | 2 | 4): number;
  read(offset: number, size: 8): bigint;
  read(offset: number, size: AccessSize): number | bigint;
  read(offset: number, size: AccessSize): number | bigint {
    return this.file.read(offset, size);
  }

  /**
   * Handles a write of the guest. It is ignored if there is no register, the register cannot be written now, the size is 1
   * or 2, or the offset is not aligned to the size. Source: Arm IHI 0070, 6.2.
   * @param offset in bytes from the base of page 0
   * @param size in bytes; 8 for a 64-bit register or two of 32 bits
   * @param value bits beyond the size are ignored
   * @throws HostError. The write itself has taken effect; remaining commands and stream configurations are retried by
   *   {@link continue}, and at the next write of SMMU_CMDQ_PROD, SMMU_CR0 or SMMU_GERRORN.
   */
  write(offset: number, size: 1 | 2 | 4, value: number): void;
  write(offset: number, size: 8, value: bigint): void;
  write(offset: number, size: AccessSize, value: number | bigint): void;
  write(offset: number, size: AccessSize, value: number | bigint): void {
    const { SMMU_CR0: cr0, SMMU_GBPA: gbpa } = this.registers;
    this.file.write(offset, size, value, (name) => this.written(name, cr0, gbpa));
    this.throwHostError();
  }

  /**
   * True if there is work that {@link continue} would do: commands beyond the budget, or work at which the host has failed. False if
   * the queue is empty, disabled or stopped by an error.
   */
  get isBusy(): boolean {
    return this.areStreamsStale || this.commands.isBusy;
  }

  /**
   * Continues remaining work, within the budget. A VMM calls it after a {@link HostError}, or instead of waiting for
   * {@link VirtualSmmuv3Options.defer}.
   * @returns true if there is more work: {@link isBusy}
   * @throws HostError. The work that failed remains, and another call continues there
   */
  continue(): boolean {
    this.throwHostError();
    this.catchUp();
    return this.isBusy;
  }

  /** @param cr0 SMMU_CR0 before the write @param gbpa SMMU_GBPA before it */
  private written(name: Register32 | Register64, cr0: number, gbpa: number): void {
    const { registers } = this;
    switch (name) {
      case 'SMMU_CR0':
        this.own.forget();
        if (((cr0 ^ registers.SMMU_CR0) & SMMUEN) !== 0) this.areStreamsStale = true;
        return this.catchUp();
      case 'SMMU_GBPA':
        this.own.forget();
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

  private throwHostError(): void {
    const { hostError } = this;
    this.hostError = undefined;
    if (hostError !== undefined) throw hostError.error;
  }

  /** Defers the consumption of the remaining commands. */
  private goOnLater(): void {
    if (this.isDeferred || !this.commands.isBusy) return;
    this.isDeferred = true;
    (this.options.defer ?? defer)(() => {
      this.isDeferred = false;
      try {
        this.catchUp();
      } catch (error) {
        if (this.options.onHostError === undefined) this.hostError = { error };
        else this.options.onHostError(error);
      }
    });
  }

  /**
   * Resets all registers and streams. Interrupts are edge-triggered, so none is deasserted. Events that are still in the
   * vEVENTQ happened before the reset: the caller reads and drops them.
   * @throws HostError; the registers have been reset
   */
  reset(): void {
    this.file.reset();
    this.own.reset();
    this.hostError = undefined;
    this.areStreamsStale = true;
    this.catchUp();
  }

  /**
   * Saves the state between two register accesses, including pending commands. {@link VsmmuState} documents what is not part of it.
   */
  save(): VsmmuState {
    // Streams that the host could not configure are configured from the table by the next host.
    const streams = this.areStreamsStale ? [] : this.streams.save();
    return saveState(this.registers, streams, this.options.idRegisters);
  }

  /**
   * Restores a state of {@link save}; the guest's memory must have been restored before. Streams get their saved
   * configuration, new streams that of the guest's stream table. The host invalidates all cached translations, and pending
   * commands are consumed. Register bits that a guest cannot write are dropped.
   * @throws RangeError if the state is invalid, has a configuration that no stream table entry can have, or has other ID
   *   registers; nothing has changed then
   * @throws HostError; the state has been loaded
   */
  load(state: VsmmuState): void {
    const { registers, streams } = loadState(state, this.options.idRegisters, this.features);
    this.file.restore(registers);
    this.own.reset();
    this.hostError = undefined;
    this.areStreamsStale = false;
    try {
      this.streams.load(streams);
    } finally {
      // Without this, translations that were cached after the snapshot would never be invalidated.
      this.dropAll();
    }
    this.consume();
  }

  private dropAll(): void {
    try {
      this.options.backend.invalidate([{ cmd: [DROP_ALL, 0n] }]);
    } catch (cause) {
      throw new HostError('invalidate', [], cause);
    }
  }

  /**
   * Configures the stream of a device that was added to the backend later.
   * @throws HostError
   */
  configureStream(streamId: number): void {
    this.streams.configureOne(streamId);
  }

  /**
   * Writes items of the vEVENTQ into the guest's event queue; lost events become an overflow. While SMMUEN is 0, all items
   * are dropped.
   */
  handleEvents(items: Iterable<VeventqItem<Decoded<typeof smmuv3_event>>>): void {
    if ((this.registers.SMMU_CR0 & SMMUEN) === 0) return;
    for (const item of items) {
      if (item.kind === 'event') this.eventQueue.record(item.event);
      else this.eventQueue.lose();
    }
  }

  /**
   * Calls {@link handleEvents} for all events until the queue is closed or `signal` is aborted.
   * @param queue the vEVENTQ of the virtual IOMMU
   * @throws Error the error of the queue or of an interrupt's callback
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
   * Handles a page request of a device. Without SMMU_IDR0.PRI there is no queue, and the request is refused.
   * @returns the outcome
   * @throws StructError if a field is out of range
   */
  pageRequest(request: PageRequest): PageRequestOutcome {
    return this.priQueue.add(request);
  }

  /**
   * Connects a device that the VMM emulates, so that CMD_PRI_RESP and CMD_ATC_INV of its stream reach it.
   * @param streamId its virtual StreamID
   * @param port receives responses to page requests, and ATS invalidations
   * @throws RangeError if another device, of the host or of the VMM, has the StreamID
   */
  addDevice(streamId: number, port: DevicePort = {}): void {
    if (this.options.backend.streams.has(streamId) || this.own.has(streamId))
      throw new RangeError(`streamId: ${streamId} is another device's`);
    this.own.add(streamId, port);
  }

  /** Disconnects a device of {@link addDevice}. Does nothing if there is no such device. */
  removeDevice(streamId: number): void {
    this.own.remove(streamId);
  }

  /**
   * Translates an access of a device that the VMM emulates. Translations are cached until the guest invalidates them. If there is a
   * fault, its event has been written to the guest's queue when this returns.
   * @param streamId the virtual StreamID, which no device of the host has
   * @param ssid the SubstreamID (PASID) of the access; undefined for none
   * @param iova the address, 64 bits; the access must not cross a page of 4 KiB
   * @param access the kind of access; a data read by default
   */
  translate(
    streamId: number,
    ssid: number | undefined,
    iova: bigint,
    access: DeviceAccess = {},
  ): DeviceTranslation {
    return this.own.translate(streamId, ssid, iova, access);
  }

  /**
   * Handles an ATS translation request of a device that the VMM emulates. The device may cache the translation until
   * `atcInvalidate` of its port is called. Source: Arm IHI 0070, 3.9.1.
   * @param streamId the virtual StreamID, which no device of the host has
   * @param ssid the PASID of the request; undefined for none
   * @param iova the address; a page of 4 KiB is translated
   * @param access the requested kind of access
   */
  translationRequest(
    streamId: number,
    ssid: number | undefined,
    iova: bigint,
    access: DeviceAccess = {},
  ): AtsOutcome<bigint> {
    return this.own.translationRequest(streamId, ssid, iova, access);
  }

  /** Continues pending work: streams first, as commands depend on their configuration. @throws HostError */
  private catchUp(): void {
    this.configureStreams();
    this.consume();
    // The failed work has succeeded now.
    this.hostError = undefined;
  }

  /** Consumes commands within the budget, and defers the others. */
  private consume(): void {
    this.commands.run(this.budget);
    this.goOnLater();
  }

  /** Configures stale streams. They stay stale if the host fails. */
  private configureStreams(): void {
    if (!this.areStreamsStale) return;
    this.streams.configureAll();
    this.areStreamsStale = false;
  }
}
