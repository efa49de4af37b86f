import { fail, invariant } from '../errno.js';
import type { Device } from './device.js';
import type { Domain } from './domain.js';

/** The PASID that stands for requests without one. */
export const NO_PASID = 0;

/** An attachment: the domain, and its owner. */
export interface AttachHandle {
  readonly domain: Domain;
  /** For the one who made the attachment. */
  readonly owner: unknown;
}

/** Devices that the IOMMU cannot tell apart: they are attached together. */
export class Group {
  readonly devices: Device[] = [];
  private readonly handles = new Map<number, AttachHandle>();

  /** What a PASID is attached to. */
  handle(pasid: number): AttachHandle | undefined {
    return this.handles.get(pasid);
  }

  /** Attaches the whole group. @throws EBUSY if it is attached; Errno of the driver */
  attach(handle: AttachHandle): void {
    if (this.handles.has(NO_PASID)) throw fail('EBUSY');
    this.moveTo(handle.domain);
    this.handles.set(NO_PASID, handle);
  }

  /** Moves the whole group; on failure it stays where it was. */
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
    for (const device of this.devices) domain.setPasid(device, pasid, old);
  }
}
