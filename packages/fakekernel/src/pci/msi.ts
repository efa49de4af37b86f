/**
 * Message-signalled interrupts of a function as Linux's PCI core sets them up: `drivers/pci/msi/msi.c`. While MSI or MSI-X is
 * enabled, the function's interrupt line is disabled. A vector sends no messages before a driver has requested it.
 */
import { Errno, fail } from '../errno.js';
import {
  PCI_CAP_ID,
  PCI_COMMAND,
  PCI_COMMAND_INTX_DISABLE,
  PCI_MSI_ADDRESS_LO,
  PCI_MSI_FLAGS,
  PCI_MSI_FLAGS_64BIT,
  PCI_MSI_FLAGS_ENABLE,
  PCI_MSI_FLAGS_MASKBIT,
  PCI_MSI_FLAGS_QMASK,
  PCI_MSI_FLAGS_QSIZE,
  PCI_MSIX_FLAGS,
  PCI_MSIX_FLAGS_ENABLE,
  PCI_MSIX_FLAGS_MASKALL,
  PCI_MSIX_FLAGS_QSIZE,
} from '../hardware/pci/registers.js';
import { prepareMsi } from '../iommu/msi.js';
import type { Interrupts, Vectors } from './interrupts.js';
import type { PciDev } from './pci-dev.js';

/** The address window of interrupt messages on x86, and the bits of its remappable format. VT-d specification 5.1.2.2. */
const MESSAGE_ADDRESS = 0xfee0_0000;
const INTERRUPT_FORMAT = 0x10;
const SUBHANDLE_VALID = 0x08;
const HANDLE_SHIFT = 5;

/** Not all vectors could be allocated. `pci_alloc_irq_vectors()` tries again with this number. */
class FewerVectors extends Error {
  constructor(readonly count: number) {
    super(`only ${count} vectors`);
  }
}

/** A message that the IOMMU translates: its address, and the first of its events, which is its data. */
interface TranslatedMessage {
  readonly address: bigint;
  readonly event: number;
  /** Number of events: those of MSI have one message. */
  readonly count: number;
}

/** The vectors that a function has allocated: `pci_alloc_irq_vectors()`. */
export abstract class MsiVectors {
  /** The numbers of each vector, and of those after it that share its message address. MSI-X can allocate more vectors later. */
  protected readonly given = new Map<number, Vectors>();
  /** Vectors that a driver has requested. */
  protected readonly requested = new Set<number>();
  /** The messages of the vectors, if the IOMMU translates them. */
  private readonly messages = new Map<number, TranslatedMessage>();
  /** Vectors that were released. Their message is zero: `msi_domain_deactivate()`. */
  private readonly deactivated = new Set<number>();
  private readonly latched = new Set<number>();
  private readonly oldIrq: number;

  constructor(
    protected readonly pdev: PciDev,
    protected readonly interrupts: Interrupts,
    count: number,
    protected readonly at: number,
  ) {
    // `__pci_enable_msi_range()`
    if (count < 1) throw fail('ERANGE');
    this.oldIrq = pdev.irq;
  }

  /** The numbers of the vectors, in order. */
  get numbers(): number[] {
    return [...this.given.values()].flatMap(({ first, count }) =>
      Array.from({ length: count }, (_, i) => first + i),
    );
  }

  /**
   * Prepares vectors that are allocated together. If one fails, all are released.
   * @param shared the number of vectors that share the message of each
   * @throws FewerVectors with the number of vectors before the failing one, or 1 for vectors with one message: `msi_handle_pci_fail()`
   */
  protected give(vectors: Iterable<number>, shared = 1): void {
    let prepared = 0;
    try {
      for (const vector of vectors) {
        this.prepare(vector, shared);
        prepared++;
      }
    } catch (cause) {
      this.giveBack();
      const fewer = shared > 1 ? 1 : prepared;
      throw cause instanceof Errno && fewer > 0 ? new FewerVectors(fewer) : cause;
    }
  }

  /** The vector of a message that has arrived; undefined if its event belongs to none. Untranslated messages have the vector itself. */
  vectorOf(event: number): number | undefined {
    if (this.messages.size === 0) return event;
    for (const [vector, message] of this.messages) {
      const nth = event - message.event;
      if (nth >= 0 && nth < message.count) return vector + nth;
    }
    return undefined;
  }

  /** `pci_irq_vector()`: true if this vector has been allocated. */
  abstract has(vector: number): boolean;

  /** `request_irq()`: from now on the vector may send its message. A pending message is sent at once. */
  request(vector: number): void {
    this.requested.add(vector);
    if (this.deactivated.delete(vector)) this.writeMessage(vector);
    this.mask(vector, false);
  }

