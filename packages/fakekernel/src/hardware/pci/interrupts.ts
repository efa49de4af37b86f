/**
 * Interrupts of a function: its INTx line, MSI and MSI-X. The function raises them by number; the host's {@link InterruptSink}
 * receives them. A message is a write over the bus, so it requires bus mastering. A masked interrupt stays pending.
 */
import { getValue, putValue } from '../../process/device-memory.js';
import { restorable } from '../../lib/restorable.js';
import type { MessageBus } from '../dma-device.js';
import type { Bar, Registers } from './bar.js';
import type { ConfigSpace } from './config-space.js';
import {
  PCI_COMMAND,
  PCI_COMMAND_INTX_DISABLE,
  PCI_COMMAND_MASTER,
  PCI_MSI_ADDRESS_LO,
  PCI_MSI_FLAGS,
  PCI_MSI_FLAGS_64BIT,
  PCI_MSI_FLAGS_ENABLE,
  PCI_MSI_FLAGS_MASKBIT,
  PCI_MSI_FLAGS_QMASK,
  PCI_MSI_FLAGS_QSIZE,
  PCI_MSIX_ENTRY_SIZE,
  PCI_MSIX_FLAGS,
  PCI_MSIX_FLAGS_ENABLE,
  PCI_MSIX_FLAGS_MASKALL,
  PCI_MSIX_FLAGS_QSIZE,
  PCI_MSIX_PBA,
  PCI_MSIX_TABLE,
  PCI_STATUS,
  PCI_STATUS_INTERRUPT,
} from './registers.js';

/** Receives the interrupts of a function. */
export interface InterruptSink {
  /**
   * Called when the level of the INTx line has changed. It stays asserted until the function lowers it, or the line is disabled.
   */
  line(asserted: boolean): void;
  /**
   * Called when a message of MSI or MSI-X arrives.
   * @param event the number of its event in the interrupt controller; without one that numbers events, the vector
   */
  message(kind: 'msi' | 'msix', event: number): void;
  /** Called when the port reports an uncorrectable error of the function (AER). */
  error(): void;
}

/** The address and the data of a message. */
interface Message {
  readonly address: bigint;
  readonly data: number;
}

const MASKED = 1;
/** Offset of the vector control word in an entry of the MSI-X table. */
const VECTOR_CONTROL = 12;

/** Offsets of a function's interrupt capabilities in configuration space. */
export interface InterruptCapabilities {
  readonly msi: number | undefined;
  readonly msix: number | undefined;
}

/** The interrupts of a function. */
export class FunctionInterrupts {
  /** The receiver of interrupts. Without one, they are lost. */
  sink: InterruptSink | undefined;
  /**
   * Sends messages through an IOMMU to an interrupt controller, which calls {@link arrive}. Without it, the sink receives them at
   * once.
   */
  bus: Pick<MessageBus, 'send'> | undefined;
  private asserted = false;
  /** The level of the line that the sink has received last. */
  private seen = false;
  /** The MSI-X table as a driver has written it. All vectors are masked at first. */
  private readonly table: DataView;
  private readonly pendingMsix = new Set<number>();

  constructor(
    private readonly config: ConfigSpace,
    private readonly at: InterruptCapabilities,
    bars: readonly (Bar | undefined)[],
  ) {
    this.table = new DataView(new ArrayBuffer(this.msixVectors * PCI_MSIX_ENTRY_SIZE));
    this.resetTable();
    config.watch(PCI_COMMAND, 2, FunctionInterrupts.updates(this));
    const { msi, msix } = at;
    if (msi !== undefined) config.watch(this.msiMaskAt(msi), 4, FunctionInterrupts.deliversMsi(this, msi));
    if (msix === undefined) return;
    config.watch(msix + PCI_MSIX_FLAGS, 2, FunctionInterrupts.deliversMsix(this));
    const { tableRegisters, pendingRegisters } = FunctionInterrupts;
    const pendingLength = Math.ceil(this.msixVectors / 64) * 8;
    this.overlay(bars, config.read(msix + PCI_MSIX_TABLE, 4), this.table.byteLength, tableRegisters(this));
    this.overlay(bars, config.read(msix + PCI_MSIX_PBA, 4), pendingLength, pendingRegisters(this));
  }

  private static readonly updates = restorable(
    'FunctionInterrupts.update',
    (own: FunctionInterrupts) => () => own.update(),
  );

  private static readonly deliversMsi = restorable(
    'FunctionInterrupts.deliverMsi',
    (own: FunctionInterrupts, msi: number) => () => own.deliverMsi(msi),
  );

  private static readonly deliversMsix = restorable(
    'FunctionInterrupts.deliverMsix',
    (own: FunctionInterrupts) => () => own.deliverMsix(),
  );

