import { isQueueEmpty, isQueueOverflowed, nextQueueIndex, splitQueueIndex } from '@iommufd/uapi';
import type { PhysicalBlock } from '../../hardware/physical-memory.js';
import type { SmmuHardware } from '../../hardware/smmu-hardware.js';

/** OVFLG and OVACKFLG. */
const OVERFLOW = 0x8000_0000;

/** A queue that the hardware fills and a thread of the driver drains. */
export class OutputQueue {
  /** The write index as it was read last, with OVFLG. */
  private prod = 0;
  /** The read index as it was written last, with OVACKFLG. */
  private cons = 0;

  constructor(
    private readonly hardware: SmmuHardware,
    private readonly registers: { readonly prod: number; readonly cons: number },
    private readonly block: PhysicalBlock,
    private readonly log2size: number,
    private readonly entryLength: number,
  ) {}

  /**
   * Empties the queue. An overflow is reported when it is noticed; it is acknowledged when nothing is left, whether or not
   * more came meanwhile. What is lost after that sets the flag again, so its notice is not lost.
   */
  drain(handle: (entry: Uint8Array) => void, overflowed: () => void): void {
    do {
      for (let entry = this.take(); entry !== undefined; entry = this.take()) handle(entry);
      if (this.readProd()) overflowed();
    } while (!this.isEmpty);
    this.acknowledge();
  }

  private get isEmpty(): boolean {
    return isQueueEmpty(this.prod, this.cons, this.log2size);
  }

  /** The next entry, whose room the hardware has again: `queue_remove_raw()`. */
  private take(): Uint8Array | undefined {
    if (this.isEmpty) return undefined;
    const at = splitQueueIndex(this.cons, this.log2size).index * this.entryLength;
    const entry = this.block.at(at, this.entryLength).slice();
    this.cons = nextQueueIndex(this.cons, this.log2size);
    this.hardware.write32(this.registers.cons, this.cons);
    return entry;
  }

  /** Looks what has come: `queue_sync_prod_in()`. @returns true if OVFLG has changed since the last time */
  private readProd(): boolean {
    const prod = this.hardware.read32(this.registers.prod);
    const overflowed = isQueueOverflowed(prod, this.prod);
    this.prod = prod;
    return overflowed;
  }

  /** `queue_sync_cons_ovf()` */
  private acknowledge(): void {
    if (!isQueueOverflowed(this.prod, this.cons)) return;
    this.cons = ((this.prod & OVERFLOW) | (this.cons & ~OVERFLOW)) >>> 0;
    this.hardware.write32(this.registers.cons, this.cons);
  }
}
