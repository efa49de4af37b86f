import { Device } from '../iommu/device.js';
import type { FaultResponse, PageRequest } from '../iommu/page-fault.js';
import { Dma, type DmaPort } from './dma.js';
import type { RefusalOutcome, Refusal, Transaction, Translation } from './transaction.js';

/** A device that does DMA. Subclasses implement how their IOMMU translates, and how it handles a refused transaction. */
export abstract class DmaDevice extends Device implements DmaPort {
  /** Accesses memory as the device. */
  readonly dma: Dma = new Dma(this);

  /** @internal */
  abstract translate(transaction: Transaction): Translation;

  /** @internal */
  abstract refused(transaction: Transaction, refusal: Refusal): RefusalOutcome;

  protected override answered(requests: readonly PageRequest[], response: FaultResponse): void {
    this.dma.answered(requests, response);
  }
}
