import { fail, invariant } from '../errno.js';
import type { Device } from '../iommu/device.js';
import { type AttachHandle, type Group, NO_PASID } from '../iommu/group.js';
import type { IommufdContext } from './context.js';
import { Hwpt, HwptPaging, pagingOf, putHwpt } from './hwpt.js';
import { Ioas } from './ioas.js';
import { IommufdObject } from './object.js';
import type { Vdevice } from './vdevice.js';

/** The devices of a group that are attached through one PASID, all to the same page table. */
interface Attachment {
  hwpt: Hwpt;
  readonly devices: Set<IommufdDevice>;
}

/** An IOMMU group as a context sees it: what its devices are attached to. */
export class DeviceGroup {
  readonly attachments = new Map<number, Attachment>();

  constructor(readonly group: Group) {}
}

/** Attaches a device to a page table. @returns a page table that was left and is to be put */
type Attach = (device: IommufdDevice, pasid: number, hwpt: Hwpt) => Hwpt | undefined;

/** A device that was bound to a context. */
export class IommufdDevice extends IommufdObject {
  readonly kind = 'device';
  /** Its id on a virtual IOMMU, if it has one. */
  vdevice: Vdevice | undefined;

  private constructor(
    readonly context: IommufdContext,
    readonly device: Device,
    readonly group: DeviceGroup,
  ) {
    super();
  }

  /** Gives a device an id in a context. The one who binds it is a user of it until {@link unbind}. */
  static bindDevice(context: IommufdContext, device: Device): IommufdDevice {
    if (!device.driver.capabilities(device).cacheCoherency) throw fail('EINVAL');
    device.claimDma(context);
    const bound = new IommufdDevice(context, device, context.groupOf(device.group));
    context.objects.reserve(bound);
    bound.get();
    context.objects.publish(bound);
    return bound;
  }

  /** Takes the id away. A vDEVICE that still lives goes, and leaves a tombstone: its id is never used again. */
  unbind(): void {
    const { objects } = this.context;
    if (this.vdevice !== undefined) {
      this.vdevice.get();
      objects.destroyByOwner(this.vdevice, 'tombstone');
    }
    if (this.userCount > 2) {
      // A PASID is attached still. Linux warns, and leaves the device to the end of the context.
      this.put();
      return;
    }
    objects.destroyByOwner(this);
  }

  /** Detaches whatever is attached. */
  detachAll(): void {
    for (const [pasid, { devices }] of [...this.group.attachments]) if (devices.has(this)) this.detach(pasid);
  }

  override destroy(): void {
    this.device.releaseDma();
    this.context.dropGroup(this.group);
  }

  /** Attaches the device, or a PASID of it, to an IOAS or HWPT. @returns the id of the HWPT */
  attach(pasid: number, id: number): number {
    const attached = this.changeTable(pasid, id, doAttach);
    // Catches whoever unbinds a device that is attached.
    this.get();
    return attached;
  }

  /** Moves it to another IOAS or HWPT. @returns the id of the HWPT */
  replace(pasid: number, id: number): number {
    return this.changeTable(pasid, id, doReplace);
  }

  private changeTable(pasid: number, id: number, attach: Attach): number {
    let left: Hwpt | undefined;
    const attached = this.context.with(id, IommufdObject, (target) => {
      if (target instanceof Hwpt) {
        left = attach(this, pasid, target);
        return target.id;
      }
      if (!(target instanceof Ioas)) throw fail('EINVAL');
      const auto = this.autoAttach(target, pasid, attach);
      left = auto.left;
      return auto.hwpt.id;
    });
    if (left !== undefined) putHwpt(this.context, left);
    return attached;
  }

  /** Attaches to an IOAS: to a page table that was made so before and suits, or to a new one. */
  private autoAttach(
    ioas: Ioas,
    pasid: number,
    attach: Attach,
  ): { readonly hwpt: Hwpt; readonly left: Hwpt | undefined } {
    for (const hwpt of ioas.hwpts) {
      if (!hwpt.isAutomatic) continue;
      try {
        return { hwpt, left: attach(this, pasid, hwpt) };
      } catch (cause) {
        // EINVAL says that the two do not suit; everything else is told.
        if (cause !== fail('EINVAL')) throw cause;
      }
    }
    let left: Hwpt | undefined;
    // On the first attachment some hardware decides only then what the page table is like.
    const attachFirst = attach === doAttach ? (made: Hwpt) => void attach(this, pasid, made) : undefined;
    const hwpt = HwptPaging.make(this.context, ioas, this, 0, undefined, {
      ...(attachFirst === undefined ? {} : { attachFirst, detach: () => void this.detachTable(pasid) }),
      finish: (made) => {
        if (attach !== doAttach) left = attach(this, pasid, made);
        made.isAutomatic = true;
      },
    });
    return { hwpt, left };
  }