  /**
   * Keeps a message of a vector that is not requested. An ITS keeps the interrupt pending until it is enabled; without one, the message
   * is lost.
   */
  latch(vector: number): void {
    if (this.messages.size > 0 && !this.deactivated.has(vector)) this.latched.add(vector);
  }

  /** True if a message was kept. It is not kept any longer. */
  takeLatched(vector: number): boolean {
    return this.latched.delete(vector);
  }

  /** `free_irq()`: a function whose MSIs cannot be masked may still send the message, to address 0. */
  release(vector: number): void {
    this.requested.delete(vector);
    this.mask(vector, true);
    this.deactivated.add(vector);
    this.writeMessage(vector);
  }

  /** `pci_free_irq_vectors()` */
  free(): void {
    this.setEnabled(false);
    this.setLineDisabled(false);
    this.pdev.irq = this.oldIrq;
    this.giveBack();
    this.pdev.msi = undefined;
  }

  private giveBack(): void {
    for (const vectors of this.given.values()) this.interrupts.giveBack(vectors);
    const events = this.pdev.behind?.doorbell?.events;
    for (const { event, count } of this.messages.values()) events?.giveBack(event, count);
  }

  /** `pci_restore_msi_state()`: called after a reset that has cleared the function's registers. */
  abstract restore(): void;

  /** `pci_write_msi_msg()` */
  protected abstract writeMessage(vector: number): void;

  protected abstract mask(vector: number, masked: boolean): void;
  protected abstract setEnabled(on: boolean): void;

  /** `pci_intx_for_msi()` */
  protected setLineDisabled(disabled: boolean): void {
    const command = this.pdev.readConfig(PCI_COMMAND, 2) & ~PCI_COMMAND_INTX_DISABLE;
    this.pdev.writeConfig(PCI_COMMAND, 2, disabled ? command | PCI_COMMAND_INTX_DISABLE : command);
  }

  /** The number of vectors of the capability. */
  protected abstract get most(): number;

  /**
   * Takes events, and maps the doorbell for the device: `its_irq_domain_alloc()`. If the doorbell cannot be mapped, Linux never frees
   * the events. A device with one vector then has no messages any more.
   * @param count the number of vectors that share the message
   * @throws ENOSPC for every failure
   */
  protected prepare(vector: number, count = 1): void {
    const { behind } = this.pdev;
    const doorbell = behind?.doorbell;
    if (behind === undefined || doorbell === undefined) return;
    try {
      doorbell.events.prepare(this.most);
      const event = doorbell.events.take(count);
      this.messages.set(vector, { address: prepareMsi(behind, doorbell), event, count });
    } catch (cause) {
      if (cause instanceof Errno) throw fail('ENOSPC');
      throw cause;
    }
  }

  /**
   * The message of a vector. On x86 the address identifies the interrupt, and the data is 0. With an ITS, the data is the number
   * of the event.
   */
  protected messageOf(vector: number, flags = 0): { readonly address: bigint; readonly data: number } {
    if (this.deactivated.has(vector)) return { address: 0n, data: 0 };
    const translated = this.messages.get(vector);
    if (translated !== undefined) return { address: translated.address, data: translated.event };
    const handle = this.given.get(vector)?.entry ?? 0;
    const address = MESSAGE_ADDRESS | (handle << HANDLE_SHIFT) | INTERRUPT_FORMAT | flags;
    return { address: BigInt(address >>> 0), data: 0 };
  }
}

/** Vectors of MSI: all are allocated together, with one address. */
export class PlainMsiVectors extends MsiVectors {
  /** `msi_capability_init()`. @throws ERANGE if the number of vectors is 0 */
  constructor(
    pdev: PciDev,
    interrupts: Interrupts,
    private readonly count: number,
    at: number,
  ) {
    super(pdev, interrupts, count, at);
    const vectors = interrupts.take(count);
    this.given.set(0, vectors);
    this.give([0], count);
    pdev.irq = vectors.first;
    this.restore();
    pdev.msi = this;
  }

  override has(vector: number): boolean {
    return vector < this.count;
  }

  restore(): void {
    this.setEnabled(false);
    for (let vector = 0; vector < this.count; vector++) this.mask(vector, !this.requested.has(vector));
    this.setLineDisabled(true);
    this.writeMessage(0);
    this.setEnabled(true);
  }

