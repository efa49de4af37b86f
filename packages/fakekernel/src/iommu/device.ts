import { iommu_hwpt_pgfault_flags } from '@iommufd/uapi';
import { fail } from '../errno.js';
import { type Domain, NestedDomain } from './domain.js';
import type { IommuDriver } from './driver.js';
import { type AttachHandle, Group, NO_PASID } from './group.js';
import type { PciFunction } from './pci-function.js';
import type { FaultGroup, FaultResponse, PageRequest } from './page-fault.js';

const { IOMMU_PGFAULT_FLAGS_LAST_PAGE, IOMMU_PGFAULT_FLAGS_PASID_VALID } = iommu_hwpt_pgfault_flags;

/** A device behind an IOMMU: something that {@link FakeKernel.plug} takes. */
export abstract class Device {
  /** @internal */
  readonly group: Group;
  /** What the device is attached to; undefined where it is blocked. @internal */
  domain: Domain | undefined;
  /** Who has it for DMA: one context at a time. */
  private dmaOwner: unknown;
  /** Requests of groups whose last one has not come. */
  private partial: PageRequest[] = [];

  /** @internal */
  constructor(
    /** @internal */
    readonly driver: IommuDriver,
    /** How many PASIDs it has; 0 without support. */
    readonly maxPasids: number,
    group = new Group(),
    /** What a program sees of it through VFIO. @internal */
    readonly pci?: PciFunction,
  ) {
    this.group = group;
    group.devices.push(this);
  }

  /** @throws EBUSY if it has another owner @internal */
  claimDma(owner: unknown): void {
    if (this.dmaOwner !== undefined) throw fail('EBUSY');
    this.dmaOwner = owner;
  }

  /** @internal */
  releaseDma(): void {
    this.dmaOwner = undefined;
  }

  /** Moves the device to a domain, or blocks it. @throws Errno of the driver, and nothing has changed @internal */
  attachDomain(domain: Domain | undefined): void {
    if (domain === undefined) this.driver.block(this);
    else domain.attach(this);
    this.domain = domain;
  }

  /** The device was told how its faults were handled. */
  protected answered(_group: FaultGroup, _response: FaultResponse): void {
    // Only hardware that waits for it cares.
  }

  /** IOVAs that the device reserves for itself. @internal */
  reservedRegions(): readonly { readonly start: bigint; readonly last: bigint }[] {
    return [];
  }

  /** Reports a page request. @returns false if there is no handler: then it has been answered as invalid @internal */
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
    const group: FaultGroup = { handle, requests, respond: (response) => this.answered(group, response) };
    handle.domain.faultHandler(group);
    return true;
  }

  /** What translates addresses: the PASID's domain, or the device's if that is nested and has the user's PASID table. */
  protected handleFor(pasid: number | undefined): AttachHandle | undefined {
    const whole = this.group.handle(NO_PASID);
    if (pasid === undefined) return whole;
    const own = this.group.handle(pasid);
    if (own !== undefined || !this.driver.userPasidTable) return own;
    return whole?.domain instanceof NestedDomain ? whole : undefined;
  }
}