  private static readonly tableRegisters = restorable(
    'FunctionInterrupts.table',
    (own: FunctionInterrupts): Registers => ({
      read: (offset, size) => own.tableRead(offset, size),
      write: (offset, size, value) => own.tableWrite(offset, size, value),
    }),
  );

  private static readonly pendingRegisters = restorable(
    'FunctionInterrupts.pending',
    (own: FunctionInterrupts): Registers => ({
      read: (offset, size) => own.pendingBits(offset, size),
      write: () => undefined,
    }),
  );

  private overlay(
    bars: readonly (Bar | undefined)[],
    place: number,
    length: number,
    registers: Registers,
  ): void {
    const bar = bars[place & 7];
    const first = place & ~7;
    if (bar === undefined || first + length > bar.size)
      throw new RangeError(`MSI-X: BAR ${place & 7} has no ${length} bytes at 0x${first.toString(16)}`);
    bar.overlay({ first, length, registers });
  }

  /** Number of MSI-X vectors; 0 without MSI-X. */
  get msixVectors(): number {
    const { msix } = this.at;
    return msix === undefined ? 0 : (this.config.read(msix + PCI_MSIX_FLAGS, 2) & PCI_MSIX_FLAGS_QSIZE) + 1;
  }

  /** Largest number of MSI vectors; 0 without MSI. */
  get msiVectors(): number {
    const { msi } = this.at;
    return msi === undefined
      ? 0
      : 1 << ((this.config.read(msi + PCI_MSI_FLAGS, 2) & PCI_MSI_FLAGS_QMASK) >> 1);
  }

  private get isMaster(): boolean {
    return (this.config.read(PCI_COMMAND, 2) & PCI_COMMAND_MASTER) !== 0;
  }

  /** The enabled kind of messages: MSI-X or MSI; undefined if neither is enabled. */
  get enabled(): 'msi' | 'msix' | undefined {
    const { msi, msix } = this.at;
    if (msix !== undefined && (this.config.read(msix + PCI_MSIX_FLAGS, 2) & PCI_MSIX_FLAGS_ENABLE) !== 0)
      return 'msix';
    if (msi !== undefined && (this.config.read(msi + PCI_MSI_FLAGS, 2) & PCI_MSI_FLAGS_ENABLE) !== 0)
      return 'msi';
    return undefined;
  }

  /**
   * Raises an interrupt: a message, or the line if neither MSI nor MSI-X is enabled.
   * @param vector if it is beyond the enabled MSI vectors, the last one is used: the function shares it
   */
  raise(vector = 0): void {
    switch (this.enabled) {
      case 'msix':
        this.raiseMsix(vector);
        break;
      case 'msi':
        this.raiseMsi(vector);
        break;
      default:
        this.setLine(true);
    }
  }

  /** Sets the level of the INTx line. */
  setLine(asserted: boolean): void {
    this.asserted = asserted;
    const status = this.config.read(PCI_STATUS, 2);
    this.config.set(PCI_STATUS, 2, asserted ? status | PCI_STATUS_INTERRUPT : status & ~PCI_STATUS_INTERRUPT);
    this.update();
  }

  /** The level of the line outside the function. */
  get line(): boolean {
    return this.asserted && (this.config.read(PCI_COMMAND, 2) & PCI_COMMAND_INTX_DISABLE) === 0;
  }

  private update(): void {
    if (this.seen === this.line) return;
    this.seen = this.line;
    this.sink?.line(this.seen);
  }

  private raiseMsix(vector: number): void {
    if (vector >= this.msixVectors) return;
    if (this.pendingMsix.size === 0 && this.isDeliverable(vector)) {
      this.send('msix', vector);
      return;
    }
    this.pendingMsix.add(vector);
    this.deliverMsix();
  }

  /** True if neither the function nor the vector is masked. */
  private isDeliverable(vector: number): boolean {
    const { msix } = this.at;
    if (msix === undefined || this.enabled !== 'msix') return false;
    if ((this.config.read(msix + PCI_MSIX_FLAGS, 2) & PCI_MSIX_FLAGS_MASKALL) !== 0) return false;
    return (this.table.getUint32(vector * PCI_MSIX_ENTRY_SIZE + VECTOR_CONTROL, true) & MASKED) === 0;
  }

  private deliverMsix(): void {
    for (const vector of [...this.pendingMsix].sort((a, b) => a - b)) {
      if (!this.isDeliverable(vector)) continue;
      this.pendingMsix.delete(vector);
      this.send('msix', vector);
    }
  }

  /** Writes a message, if bus mastering is enabled. */
  private send(kind: 'msi' | 'msix', vector: number): void {
    if (!this.isMaster) return;
    if (this.bus === undefined) {
      this.sink?.message(kind, vector);
      return;
    }
    const { address, data } = kind === 'msix' ? this.msixMessage(vector) : this.msiMessage(vector);
    this.bus.send(address, data);
  }

