import { DmaDevice } from '../../hardware/dma-device.js';
import type { RefusalOutcome, Transaction, Translation } from '../../hardware/transaction.js';
import { INTERRUPT_WINDOW } from '../../hardware/vtd/vtd-unit.js';
import type { Group } from '../../iommu/group.js';
import type { PciEndpoint, PciFunction } from '../../iommu/pci-function.js';
import type { IntelIommu } from './intel-iommu.js';

/** A device behind a VT-d unit. */
export interface VtdDeviceOptions {
  /** Its requester ID: bus in the upper 8 bits, device in the next 5, function in the lower 3. */
  readonly sourceId: number;
  /** Number of PASID bits that it can send. Default: 0, which means no PASIDs. */
  readonly pasidBits?: number;
  /** Its IOMMU group, if it shares one with other devices. @internal */
  readonly group?: Group;
  /** Its PCI function, as VFIO exposes it. */
  readonly pci?: PciEndpoint | PciFunction | undefined;
}

/** A device that does DMA behind a {@link FakeVtd}: `struct device_domain_info`. */
export class VtdDevice extends DmaDevice {
  /** Its requester ID: bus, device and function. */
  readonly sourceId: number;

  /** @internal */
  constructor(
    /** @internal */
    readonly iommu: IntelIommu,
    { sourceId, pasidBits = 0, group, pci }: VtdDeviceOptions,
  ) {
    super(iommu, pasidBits === 0 ? 0 : 1 << pasidBits, group, pci);
    this.sourceId = sourceId;
  }

  /** `intel_iommu_get_resv_regions()`: the window for interrupt messages. @internal */
  override reservedRegions(): readonly { readonly start: bigint; readonly last: bigint }[] {
    return [INTERRUPT_WINDOW];
  }

  /** @internal */
  override translate(transaction: Transaction): Translation {
    return this.iommu.unit.translate(this.sourceId, transaction);
  }

  /** A refused access is aborted, because there are no page requests. @internal */
  override refused(): RefusalOutcome {
    return 'abort';
  }
}
