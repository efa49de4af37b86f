import { isQueueEmpty, isQueueOverflowed, nextQueueIndex, splitQueueIndex } from '@iommufd/uapi';
import type { PhysicalBlock } from '../../hardware/physical-memory.js';
import type { SmmuHardware } from '../../hardware/smmu-hardware.js';

/** OVFLG and OVACKFLG. */
const OVERFLOW = 0x8000_0000;

/** The driver's side of the event or PRI queue: `struct arm_smmu_queue`. The hardware fills it, an interrupt thread drains it. */
export class OutputQueue {
  /** The last value read from PROD, with OVFLG. */
  private prod = 0;
  /** The last value written to CONS, with OVACKFLG. */
  private cons = 0;

  constructor(
    private readonly hardware: SmmuHardware,
    private readonly registers: { readonly prod: number; readonly cons: number },
    private readonly block: PhysicalBlock,
    private readonly log2size: number,
    private readonly entryLength: number,
  ) {}

  /**
   * Drains the queue. An overflow is reported when it is noticed, and acknowledged when the queue is empty. Events lost
   * after that toggle OVFLG again, so no overflow goes unnoticed.
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

  /** `queue_remove_raw()`: removes the next entry and advances CONS. */
  private take(): Uint8Array | undefined {
    if (this.isEmpty) return undefined;
    const at = splitQueueIndex(this.cons, this.log2size).index * this.entryLength;
    const entry = this.block.at(at, this.entryLength).slice();
    this.cons = nextQueueIndex(this.cons, this.log2size);
    this.hardware.write32(this.registers.cons, this.cons);
    return entry;
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
