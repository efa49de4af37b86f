/**
 * The interrupts of the machine, as Linux gives out their numbers: lines by their number at the IOAPIC, vectors from
 * {@link FIRST_VECTOR} on, and for each of them an entry of the table of VT-d's interrupt remapping (`alloc_irte()` of
 * `drivers/iommu/intel/irq_remapping.c`), which the address of a message names. Numbers and entries are the lowest that are free,
 * so that they follow from what else has some: the lines of ISA, ports, and other functions that Linux has a driver for.
 */
import type { PciNode, PciTopology } from '../hardware/pci/topology.js';

/** Pins of the IOAPIC. Numbers from here on are for vectors. */
const FIRST_VECTOR = 24;
/** Lines that Linux connects when it starts: those of ISA but for the cascade (`setup_IO_APIC_irqs()`). */
const ISA_LINES = 15;
/** The vector of the VT-d unit itself, whose messages are not remapped. */
const VTD_VECTORS = 1;
/** The line of a function that has no pin. */
const NO_LINE = 0;

/** Numbers that are given out: the lowest that are free. */
export class LowestFree {
  private readonly taken = new Set<number>();

  constructor(private readonly first: number) {}

  /** As many as are asked for, one after another, from a multiple of `alignment` on. @returns the first */
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

/** Vectors of a function: so many numbers, and the entry of the first. */
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

/** What has numbers since the machine started. */
interface Given {
  readonly numbers: LowestFree;
  readonly entries: LowestFree;
  /** By number: those of what Linux drives, and of functions that are enabled. */
  readonly lines: Map<number, Line>;
}

/** @see the head of this file */
export class Interrupts {
  /** Made when the first function is enabled: all ports are there by then. */
  private given: Given | undefined;

  constructor(private readonly topology: PciTopology) {}

  private get all(): Given {
    return (this.given ??= this.atStart());
  }

  /** What Linux's drivers have taken when the first program runs: each function that is driven has its line and a vector. */
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

  /** The number that the line of a function is routed to; 0 without a pin. */
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

  /** Vectors that one message address is for. Their entries are as many as a power of two, and aligned to it. */
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
