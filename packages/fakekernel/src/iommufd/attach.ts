/**
 * Attaching bound devices, and their PASIDs, to page tables: `iommufd_device_attach()`, `iommufd_device_replace()`,
 * `iommufd_device_detach()`. The devices of a group are attached together, all to the same page table: the first device attaches
 * the group, the last one detaches it. For an IOAS id, an automatic page table is found or allocated; it is destroyed when its
 * last device is detached.
 */

import { fail } from '../errno.js';
import type { Device } from '../iommu/device.js';
import { type AttachHandle, NO_PASID } from '../iommu/group.js';
import { allocate } from '../process/failure-points.js';
import type { DeviceGroup, IommufdDevice } from './device.js';
import { Hwpt, HwptPaging, pagingOf, putHwpt } from './hwpt.js';
import { Ioas } from './ioas.js';
import { IommufdObject } from './object.js';
import { setUpMsi } from './sw-msi.js';

/** Attaches a device to a page table. @returns the old page table, whose reference the caller must put */
type Change = (device: IommufdDevice, pasid: number, hwpt: Hwpt) => Hwpt | undefined;

/** Attaches a device, or one of its PASIDs, to an IOAS or HWPT. @returns the id of the HWPT */
export function attach(device: IommufdDevice, pasid: number, id: number): number {
  const attached = changeTable(device, pasid, id, attachTable);
  // This reference lets an unbind detect that the device is still attached.
  device.get();
  return attached;
}

/** Moves a device, or one of its PASIDs, to another IOAS or HWPT. @returns the id of the HWPT */
export function replace(device: IommufdDevice, pasid: number, id: number): number {
  return changeTable(device, pasid, id, replaceTable);
}

/** Detaches a device, or one of its PASIDs. Does nothing if it is not attached. */
export function detach(device: IommufdDevice, pasid: number): void {
  const hwpt = detachTable(device, pasid);
  if (hwpt === undefined) return;
  putHwpt(device.context, hwpt);
  device.put();
}

/** Detaches a device and all of its attached PASIDs. */
export function detachAll(device: IommufdDevice): void {
  for (const [pasid, { devices }] of [...device.group.attachments])
    if (devices.has(device)) detach(device, pasid);
}

function changeTable(device: IommufdDevice, pasid: number, id: number, change: Change): number {
  const { context } = device;
  const target = context.take(id, IommufdObject);
  let changed: { readonly hwpt: Hwpt; readonly left: Hwpt | undefined };
  try {
    if (target instanceof Hwpt) changed = { hwpt: target, left: change(device, pasid, target) };
    else if (target instanceof Ioas) changed = autoAttach(target, device, pasid, change);
    else throw fail('EINVAL');
  } finally {
    target.put();
  }
  if (changed.left !== undefined) putHwpt(context, changed.left);
  return changed.hwpt.id;
}

/** `iommufd_device_auto_get_domain()`: attaches to the first compatible automatic page table of an IOAS, or to a new one. */
function autoAttach(
  ioas: Ioas,
  device: IommufdDevice,
  pasid: number,
  change: Change,
): { readonly hwpt: Hwpt; readonly left: Hwpt | undefined } {
  for (const hwpt of ioas.hwpts) {
    if (!hwpt.isAutomatic) continue;
    try {
      return { hwpt, left: change(device, pasid, hwpt) };
    } catch (cause) {
      // EINVAL means that the page table is incompatible: the next one is tried. All other errors are returned.
      if (cause !== fail('EINVAL')) throw cause;
    }
  }
  let left: Hwpt | undefined;
  const made = HwptPaging.alloc(ioas, device.device, 0, undefined);
  const hwpt = device.context.objects.create(made, () => {
    // The device is attached before the page table is filled: some drivers finalise a domain only at the first attachment.
    if (change === attachTable) attachAndFill(device, pasid, made);
    else {
      made.fill();
      left = change(device, pasid, made);
    }
    made.isAutomatic = true;
  });
  return { hwpt, left };
}

function attachAndFill(device: IommufdDevice, pasid: number, hwpt: HwptPaging): void {
  attachTable(device, pasid, hwpt);
  try {
    hwpt.fill();
  } catch (cause) {
    detachTable(device, pasid);
    hwpt.put();
    throw cause;
  }
}