  /** Called when a message of the function has arrived at the interrupt controller. */
  arrive(event: number): void {
    const kind = this.enabled;
    if (kind !== undefined) this.sink?.message(kind, event);
  }

  /** The message of a vector in the MSI-X table. */
  private msixMessage(vector: number): Message {
    const at = vector * PCI_MSIX_ENTRY_SIZE;
    return { address: this.table.getBigUint64(at, true), data: this.table.getUint32(at + 8, true) };
  }

  /** The message of an MSI vector: the lower bits of the data are the vector. */
  private msiMessage(vector: number): Message {
    const { msi = 0 } = this.at;
    const is64 = (this.config.read(msi + PCI_MSI_FLAGS, 2) & PCI_MSI_FLAGS_64BIT) !== 0;
    const low = this.config.read(msi + PCI_MSI_ADDRESS_LO, 4) >>> 0;
    const high = is64 ? this.config.read(msi + PCI_MSI_ADDRESS_LO + 4, 4) >>> 0 : 0;
    const data = this.config.read(msi + PCI_MSI_ADDRESS_LO + (is64 ? 8 : 4), 2);
    return { address: (BigInt(high) << 32n) | BigInt(low), data: data | vector };
  }

  private msiMaskAt(msi: number): number {
    const is64 = (this.config.read(msi + PCI_MSI_FLAGS, 2) & PCI_MSI_FLAGS_64BIT) !== 0;
    return msi + (is64 ? 0x10 : 0x0c);
  }

  private raiseMsi(vector: number): void {
    const { msi } = this.at;
    if (msi === undefined) return;
    const flags = this.config.read(msi + PCI_MSI_FLAGS, 2);
    const given = 1 << ((flags & PCI_MSI_FLAGS_QSIZE) >> 4);
    const sent = Math.min(vector, given - 1);
    if ((flags & PCI_MSI_FLAGS_MASKBIT) !== 0) {
      const pendingAt = this.msiMaskAt(msi) + 4;
      this.config.set(pendingAt, 4, this.config.read(pendingAt, 4) | (1 << sent));
      this.deliverMsi(msi);
    } else this.send('msi', sent);
  }

  /** Sends pending messages that are no longer masked. */
  private deliverMsi(msi: number): void {
    if ((this.config.read(msi + PCI_MSI_FLAGS, 2) & PCI_MSI_FLAGS_MASKBIT) === 0) return;
    const maskAt = this.msiMaskAt(msi);
    const ready = this.config.read(maskAt + 4, 4) & ~this.config.read(maskAt, 4);
    for (let vector = 0; vector < 32; vector++) {
      if ((ready & (1 << vector)) === 0) continue;
      this.config.set(maskAt + 4, 4, this.config.read(maskAt + 4, 4) & ~(1 << vector));
      this.send('msi', vector);
    }
  }

  private tableRead(offset: number, size: 1 | 2 | 4 | 8): bigint {
    return getValue(this.table, offset, size);
  }

  private tableWrite(offset: number, size: 1 | 2 | 4 | 8, value: bigint): void {
    putValue(this.table, offset, size, value);
    this.deliverMsix();
  }

  private pendingBits(offset: number, size: 1 | 2 | 4 | 8): bigint {
    let bits = 0n;
    for (const vector of this.pendingMsix) bits |= 1n << BigInt(vector);
    return BigInt.asUintN(8 * size, bits >> BigInt(8 * offset));
  }

  /** Sets the message of an MSI-X vector, as the host's driver does in the table. */
  setMessage(vector: number, address: bigint, data: number): void {
    const at = vector * PCI_MSIX_ENTRY_SIZE;
    this.tableWrite(at, 8, address);
    this.tableWrite(at + 8, 4, BigInt(data));
  }

  /** Masks or unmasks an MSI-X vector, as the host's driver does in the table. */
  maskVector(vector: number, masked: boolean): void {
    const at = vector * PCI_MSIX_ENTRY_SIZE + VECTOR_CONTROL;
    const control = this.table.getUint32(at, true);
    this.tableWrite(at, 4, BigInt(masked ? control | 1 : control & ~1));
  }

  private resetTable(): void {
    for (let vector = 0; vector < this.msixVectors; vector++) {
      for (let word = 0; word < PCI_MSIX_ENTRY_SIZE; word += 4)
        this.table.setUint32(vector * PCI_MSIX_ENTRY_SIZE + word, word === VECTOR_CONTROL ? 1 : 0, true);
    }
  }

  /** Resets the interrupts: the line is lowered, and pending messages are dropped. */
  reset(): void {
    this.pendingMsix.clear();
    this.resetTable();
    this.setLine(false);
  }
}
