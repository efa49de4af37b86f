/**
 * Ioctls of a bound VFIO PCI device: information about the device, its regions and interrupts, and reset. Linux's
 * `drivers/vfio/pci/vfio_pci_core.c`, for a function without ROM, interrupts and capabilities. Registers are accessed by
 * `pread()` and `pwrite()` (`pci-rw.ts`).
 */
import {
  VFIO_DEVICE_GET_INFO,
  vfio_device_info,
  vfio_device_info_flags,
  VFIO_DEVICE_GET_IRQ_INFO,
  VFIO_DEVICE_GET_REGION_INFO,
  VFIO_DEVICE_RESET,
  vfio_irq_info,
  vfio_irq_info_flags,
  vfio_region_info,
  vfio_region_info_flags,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import type { UserMemory } from '../process/user-memory.js';
import type { Task } from '../process/task.js';
import { copyFirstVersion } from './argument.js';
import type { PciFunction } from '../iommu/pci-function.js';
import {
  VFIO_PCI_CONFIG_REGION_INDEX,
  VFIO_PCI_NUM_REGIONS,
  VFIO_PCI_OFFSET_SHIFT,
  VFIO_PCI_VGA_REGION_INDEX,
} from './pci-regions.js';

const { VFIO_DEVICE_FLAGS_PCI, VFIO_DEVICE_FLAGS_RESET } = vfio_device_info_flags;
const { VFIO_REGION_INFO_FLAG_READ, VFIO_REGION_INFO_FLAG_WRITE } = vfio_region_info_flags;
const { VFIO_IRQ_INFO_AUTOMASKED, VFIO_IRQ_INFO_EVENTFD, VFIO_IRQ_INFO_MASKABLE, VFIO_IRQ_INFO_NORESIZE } =
  vfio_irq_info_flags;

/** Interrupt indexes of a PCI function: INTx, MSI, MSI-X, errors, device requests. Source: `linux/vfio.h`. */
const VFIO_PCI_INTX_IRQ_INDEX = 0;
const VFIO_PCI_ERR_IRQ_INDEX = 3;
const VFIO_PCI_REQ_IRQ_INDEX = 4;
const VFIO_PCI_NUM_IRQS = 5;

/** Size of the configuration space of a PCI Express function in bytes. */
const PCI_CFG_SPACE_EXP_SIZE = 4096;

/**
 * `vfio_pci_core_ioctl()` of a function without ROM and interrupts.
 * @param pci the function; undefined for a PCI Express function that can be reset and has no BARs
 */
export function pciIoctl(
  pci: PciFunction | undefined,
  { memorySpace: memory }: Task,
  request: number,
  arg: bigint,
): number {
  const canReset = pci?.canReset ?? true;
  switch (request) {
    case VFIO_DEVICE_GET_INFO.request:
      return getInfo(memory, arg, canReset);
    case VFIO_DEVICE_GET_REGION_INFO.request:
      return getRegionInfo(memory, arg, pci);
    case VFIO_DEVICE_GET_IRQ_INFO.request:
      return getIrqInfo(memory, arg, pci);
    case VFIO_DEVICE_RESET.request:
      if (!canReset) throw fail('EINVAL');
      return 0;
    default:
      throw fail('ENOTTY');
  }
}

/** There are no capabilities: the fields of later versions are zero. */
function getInfo(memory: UserMemory, arg: bigint, canReset: boolean): number {
  const bytes = copyFirstVersion(memory, arg, vfio_device_info);
  const info = view(vfio_device_info, bytes);
  info.flags = VFIO_DEVICE_FLAGS_PCI | (canReset ? VFIO_DEVICE_FLAGS_RESET : 0);
  info.num_regions = VFIO_PCI_NUM_REGIONS;
  info.num_irqs = VFIO_PCI_NUM_IRQS;
  memory.write(arg, bytes.subarray(0, Math.min(info.argsz, bytes.length)));
  return 0;
}

/** Without capabilities, the caller's cap_offset is not changed. */
function getRegionInfo(memory: UserMemory, arg: bigint, pci: PciFunction | undefined): number {
  const bytes = copyFirstVersion(memory, arg, vfio_region_info);
  const info = view(vfio_region_info, bytes);
  // The VGA region exists only for VGA controllers.
  if (info.index >= VFIO_PCI_NUM_REGIONS || info.index === VFIO_PCI_VGA_REGION_INDEX) throw fail('EINVAL');
  const size = regionSize(info.index, pci);
  info.offset = BigInt(info.index) << VFIO_PCI_OFFSET_SHIFT;
  info.size = BigInt(size);
  info.flags = size > 0 ? VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE : 0;
  memory.write(arg, bytes);
  return 0;
}

function regionSize(index: number, pci: PciFunction | undefined): number {
  if (index === VFIO_PCI_CONFIG_REGION_INDEX) return pci?.configSize ?? PCI_CFG_SPACE_EXP_SIZE;
  return index < VFIO_PCI_CONFIG_REGION_INDEX - 1 ? (pci?.barSize(index) ?? 0) : 0;
}

/** The device request interrupt and, with PCI Express, the error interrupt always exist. */
function getIrqInfo(memory: UserMemory, arg: bigint, pci: PciFunction | undefined): number {
  const bytes = copyFirstVersion(memory, arg, vfio_irq_info);
  const info = view(vfio_irq_info, bytes);
  const { index } = info;
  const isExpress = (pci?.configSize ?? PCI_CFG_SPACE_EXP_SIZE) === PCI_CFG_SPACE_EXP_SIZE;
  if (index >= VFIO_PCI_NUM_IRQS || (index === VFIO_PCI_ERR_IRQ_INDEX && !isExpress)) throw fail('EINVAL');
  const isLine = index === VFIO_PCI_INTX_IRQ_INDEX;
  info.count = index === VFIO_PCI_ERR_IRQ_INDEX || index === VFIO_PCI_REQ_IRQ_INDEX ? 1 : 0;
  info.flags =
    VFIO_IRQ_INFO_EVENTFD |
    (isLine ? VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED : VFIO_IRQ_INFO_NORESIZE);
  memory.write(arg, bytes);
  return 0;
}
