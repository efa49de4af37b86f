/**
 * Ioctls of a bound VFIO PCI device: information about the device and its regions, and reset. Linux's
 * `drivers/vfio/pci/vfio_pci_core.c`. Registers are accessed by `pread()` and `pwrite()` (`pci-rw.ts`).
 */
import {
  VFIO_DEVICE_FEATURE,
  VFIO_DEVICE_GET_INFO,
  VFIO_DEVICE_GET_IRQ_INFO,
  VFIO_DEVICE_GET_PCI_HOT_RESET_INFO,
  VFIO_DEVICE_GET_REGION_INFO,
  vfio_device_info,
  vfio_device_info_flags,
  VFIO_DEVICE_IOEVENTFD,
  VFIO_DEVICE_PCI_HOT_RESET,
  VFIO_DEVICE_RESET,
  VFIO_DEVICE_SET_IRQS,
  vfio_info_cap_header,
  VFIO_PCI_NUM_IRQS,
  vfio_region_info,
  vfio_region_info_cap,
  vfio_region_info_flags,
} from '@iommufd/uapi';
import { encode, view } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import type { Mappable } from '../process/file.js';
import type { Task } from '../process/task.js';
import type { UserMemory } from '../process/user-memory.js';
import { copyFirstVersion } from './argument.js';
import type { VfioPciCore } from './pci-core.js';
import { deviceFeature } from './pci-feature.js';
import { getHotResetInfo, hotReset, type HotResetScope } from './pci-hot-reset.js';
import { canMap } from './pci-mmap.js';
import {
  VFIO_PCI_CONFIG_REGION_INDEX,
  VFIO_PCI_NUM_REGIONS,
  VFIO_PCI_OFFSET_SHIFT,
  VFIO_PCI_ROM_REGION_INDEX,
  VFIO_PCI_VGA_REGION_INDEX,
} from './pci-regions.js';
import { findRom } from '../pci/rom.js';
import { VGA_REGION_SIZE } from './pci-vga.js';

const { VFIO_DEVICE_FLAGS_PCI, VFIO_DEVICE_FLAGS_RESET } = vfio_device_info_flags;
const {
  VFIO_REGION_INFO_FLAG_CAPS,
  VFIO_REGION_INFO_FLAG_MMAP,
  VFIO_REGION_INFO_FLAG_READ,
  VFIO_REGION_INFO_FLAG_WRITE,
} = vfio_region_info_flags;
const { VFIO_REGION_INFO_CAP_MSIX_MAPPABLE } = vfio_region_info_cap;

/**
 * `vfio_pci_core_ioctl()`, and the requests that `vfio_main.c` handles before it.
 * @param scope the devices that a hot reset affects
 * @param mappable the pages that mappings of the caller's file can have
 */
export function pciIoctl(
  core: VfioPciCore,
  scope: HotResetScope,
  mappable: Mappable,
  process: Task,
  request: number,
  arg: bigint,
): number {
  const { memorySpace: memory } = process;
  switch (request) {
    case VFIO_DEVICE_GET_INFO.request:
      return getInfo(core, memory, arg);
    case VFIO_DEVICE_GET_REGION_INFO.request:
      return getRegionInfo(core, mappable, memory, arg);
    case VFIO_DEVICE_GET_IRQ_INFO.request:
      return core.irqs.getInfo(memory, arg);
    case VFIO_DEVICE_SET_IRQS.request:
      return core.irqs.set(process, arg);
    case VFIO_DEVICE_IOEVENTFD.request:
      return core.ioeventfds.set(process, arg);
    case VFIO_DEVICE_RESET.request:
      core.reset();
      return 0;
    case VFIO_DEVICE_GET_PCI_HOT_RESET_INFO.request:
      return getHotResetInfo(core, scope, memory, arg);
    case VFIO_DEVICE_PCI_HOT_RESET.request:
      return hotReset(core, scope, memory, arg);
    case VFIO_DEVICE_FEATURE.request:
      return deviceFeature(core, process, arg);
    default:
      throw fail('ENOTTY');
  }
}