/** @returns the old page table, with the device's reference; undefined if it was not attached */
function detachTable(device: IommufdDevice, pasid: number): Hwpt | undefined {
  const { attachments, group } = device.group;
  const attachment = attachments.get(pasid);
  if (attachment === undefined) return undefined;
  const { hwpt, devices } = attachment;
  devices.delete(device);
  if (devices.size === 0) {
    const handle = group.handle(pasid);
    if (pasid === NO_PASID) group.detach();
    else group.detachPasid(pasid);
    hwpt.faults?.answerAll(handle);
    attachments.delete(pasid);
  }
  if (pasid === NO_PASID) pagingOf(hwpt)?.ioas.table.reserved.removeOwner(device.device);
  return hwpt;
}

/** PASIDs, and devices with attached PASIDs, require a page table made with IOMMU_HWPT_ALLOC_PASID. @throws EINVAL */
function checkPasidCompatible(hwpt: Hwpt, { attachments }: DeviceGroup, pasid: number): void {
  if (hwpt.forPasid) return;
  if (pasid !== NO_PASID) throw fail('EINVAL');
  for (const used of attachments.keys()) if (used !== NO_PASID) throw fail('EINVAL');
}

function checkAttachable(hwpt: Hwpt, group: DeviceGroup, pasid: number): void {
  checkPasidCompatible(hwpt, group, pasid);
  if (pasid !== NO_PASID && group.attachments.get(NO_PASID)?.hwpt.forPasid === false) throw fail('EINVAL');
}

/**
 * `iommufd_fault_iopf_enable()`: refuses faults of a virtual function, which shares page requests with its physical function and
 * the other virtual functions. Called when an attachment begins to send faults.
 * @throws EINVAL
 */
function checkFaults({ device }: IommufdDevice): void {
  const { pci, features } = device;
  if (pci === undefined || !('connect' in pci) || !pci.isVirtual) return;
  if (pci.hasPageRequests || !features.faultsOfFunctionsWithoutPri) throw fail('EINVAL');
}

/** Reserves the device's regions in an IOAS. @throws EADDRINUSE if a region is mapped or allowed */
function reserveRegions({ ioas }: HwptPaging, device: Device, group: DeviceGroup): void {
  try {
    for (const { start, last, isSwMsi = false } of device.reservedRegions()) {
      if (isSwMsi) group.swMsiStart = start;
      ioas.table.reserve(start, last, device);
    }
  } catch (cause) {
    ioas.table.reserved.removeOwner(device);
    throw cause;
  }
}

function attachTable(device: IommufdDevice, pasid: number, hwpt: Hwpt): undefined {
  const { group } = device;
  const attachment = group.attachments.get(pasid);
  if (attachment?.devices.has(device) === true) throw fail('EBUSY');
  if (attachment !== undefined && attachment.hwpt !== hwpt) throw fail('EINVAL');
  const paging = pasid === NO_PASID ? pagingOf(hwpt) : undefined;
  if (paging !== undefined) reserveRegions(paging, device.device, group);
  if (attachment === undefined) {
    try {
      if (paging !== undefined) setUpMsi(group, paging);
      checkAttachable(hwpt, group, pasid);
      if (hwpt.faults !== undefined) checkFaults(device);
      allocate('kzalloc() of the attachment');
      allocate('kzalloc() of the handle');
      const handle: AttachHandle = { domain: hwpt.domain, owner: device };
      if (pasid === NO_PASID) group.group.attach(handle);
      else group.group.attachPasid(pasid, handle);
    } catch (cause) {
      paging?.ioas.table.reserved.removeOwner(device.device);
      throw cause;
    }
    group.attachments.set(pasid, { hwpt, devices: new Set([device]) });
  } else {
    // The first device has attached the group.
    attachment.devices.add(device);
  }
  hwpt.get();
}

function replaceTable(device: IommufdDevice, pasid: number, hwpt: Hwpt): Hwpt | undefined {
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
    if (paging !== undefined && changesIoas)
      for (const each of devices) reserveRegions(paging, each.device, group);
    if (paging !== undefined) setUpMsi(group, paging);
    checkAttachable(hwpt, group, pasid);
    if (hwpt.faults !== undefined && old.faults === undefined) checkFaults(device);
    const oldHandle = group.group.handle(pasid);
    allocate('kzalloc() of the handle');
    const handle: AttachHandle = { domain: hwpt.domain, owner: device };
    if (pasid === NO_PASID) group.group.replace(handle);
    else group.group.replacePasid(pasid, handle);
    old.faults?.answerAll(oldHandle);
  } catch (cause) {
    // Linux does so within one IOAS too: the device stays attached there, without its reservations.
    unreserve(paging);
    throw cause;
  }
  if (changesIoas) unreserve(oldPaging);
  attachment.hwpt = hwpt;
  // Each device of the group moves its reference. The caller puts the last of the old references.
  hwpt.get(devices.size);
  if (devices.size > 1) old.put(devices.size - 1);
  return old;
}
