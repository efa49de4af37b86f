import { iommu_hwpt_pgfault_flags } from '@iommufd/uapi';
import { type Features, NEWEST_FEATURES } from '../versions/kernel-version.js';
import { type Domain, NestedDomain } from './domain.js';
import type { IommuDriver } from './driver.js';
import { type AttachHandle, Group, NO_PASID } from './group.js';
import type { MsiDoorbell } from './msi.js';
import type { PciEndpoint, PciFunction } from './pci-function.js';
import type { FaultResponse, PageRequest } from './page-fault.js';
import { restorable } from '../lib/restorable.js';

const { IOMMU_PGFAULT_FLAGS_LAST_PAGE, IOMMU_PGFAULT_FLAGS_PASID_VALID } = iommu_hwpt_pgfault_flags;

/** IOVAs that cannot be mapped: `struct iommu_resv_region`. */
export interface ReservedRegion {
  readonly start: bigint;
  readonly last: bigint;
  /** IOMMU_RESV_SW_MSI: the kernel maps doorbells there. */
  readonly isSwMsi?: boolean;
}

/** A device behind an IOMMU, which {@link FakeKernel.plug} plugs in. */
export abstract class Device {
  /** @internal */
  readonly group: Group;
  /** The domain that the device is attached to; undefined if its DMA is blocked. @internal */
  domain: Domain | undefined;
  /** `dev_name()` of its function, while it is plugged in. @internal */
  name: string | undefined = undefined;
  /** The facts of the kernel that it is bound in. @internal */
  features: Features = NEWEST_FEATURES;
  /** Requests of groups whose last request has not arrived yet. */
  private partial: PageRequest[] = [];

  /** @internal */
  constructor(
    /** @internal */
    readonly driver: IommuDriver,
    /** Number of PASIDs; 0 without support. */
    readonly maxPasids: number,
    group = new Group(),
    /** Its PCI function, as VFIO exposes it. @internal */
    readonly pci?: PciEndpoint | PciFunction,
  ) {
    this.group = group;
    group.devices.push(this);
  }

  /** `iommu_device_claim_dma_owner()`: a group has one owner at a time. @throws EPERM if it has another owner @internal */
  claimDma(owner: unknown): void {
    this.group.claim(owner);
  }

  /** @internal */
  releaseDma(): void {
    this.group.release();
  }

  /**
   * Attaches the device to a domain, or blocks its DMA if `domain` is undefined.
   * @throws Errno of the driver; nothing has changed then @internal
   */
  attachDomain(domain: Domain | undefined): void {
    if (domain === undefined) this.driver.block(this);
    else domain.attach(this);
    this.domain = domain;
  }

  /** Called when a fault group of the device has received its response. */
  protected answered(_requests: readonly PageRequest[], _response: FaultResponse): void {
    // Hardware that waits for the response overrides it.
  }

  /** IOVA ranges that the device reserves: `iommu_get_resv_regions()`. @internal */
  reservedRegions(): readonly ReservedRegion[] {
    return [];
  }

  /** The doorbell of its interrupt messages; undefined if its IOMMU does not translate them. @internal */
  get doorbell(): MsiDoorbell | undefined {
    return undefined;
  }

  /** `iommu_report_device_fault()`. @returns false without a handler: the response is IOMMU_PAGE_RESP_INVALID @internal */
  reportFault(request: PageRequest): boolean {
    const hasPasid = (request.flags & IOMMU_PGFAULT_FLAGS_PASID_VALID) !== 0;
    const handle = this.handleFor(hasPasid ? request.pasid : undefined);
    if ((request.flags & IOMMU_PGFAULT_FLAGS_LAST_PAGE) === 0) {
      this.partial.push(request);
      return handle !== undefined;
    }
    const requests = [...this.partial.filter(({ grpid }) => grpid === request.grpid), request];
    this.partial = this.partial.filter(({ grpid }) => grpid !== request.grpid);
    if (handle?.domain.faultHandler === undefined) return false;
    handle.domain.faultHandler({ handle, requests, respond: Device.responds(this, requests) });
    return true;
  }

  private static readonly responds = restorable(
    'Device.answered',
    (device: Device, requests: readonly PageRequest[]) => (response: FaultResponse) =>
      device.answered(requests, response),
  );

  /** The attachment that translates: that of the PASID, or that of the device if its nested domain has the user's PASID table. */
  protected handleFor(pasid: number | undefined): AttachHandle | undefined {
    const whole = this.group.handle(NO_PASID);
    if (pasid === undefined) return whole;
    const own = this.group.handle(pasid);
    if (own !== undefined || !this.driver.userPasidTable) return own;
    return whole?.domain instanceof NestedDomain ? whole : undefined;
  }
}
