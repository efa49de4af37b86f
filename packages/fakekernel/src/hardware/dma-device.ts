import { Device } from '../iommu/device.js';
import type { FaultResponse, PageRequest } from '../iommu/page-fault.js';
import { Dma, type DmaPort } from './dma.js';
import type { PciIommu } from './pci/pci-iommu.js';
import type { RefusalOutcome, Refusal, Transaction, Translation } from './transaction.js';

/** The path of a device's interrupt messages through its IOMMU to an interrupt controller. */
export interface MessageBus {
  /** Writes a message. It is lost if the IOMMU refuses it. @param address the address that the function was programmed with */
  send(address: bigint, data: number): void;
  /** Called with the number of a message of the device that has arrived at the interrupt controller. Set by the function. */
  arrived: ((event: number) => void) | undefined;
}

/** A device that does DMA. Subclasses implement the translation of their IOMMU, and the handling of refused transactions. */
export abstract class DmaDevice extends Device implements DmaPort {
  /** Accesses memory as the device does. */
  readonly dma: Dma = new Dma(this);

  /** Undefined if the IOMMU does not translate messages. @internal */
  readonly messages: MessageBus | undefined = undefined;

  /** Puts its virtual functions behind its IOMMU; undefined if it has none. @internal */
  get siblings(): PciIommu | undefined {
    return undefined;
  }

  /** @internal */
  abstract translate(transaction: Transaction): Translation;

  /** @internal */
  abstract refused(transaction: Transaction, refusal: Refusal): RefusalOutcome;

  protected override answered(requests: readonly PageRequest[], response: FaultResponse): void {
    this.dma.answered(requests, response);
  }
}
