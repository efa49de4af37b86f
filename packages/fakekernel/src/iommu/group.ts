import { fail, invariant } from '../errno.js';
import { failurePoint } from '../process/failure-points.js';
import type { Device } from './device.js';
import type { Domain } from './domain.js';

/** `IOMMU_NO_PASID`: DMA without a PASID. */
export const NO_PASID = 0;

/** An attachment: `struct iommu_attach_handle`. */
export interface AttachHandle {
  readonly domain: Domain;
  /** The caller's own value. The group does not read it. */
  readonly owner: unknown;
}

/**
 * Devices that the IOMMU cannot isolate from each other: `struct iommu_group`. They are attached together. If one of them fails,
 * the others return to their old domain.
 */
export class Group {
  readonly devices: Device[] = [];
  private readonly handles = new Map<number, AttachHandle>();
  /** The owner of DMA for the group, and the number of its devices that have claimed it. */
  private owner: unknown;
  private ownerCount = 0;

  /** @throws EPERM if it has another owner */
  claim(owner: unknown): void {
    if (this.ownerCount > 0 && this.owner !== owner) throw fail('EPERM');
    this.owner = owner;
    this.ownerCount++;
  }

  /** `iommu_group_dma_owner_claimed()`. */
  get isClaimed(): boolean {
    return this.ownerCount > 0;
  }

  release(): void {
    if (--this.ownerCount === 0) this.owner = undefined;
  }

  /** The attachment of a PASID. */
  handle(pasid: number): AttachHandle | undefined {
    return this.handles.get(pasid);
  }

  /**
   * Attaches all devices.
   * @throws EBUSY if the group is attached; EINVAL if the domain belongs to another driver; Errno of the driver
   */
  attach(handle: AttachHandle): void {
    if (this.handles.has(NO_PASID)) throw fail('EBUSY');
    this.moveTo(handle.domain);
    this.handles.set(NO_PASID, handle);
  }

  /** Moves all devices to another domain. If it fails, they keep their old attachment. */
  replace(handle: AttachHandle): void {
    this.moveTo(handle.domain);
    this.handles.set(NO_PASID, handle);
  }

  detach(): void {
    for (const device of this.devices) device.attachDomain(undefined);
    this.handles.delete(NO_PASID);
  }

  private moveTo(domain: Domain): void {
    const moved: { readonly device: Device; readonly old: Domain | undefined }[] = [];
    try {
      for (const device of this.devices) {
        if (device.driver !== domain.driver) throw fail('EINVAL');
        const old = device.domain;
        failurePoint('driver', 'attach_dev()');
        device.attachDomain(domain);
        moved.push({ device, old });
      }
    } catch (cause) {
      for (const { device, old } of moved.reverse()) device.attachDomain(old);
      throw cause;
    }
  }

  attachPasid(pasid: number, handle: AttachHandle): void {
    this.checkPasid(pasid, handle.domain);
    if (this.handles.has(pasid)) throw fail('EBUSY');
    this.setPasid(pasid, handle.domain, undefined);
    this.handles.set(pasid, handle);
  }

  replacePasid(pasid: number, handle: AttachHandle): void {
    this.checkPasid(pasid, handle.domain);
    const old = this.handles.get(pasid);
    if (old === undefined) throw fail('EINVAL');
    if (old.domain !== handle.domain) this.setPasid(pasid, handle.domain, old.domain);
    this.handles.set(pasid, handle);
  }

  detachPasid(pasid: number): void {
    const old = this.handles.get(pasid);
    invariant(old !== undefined, () => `PASID ${pasid} is detached and was not attached`);
    for (const device of this.devices) device.driver.blockPasid(device, pasid, old.domain);
    this.handles.delete(pasid);
  }

  private checkPasid(pasid: number, domain: Domain): void {
    if (pasid === NO_PASID) throw fail('EINVAL');
    for (const device of this.devices) {
      if (device.driver !== domain.driver || pasid >= device.maxPasids) throw fail('EINVAL');
    }
  }

  private setPasid(pasid: number, domain: Domain, old: Domain | undefined): void {
    failurePoint('driver', 'set_dev_pasid()');
    for (const device of this.devices) domain.setPasid(device, pasid, old);
  }
}
