/**
 * The numbers of events that a device has in an ITS: `lpi_map` of Linux's `struct its_device` (`drivers/irqchip/irq-gic-v3-its.c`).
 * A message contains the number of its event.
 */
import { fail } from '../errno.js';

const powerOfTwo = (count: number): number => 2 ** Math.ceil(Math.log2(count));

/** The events of a device. */
export class ItsEvents {
  private size = 0;
  private readonly used = new Set<number>();

  /**
   * `its_msi_prepare()`: makes room for the vectors of MSI or of MSI-X. The room is kept while an event is in use.
   * @param most the number of vectors of the capability
   */
  prepare(most: number): void {
    if (this.used.size === 0) this.size = powerOfTwo(most);
  }

  /** `its_alloc_device_irq()`: takes events in a row, from a multiple of their number on. @throws ENOSPC */
  take(count: number): number {
    const length = powerOfTwo(count);
    for (let first = 0; first + length <= this.size; first += length) {
      const row = Array.from({ length }, (_, i) => first + i);
      if (row.some((event) => this.used.has(event))) continue;
      for (const event of row) this.used.add(event);
      return first;
    }
    throw fail('ENOSPC');
  }

  /** `its_irq_domain_free()` */
  giveBack(first: number, count: number): void {
    for (let i = 0; i < powerOfTwo(count); i++) this.used.delete(first + i);
  }
}
