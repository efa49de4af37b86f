/**
 * Interrupt messages that an IOMMU translates: before a device sends them, the page that they are written to must have an IOVA in
 * what the device is attached to. On machines whose IOMMU does not translate them (VT-d has a window of its own) none of this is used.
 */
import { fail } from '../errno.js';
import type { MemoryObject } from '../process/memory-object.js';
import { offsetInPage } from '../process/page.js';
import type { Device } from './device.js';

/** The register of an interrupt controller that messages are written to. */
export interface MsiDoorbell {
  /** Its physical address. */
  readonly address: bigint;
  /** The page that it is in. */
  readonly page: MemoryObject;
}

/**
 * `iommu_dma_prepare_msi()` and `msi_msg_set_addr()`: the address that a device is to write its messages to.
 * @throws EOPNOTSUPP for a device that is not attached; before 6.15 that gets the physical address. Errno of the mapping
 */
export function prepareMsi(device: Device, { address, page }: MsiDoorbell): bigint {
  const { domain, features } = device;
  if (domain === undefined && features.swMsiOfContext) throw fail('EOPNOTSUPP');
  const iova = domain?.swMsi?.(device, page);
  return iova === undefined ? address : iova + BigInt(offsetInPage(Number(address)));
}
