/**
 * The window of IOVAs in which the kernel maps doorbells of interrupt messages, for devices whose IOMMU translates the messages:
 * IOMMU_RESV_SW_MSI, and functions of Linux's `drivers/iommu/iommufd/driver.c`. A doorbell has the same IOVA in all page tables
 * of a context, so that a device that is moved keeps it. Before 6.15 each page table assigned its own IOVAs.
 */
import { fail } from '../errno.js';
import type { Device } from '../iommu/device.js';
import { NO_PASID } from '../iommu/group.js';
import { allocate } from '../process/failure-points.js';
import type { MemoryObject } from '../process/memory-object.js';
import { PAGE } from '../process/page.js';
import type { DeviceGroup } from './device.js';
import { ownerOf } from './device.js';
import type { HwptPaging } from './hwpt.js';

/** A doorbell at an IOVA: `struct iommufd_sw_msi_map`. */
export interface SwMsiMap {
  /** Start of the window: `sw_msi_start`. */
  readonly start: bigint;
  readonly page: MemoryObject;
  readonly iova: bigint;
}

/** Number of bits in `struct iommufd_sw_msi_maps`. */
const MOST_MAPS = 64;
const READ_WRITE = { read: true, write: true };

/** The doorbells of a context: `sw_msi_list`. */
export class SwMsiMaps {
  private readonly maps: SwMsiMap[] = [];

  /** `iommufd_sw_msi_get_map()`. @throws EOVERFLOW for a 65th doorbell; ENOMEM */
  get(page: MemoryObject, start: bigint): SwMsiMap {
    const same = this.maps.filter((map) => map.start === start);
    const known = same.find((map) => map.page === page);
    if (known !== undefined) return known;
    if (this.maps.length >= MOST_MAPS) throw fail('EOVERFLOW');
    allocate('kzalloc() of the doorbell');
    const map = { start, page, iova: start + BigInt(same.length) * PAGE };
    this.maps.push(map);
    return map;
  }
}

/** `iommufd_sw_msi_install()` */
function install({ domain, doorbells }: HwptPaging, map: SwMsiMap): void {
  if (doorbells.has(map.page)) return;
  allocate('iommu_map()');
  domain.map(map.iova, PAGE, [{ object: map.page, index: 0, count: 1 }], 0, READ_WRITE, false);
  doorbells.set(map.page, map.iova);
}

/** `iommufd_group_setup_msi()`: maps the doorbells that a group already uses in the page table that it is being attached to. */
export function setUpMsi(group: DeviceGroup, hwpt: HwptPaging): void {
  if (group.swMsiStart === undefined) return;
  for (const map of group.doorbells) if (map.start === group.swMsiStart) install(hwpt, map);
}

/**
 * `iommufd_sw_msi()`: maps a doorbell for a device.
 * @param hwpt the page table that the device is attached to, or its parent
 * @returns the IOVA of the page; undefined if messages of the device are not translated
 */
export function swMsi(hwpt: HwptPaging, device: Device, page: MemoryObject): bigint | undefined {
  const handle = device.group.handle(NO_PASID);
  if (handle === undefined) return undefined;
  const { group, context } = ownerOf(handle);
  const { swMsiStart: start } = group;
  if (start === undefined) return undefined;
  // Before 6.15, `iommu_dma_get_msi_page()`: the page table's cookie assigns the next free page of the window.
  const { features } = context.kernel;
  const map = features.swMsiOfContext
    ? context.swMsiMaps.get(page, start)
    : { start, page, iova: hwpt.doorbells.get(page) ?? start + BigInt(hwpt.doorbells.size) * PAGE };
  install(hwpt, map);
  if (features.swMsiOfContext) group.doorbells.add(map);
  return map.iova;
}
