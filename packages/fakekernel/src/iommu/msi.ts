/**
 * Interrupt messages that an IOMMU translates: before a device can send them, the page of the doorbell must have an IOVA in the
 * device's domain. Machines whose IOMMU does not translate them do not use this; VT-d has a separate window for them.
 */
import { fail } from '../errno.js';
import type { MemoryObject } from '../process/memory-object.js';
import { offsetInPage } from '../process/page.js';
import type { Device } from './device.js';
import type { ItsEvents } from './its-events.js';

/** The register of an interrupt controller to which messages are written. */
export interface MsiDoorbell {
  /** Its physical address. */
  readonly address: bigint;
  /** The page that contains it. */
  readonly page: MemoryObject;
  /** The numbers of the device's events there. */
  readonly events: ItsEvents;
}

/**
 * `iommu_dma_prepare_msi()` and `msi_msg_set_addr()`: the address to which a device must write its messages.
 * @throws EOPNOTSUPP if the device is not attached, since 6.15; before, the physical address is returned. Errno of the mapping
 */
export function prepareMsi(device: Device, { address, page }: Pick<MsiDoorbell, 'address' | 'page'>): bigint {
  const { domain, features } = device;
  if (domain === undefined && features.swMsiOfContext) throw fail('EOPNOTSUPP');
  const iova = domain?.swMsi?.(device, page);
  return iova === undefined ? address : iova + BigInt(offsetInPage(Number(address)));
}