  /** Detaches the device, or a PASID of it. Without an attachment nothing happens. */
  detach(pasid: number): void {
    const hwpt = this.detachTable(pasid);
    if (hwpt === undefined) return;
    putHwpt(this.context, hwpt);
    this.put();
  }

  private detachTable(pasid: number): Hwpt | undefined {
    const { attachments, group } = this.group;
    const attachment = attachments.get(pasid);
    if (attachment === undefined) return undefined;
    const { hwpt, devices } = attachment;
    devices.delete(this);
    if (devices.size === 0) {
      const handle = group.handle(pasid);
      if (pasid === NO_PASID) group.detach();
      else group.detachPasid(pasid);
      hwpt.faults?.answerAll(handle);
      attachments.delete(pasid);
    }
    if (pasid === NO_PASID) pagingOf(hwpt)?.ioas.table.reserved.removeOwner(this.device);
    return hwpt;
  }
}

/** May the PASIDs of a device and the device itself be attached to these tables at once? */
function checkPasidCompatible(hwpt: Hwpt, { attachments }: DeviceGroup, pasid: number): void {
  if (hwpt.forPasid) return;
  if (pasid !== NO_PASID) throw fail('EINVAL');
  for (const used of attachments.keys()) if (used !== NO_PASID) throw fail('EINVAL');
}

function checkAttachable(hwpt: Hwpt, group: DeviceGroup, pasid: number): void {
  checkPasidCompatible(hwpt, group, pasid);
  if (pasid !== NO_PASID && group.attachments.get(NO_PASID)?.hwpt.forPasid === false) throw fail('EINVAL');
}

/** Keeps the IOVAs that a device reserves out of an IOAS. */
function reserveRegions({ ioas }: HwptPaging, device: Device): void {
  try {
    for (const { start, last } of device.reservedRegions()) ioas.table.reserve(start, last, device);
  } catch (cause) {
    ioas.table.reserved.removeOwner(device);
    throw cause;
  }
}

function doAttach(device: IommufdDevice, pasid: number, hwpt: Hwpt): undefined {
  const { group } = device;
  const attachment = group.attachments.get(pasid);
  if (attachment?.devices.has(device) === true) throw fail('EBUSY');
  if (attachment !== undefined && attachment.hwpt !== hwpt) throw fail('EINVAL');
  const paging = pasid === NO_PASID ? pagingOf(hwpt) : undefined;
  if (paging !== undefined) reserveRegions(paging, device.device);
  if (attachment === undefined) {
    try {
      checkAttachable(hwpt, group, pasid);
      const handle: AttachHandle = { domain: hwpt.domain, owner: device };
      if (pasid === NO_PASID) group.group.attach(handle);
      else group.group.attachPasid(pasid, handle);
    } catch (cause) {
      paging?.ioas.table.reserved.removeOwner(device.device);
      throw cause;
    }
    group.attachments.set(pasid, { hwpt, devices: new Set([device]) });
  } else {
    // The group was attached with its first device.
    attachment.devices.add(device);
  }
  hwpt.get();
}

function doReplace(device: IommufdDevice, pasid: number, hwpt: Hwpt): Hwpt | undefined {
  const { group } = device;
  const attachment = group.attachments.get(pasid);
  if (attachment?.devices.has(device) !== true) throw fail('EINVAL');
  const { hwpt: old, devices } = attachment;
  if (old === hwpt) return undefined;
  const paging = pasid === NO_PASID ? pagingOf(hwpt) : undefined;
  const oldPaging = pasid === NO_PASID ? pagingOf(old) : undefined;
  const changesIoas = paging?.ioas !== oldPaging?.ioas;
  const unreserve = (from: HwptPaging | undefined): void => {
    for (const { device: each } of devices) from?.ioas.table.reserved.removeOwner(each);
  };
  try {
    if (paging !== undefined && changesIoas) for (const each of devices) reserveRegions(paging, each.device);
    checkAttachable(hwpt, group, pasid);
    const oldHandle = group.group.handle(pasid);
    const handle: AttachHandle = { domain: hwpt.domain, owner: device };
    if (pasid === NO_PASID) group.group.replace(handle);
    else group.group.replacePasid(pasid, handle);
    old.faults?.answerAll(oldHandle);
  } catch (cause) {
    if (changesIoas) unreserve(paging);
    throw cause;
  }
  if (changesIoas) unreserve(oldPaging);
  attachment.hwpt = hwpt;
  // Each device of the group moves its reference; the caller puts the last of the old ones.
  hwpt.get(devices.size);
  if (devices.size > 1) old.put(devices.size - 1);
  return old;
}

/** The device that made an attachment. */
export function ownerOf({ owner }: AttachHandle): IommufdDevice {
  invariant(owner instanceof IommufdDevice, () => 'an attachment that no context made');
  return owner;
}
