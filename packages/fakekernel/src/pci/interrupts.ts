/**
 * The interrupt numbers of the machine, allocated as Linux does: lines have their IOAPIC pin, vectors have numbers from {@link
 * FIRST_VECTOR} on. Each also has an entry in the table of VT-d's interrupt remapping (`alloc_irte()` of
 * `drivers/iommu/intel/irq_remapping.c`), which the address of a message refers to. Numbers and entries are the lowest free ones,
 * so they depend on what is already allocated: for ISA lines, ports, and other functions with a Linux driver.
 */
import type { PciNode, PciTopology } from '../hardware/pci/topology.js';

/** Number of IOAPIC pins. Numbers from here on are for vectors. */
const FIRST_VECTOR = 24;
/** Lines that Linux connects at boot: the ISA lines except the cascade (`setup_IO_APIC_irqs()`). */
const ISA_LINES = 15;
/** The vector of the VT-d unit itself, whose messages are not remapped. */
const VTD_VECTORS = 1;
/** The line of a function without an interrupt pin. */
const NO_LINE = 0;

/** An allocator of numbers: the lowest free ones. */
export class LowestFree {
  private readonly taken = new Set<number>();

  constructor(private readonly first: number) {}

  /** Allocates `count` consecutive numbers, from a multiple of `alignment` on. @returns the first */
  take(count: number, alignment = 1): number {
    let from = Math.ceil(this.first / alignment) * alignment;
    for (let number = from; number < from + count; number++)
      if (this.taken.has(number)) {
        from = Math.ceil((number + 1) / alignment) * alignment;
        number = from - 1;
      }
    for (let number = from; number < from + count; number++) this.taken.add(number);
    return from;
  }

  giveBack(from: number, count: number): void {
    for (let number = from; number < from + count; number++) this.taken.delete(number);
  }
}

/** Vectors of a function: consecutive numbers, and the entry of the first. */
export interface Vectors {
  readonly first: number;
  readonly count: number;
  readonly entry: number;
}

/** A connected line. */
interface Line {
  users: number;
  readonly entry: number;
}

/** The allocated numbers and entries. */
interface Given {
  readonly numbers: LowestFree;
  readonly entries: LowestFree;
  /** By number: the lines of functions that Linux drives, and of enabled functions. */
  readonly lines: Map<number, Line>;
}

/** The allocator that the head of this file describes. */
export class Interrupts {
  /** Created when the first function is enabled: all ports exist by then. */
  private given: Given | undefined;

  constructor(private readonly topology: PciTopology) {}

  private get all(): Given {
    return (this.given ??= this.atStart());
  }

  /**
   * The numbers that Linux's drivers have allocated when the first program runs: a line and a vector for each function with a
   * driver.
   */
  private atStart(): Given {
    const { driven } = this.topology;
    const lines = new Map<number, Line>();
    for (const node of driven)
      lines.set(this.topology.interruptOf(node), { users: 1, entry: ISA_LINES + lines.size });
    return {
      numbers: new LowestFree(FIRST_VECTOR + VTD_VECTORS + driven.length),
      entries: new LowestFree(ISA_LINES + lines.size + driven.length),
      lines,
    };
  }

  /** The number to which the line of a function is routed; 0 without a pin. */
  lineOf(node: PciNode): number {
    return this.topology.interruptOf(node);
  }

  /** `acpi_pci_irq_enable()`: functions that share a line share its entry. */
  connect(line: number): void {
    if (line === NO_LINE) return;
    const { lines, entries } = this.all;
    const known = lines.get(line);
    if (known === undefined) lines.set(line, { users: 1, entry: entries.take(1) });
    else known.users++;
  }

  /** `acpi_pci_irq_disable()` */
  disconnect(line: number): void {
    const { lines, entries } = this.all;
    const known = lines.get(line);
    if (known === undefined || --known.users > 0) return;
    lines.delete(line);
    entries.giveBack(known.entry, 1);
  }

  /**
   * Allocates vectors that share a message address. Their number of entries is rounded up to a power of two, and aligned to it.
   */
  take(count: number): Vectors {
    const size = entriesOf(count);
    return { first: this.all.numbers.take(count), count, entry: this.all.entries.take(size, size) };
  }

  giveBack({ first, count, entry }: Vectors): void {
    this.all.numbers.giveBack(first, count);
    this.all.entries.giveBack(entry, entriesOf(count));
  }
}

/** `__roundup_pow_of_two()` */
const entriesOf = (count: number): number => 2 ** Math.ceil(Math.log2(count));
