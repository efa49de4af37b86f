import { fail } from '../errno.js';
import type { UserMemory } from '../process/user-memory.js';
import type { PciFunction } from '../iommu/pci-function.js';
import { VFIO_PCI_CONFIG_REGION_INDEX, VFIO_PCI_OFFSET_SHIFT } from './pci-regions.js';

/** Number of BARs. */
const BARS = 6;

/** A part of a region to read or write. */
interface Access {
  readonly region: number;
  readonly offset: number;
  readonly length: number;
}

/** `vfio_pci_rw()`: reads from a region. @returns the number of bytes @throws EINVAL | EFAULT | EIO */
export function pciRead(
  pci: PciFunction | undefined,
  memory: UserMemory,
  address: bigint,
  count: number,
  position: bigint,
): number {
  if (count === 0) return 0;
  const { region, offset, length } = locate(pci, count, position);
  const bytes =
    region === VFIO_PCI_CONFIG_REGION_INDEX
      ? pci?.readConfig(offset, length)
      : pci?.readBar(region, offset, length);
  if (bytes === undefined) throw fail('EIO');
  memory.write(address, bytes);
  return length;
}

/** Writes to a region. @returns the number of bytes @throws EINVAL | EFAULT | EIO */
export function pciWrite(
  pci: PciFunction | undefined,
  memory: UserMemory,
  address: bigint,
  count: number,
  position: bigint,
): number {
  if (count === 0) return 0;
  const { region, offset, length } = locate(pci, count, position);
  const bytes = memory.read(address, length);
  if (region === VFIO_PCI_CONFIG_REGION_INDEX) pci?.writeConfig(offset, bytes);
  else if (pci?.writeBar(region, offset, bytes) !== true) throw fail('EIO');
  return length;
}

/** @throws EINVAL if the region does not exist or the offset is beyond it; EFAULT beyond configuration space */
function locate(pci: PciFunction | undefined, count: number, position: bigint): Access {
  const region = Number(position >> VFIO_PCI_OFFSET_SHIFT);
  const offset = Number(position & ((1n << VFIO_PCI_OFFSET_SHIFT) - 1n));
  if (pci === undefined) throw fail('EINVAL');
  if (region === VFIO_PCI_CONFIG_REGION_INDEX) {
    if (offset + count > pci.configSize) throw fail('EFAULT');
    return { region, offset, length: count };
  }
  const size = region < BARS ? pci.barSize(region) : 0;
  if (offset >= size) throw fail('EINVAL');
  return { region, offset, length: Math.min(count, size - offset) };
}
