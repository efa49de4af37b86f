import { Device } from '../iommu/device.js';
import type { FaultResponse, PageRequest } from '../iommu/page-fault.js';
import { Dma, type DmaPort } from './dma.js';
import type { RefusalOutcome, Refusal, Transaction, Translation } from './transaction.js';

/** The way of a device's interrupt messages through its IOMMU to an interrupt controller. */
export interface MessageBus {
  /** Writes a message. It is lost if the IOMMU does not let it through. @param address as the function has it */
  send(address: bigint, data: number): void;
  /** Called when a message of the device has come to the interrupt controller, by its number. Set by the function. */
  arrived: ((event: number) => void) | undefined;
}

/** A device that does DMA. Subclasses implement how their IOMMU translates, and how it handles a refused transaction. */
export abstract class DmaDevice extends Device implements DmaPort {
  /** Accesses memory as the device. */
  readonly dma: Dma = new Dma(this);

  /** Undefined if messages reach the host as they are. @internal */
  readonly messages: MessageBus | undefined = undefined;

  /** @internal */
  abstract translate(transaction: Transaction): Translation;

  /** @internal */
  abstract refused(transaction: Transaction, refusal: Refusal): RefusalOutcome;

  protected override answered(requests: readonly PageRequest[], response: FaultResponse): void {
    this.dma.answered(requests, response);
  }
}
