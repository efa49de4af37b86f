import { isQueueEmpty, isQueueOverflowed, nextQueueIndex } from '@iommufd/uapi';
import type { PhysicalBlock } from '../../hardware/physical-memory.js';
import type { SmmuHardware } from '../../hardware/smmu-hardware.js';

/** The bit OVFLG of PROD, and OVACKFLG of CONS. */
const OVERFLOW = 0x8000_0000;

/**
 * The driver's side of the event queue or the PRI queue: `struct arm_smmu_queue`. The hardware fills it, an interrupt thread
 * drains it.
 */
export class OutputQueue {
  /** The last value read from PROD, with OVFLG. */
  private prod = 0;
  /** The last value written to CONS, with OVACKFLG. */
  private cons = 0;
  /** The current entry, a copy that the next entry overwrites: `evt` of the driver's threads. */
  readonly entry: Uint8Array;

  constructor(
    private readonly hardware: SmmuHardware,
    private readonly registers: { readonly prod: number; readonly cons: number },
    private readonly block: PhysicalBlock,
    private readonly log2size: number,
    private readonly entryLength: number,
  ) {
    this.entry = new Uint8Array(entryLength);
  }

  /**
   * Drains the queue. An overflow is reported when it is detected, and acknowledged when the queue is empty. If more events are
   * lost after that, OVFLG toggles again, so that every overflow is detected.
   * @param handle called for each entry, which is in {@link entry}
   */
  drain(handle: () => void, overflowed: () => void): void {
    do {
      while (this.take()) handle();
      if (this.readProd()) overflowed();
    } while (!this.isEmpty);
    this.acknowledge();
  }

  private get isEmpty(): boolean {
    return isQueueEmpty(this.prod, this.cons, this.log2size);
  }

  /** `queue_remove_raw()`: removes the next entry and advances CONS. @returns false if the queue is empty */
  private take(): boolean {
    if (this.isEmpty) return false;
    const index = this.cons & (2 ** this.log2size - 1);
    this.block.memory.read(index * this.entryLength, this.entry);
    this.cons = nextQueueIndex(this.cons, this.log2size);
    this.hardware.write32(this.registers.cons, this.cons);
    return true;
  }

  /** `queue_sync_prod_in()`: reads PROD. @returns true if OVFLG has changed since the last read */
  private readProd(): boolean {
    const prod = this.hardware.read32(this.registers.prod);
    const overflowed = isQueueOverflowed(prod, this.prod);
    this.prod = prod;
    return overflowed;
  }

  /** `queue_sync_cons_ovf()`: copies OVFLG to OVACKFLG. */
  private acknowledge(): void {
    if (!isQueueOverflowed(this.prod, this.cons)) return;
    this.cons = ((this.prod & OVERFLOW) | (this.cons & ~OVERFLOW)) >>> 0;
    this.hardware.write32(this.registers.cons, this.cons);
  }
}