  /** Writes the message of the first vector, which all share. */
  protected override writeMessage(vector: number): void {
    if (vector !== 0) return;
    const is64 = (this.flags & PCI_MSI_FLAGS_64BIT) !== 0;
    const { address, data } = this.messageOf(0, SUBHANDLE_VALID);
    this.pdev.writeConfig(this.at + PCI_MSI_ADDRESS_LO, 4, Number(BigInt.asUintN(32, address)));
    if (is64) this.pdev.writeConfig(this.at + PCI_MSI_ADDRESS_LO + 4, 4, Number(address >> 32n));
    this.pdev.writeConfig(this.at + PCI_MSI_ADDRESS_LO + (is64 ? 8 : 4), 2, data);
  }

  private get flags(): number {
    return this.pdev.readConfig(this.at + PCI_MSI_FLAGS, 2);
  }

  /** `pci_msi_vec_count()` */
  protected override get most(): number {
    return 1 << ((this.flags & PCI_MSI_FLAGS_QMASK) >> 1);
  }

  protected override setEnabled(on: boolean): void {
    const others = this.flags & ~(PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE);
    // The number of enabled vectors is a power of two.
    const log2 = Math.ceil(Math.log2(this.count));
    this.pdev.writeConfig(
      this.at + PCI_MSI_FLAGS,
      2,
      on ? others | (log2 << 4) | PCI_MSI_FLAGS_ENABLE : others,
    );
  }

  protected override mask(vector: number, masked: boolean): void {
    const { flags } = this;
    if ((flags & PCI_MSI_FLAGS_MASKBIT) === 0) return;
    const at = this.at + ((flags & PCI_MSI_FLAGS_64BIT) === 0 ? 0x0c : 0x10);
    const mask = this.pdev.readConfig(at, 4);
    this.pdev.writeConfig(at, 4, masked ? mask | (1 << vector) : mask & ~(1 << vector));
  }
}

/** Vectors of MSI-X: each has its own entry in the table. */
export class MsixVectors extends MsiVectors {
  /** `msix_capability_init()`. @throws ERANGE if the number of vectors is 0 */
  constructor(pdev: PciDev, interrupts: Interrupts, count: number, at: number) {
    super(pdev, interrupts, count, at);
    for (let vector = 0; vector < count; vector++) this.given.set(vector, interrupts.take(1));
    this.give(this.given.keys());
    this.restore();
    pdev.msi = this;
  }

  override has(vector: number): boolean {
    return this.given.has(vector);
  }

  /** `pci_msix_alloc_irq_at()` */
  add(vector: number): void {
    this.prepare(vector);
    this.given.set(vector, this.interrupts.take(1));
    this.writeMessage(vector);
  }

  /** Writes the table even if memory decoding is disabled: Linux enables it while it writes. */
  restore(): void {
    this.setLineDisabled(true);
    this.writeFlags(PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
    for (const vector of this.given.keys()) {
      this.writeMessage(vector);
      this.mask(vector, !this.requested.has(vector));
    }
    this.writeFlags(PCI_MSIX_FLAGS_ENABLE);
  }

  /** `pci_msix_vec_count()` */
  protected override get most(): number {
    return (this.pdev.readConfig(this.at + PCI_MSIX_FLAGS, 2) & PCI_MSIX_FLAGS_QSIZE) + 1;
  }

  override writeMessage(vector: number): void {
    const { interrupts } = this.pdev.hardware;
    const { address, data } = this.messageOf(vector);
    interrupts.setMessage(vector, address, data);
  }

  protected override setEnabled(on: boolean): void {
    this.writeFlags(on ? PCI_MSIX_FLAGS_ENABLE : 0);
  }

  private writeFlags(flags: number): void {
    const old = this.pdev.readConfig(this.at + PCI_MSIX_FLAGS, 2);
    const others = old & ~(PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
    this.pdev.writeConfig(this.at + PCI_MSIX_FLAGS, 2, others | flags);
  }

  protected override mask(vector: number, masked: boolean): void {
    this.pdev.hardware.interrupts.maskVector(vector, masked);
  }
}

/**
 * `pci_alloc_irq_vectors()` with a minimum of 1. Fewer vectors are allocated if there are not enough events.
 * @throws ENOSPC if the capability is missing, or no vector can be allocated; ERANGE if the number of vectors is 0
 */
export function allocVectors(
  pdev: PciDev,
  interrupts: Interrupts,
  kind: 'msi' | 'msix',
  count: number,
): MsiVectors {
  const at = pdev.findCapability(kind === 'msi' ? PCI_CAP_ID.MSI : PCI_CAP_ID.MSIX);
  if (at === undefined) throw fail('ENOSPC');
  const Vectors = kind === 'msi' ? PlainMsiVectors : MsixVectors;
  for (let asked = count; ;) {
    try {
      return new Vectors(pdev, interrupts, asked, at);
    } catch (cause) {
      if (!(cause instanceof FewerVectors)) throw cause;
      asked = cause.count;
    }
  }
}