/** No capabilities are reported: the fields of later versions are zero. */
function getInfo({ resetWorks }: VfioPciCore, memory: UserMemory, arg: bigint): number {
  const bytes = copyFirstVersion(memory, arg, vfio_device_info);
  const info = view(vfio_device_info, bytes);
  info.flags = VFIO_DEVICE_FLAGS_PCI | (resetWorks ? VFIO_DEVICE_FLAGS_RESET : 0);
  info.num_regions = VFIO_PCI_NUM_REGIONS;
  info.num_irqs = VFIO_PCI_NUM_IRQS;
  memory.write(arg, bytes.subarray(0, Math.min(info.argsz, bytes.length)));
  return 0;
}

/** The properties of a region, and whether its MSI-X table can be mapped. */
interface RegionFacts {
  readonly size: number;
  readonly flags: number;
  readonly hasMsixTable?: boolean;
}

const READ_WRITE = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;

/** @throws EINVAL if the region does not exist */
function getRegionInfo(core: VfioPciCore, mappable: Mappable, memory: UserMemory, arg: bigint): number {
  const bytes = copyFirstVersion(memory, arg, vfio_region_info);
  const info = view(vfio_region_info, bytes);
  const { size, flags, hasMsixTable = false } = regionFacts(core, mappable, info.index);
  info.offset = BigInt(info.index) << VFIO_PCI_OFFSET_SHIFT;
  info.size = BigInt(size);
  info.flags = flags;
  // If there are no capabilities, the caller's cap_offset does not change.
  if (hasMsixTable) {
    info.flags |= VFIO_REGION_INFO_FLAG_CAPS;
    const { byteLength } = vfio_region_info;
    const whole = byteLength + vfio_info_cap_header.byteLength;
    if (info.argsz < whole) {
      info.argsz = whole;
      info.cap_offset = 0;
    } else {
      info.cap_offset = byteLength;
      const header = { id: VFIO_REGION_INFO_CAP_MSIX_MAPPABLE, version: 1, next: 0 };
      memory.write(arg + BigInt(byteLength), encode(vfio_info_cap_header, header));
    }
  }
  memory.write(arg, bytes);
  return 0;
}

function regionFacts(core: VfioPciCore, mappable: Mappable, index: number): RegionFacts {
  const { pdev } = core;
  switch (index) {
    case VFIO_PCI_CONFIG_REGION_INDEX:
      return { size: pdev.configSize, flags: READ_WRITE };
    case VFIO_PCI_ROM_REGION_INDEX: {
      // The size of its BAR, if the ROM has an image.
      const size = pdev.resources[index]?.length ?? 0;
      return romAnswers(core) ? { size, flags: VFIO_REGION_INFO_FLAG_READ } : { size: 0, flags: 0 };
    }
    case VFIO_PCI_VGA_REGION_INDEX:
      if (!pdev.isVga) throw fail('EINVAL');
      return { size: VGA_REGION_SIZE, flags: READ_WRITE };
    default: {
      if (index >= VFIO_PCI_NUM_REGIONS) throw fail('EINVAL');
      const resource = pdev.resources[index];
      if (resource === undefined) return { size: 0, flags: 0 };
      const size = resource.length;
      if (!canMap(core, index, mappable)) return { size, flags: READ_WRITE };
      return { size, flags: READ_WRITE | VFIO_REGION_INFO_FLAG_MMAP, hasMsixTable: core.msix?.bar === index };
    }
  }
}

/** True if the ROM has an image. Memory decoding is enabled for the check: `vfio_pci_memory_lock_and_enable()`. */
function romAnswers(core: VfioPciCore): boolean {
  return core.withMemory(() => findRom(core.pdev) !== undefined);
}
