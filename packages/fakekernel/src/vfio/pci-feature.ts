/**
 * VFIO_DEVICE_FEATURE: `vfio_ioctl_device_feature()` of Linux's `vfio_main.c`, and the features of vfio-pci
 * (`vfio_pci_core_ioctl_feature()`).
 */
import {
  vfio_device_feature,
  vfio_device_feature_flags,
  vfio_device_feature_index,
  VFIO_DEVICE_FEATURE_MASK,
  vfio_device_low_power_entry_with_wakeup,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import { eventfdContextOf } from '../process/eventfd.js';
import type { Task } from '../process/task.js';
import { checkFeature, type Feature } from './check-feature.js';
import { migrationFeature } from './migration-feature.js';
import type { VfioPciCore } from './pci-core.js';
import { UUID_SIZE } from './pci-token.js';

const { VFIO_DEVICE_FEATURE_GET, VFIO_DEVICE_FEATURE_PROBE, VFIO_DEVICE_FEATURE_SET } =
  vfio_device_feature_flags;
const {
  VFIO_DEVICE_FEATURE_DMA_BUF,
  VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY,
  VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP,
  VFIO_DEVICE_FEATURE_LOW_POWER_EXIT,
  VFIO_DEVICE_FEATURE_PCI_VF_TOKEN,
} = vfio_device_feature_index;

/** @returns 0, or the descriptor of a dma-buf @throws ENOTTY if the device does not support the feature; EINVAL | EFAULT */
export function deviceFeature(core: VfioPciCore, process: Task, arg: bigint): number {
  const { memorySpace: memory } = process;
  const header = view(vfio_device_feature, memory.read(arg, HEADER));
  const { argsz, flags } = header;
  if (argsz < HEADER) throw fail('EINVAL');
  const operations = VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET;
  if ((flags & ~(VFIO_DEVICE_FEATURE_MASK | operations | VFIO_DEVICE_FEATURE_PROBE)) !== 0)
    throw fail('EINVAL');
  // Only a probe may have both flags.
  if ((flags & VFIO_DEVICE_FEATURE_PROBE) === 0 && (flags & operations) === operations) throw fail('EINVAL');
  const feature: Feature = { flags, data: arg + BigInt(HEADER), length: argsz - HEADER };
  if (migrationFeature(core, process, feature)) return 0;
  switch (flags & VFIO_DEVICE_FEATURE_MASK) {
    case VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY:
      if (isDoable(feature, 0)) core.power.enter();
      return 0;
    case VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP:
      if (isDoable(feature, vfio_device_low_power_entry_with_wakeup.byteLength))
        enterWithWakeup(core, process, feature);
      return 0;
    case VFIO_DEVICE_FEATURE_LOW_POWER_EXIT:
      if (isDoable(feature, 0)) core.power.exit();
      return 0;
    case VFIO_DEVICE_FEATURE_PCI_VF_TOKEN:
      if (core.token === undefined) throw fail('ENOTTY');
      if (isDoable(feature, UUID_SIZE)) core.token.set(memory.read(feature.data, UUID_SIZE));
      return 0;
    case VFIO_DEVICE_FEATURE_DMA_BUF:
      if (core.dmaBufs === undefined) throw fail('ENOTTY');
      return core.dmaBufs.create(process, feature);
    default:
      throw fail('ENOTTY');
  }
}

/** Number of bytes before the data. */
const HEADER = 8;

/** {@link checkFeature} for a feature that can only be set. @param least the smallest size of its data, in bytes */
const isDoable = (feature: Feature, least: number): boolean =>
  checkFeature(feature, VFIO_DEVICE_FEATURE_SET, least);

/** `vfio_pci_core_pm_entry_with_wakeup()`. */
function enterWithWakeup(core: VfioPciCore, { files, memorySpace }: Task, { data }: Feature): void {
  const struct = vfio_device_low_power_entry_with_wakeup;
  const { wakeup_eventfd: fd } = view(struct, memorySpace.read(data, struct.byteLength));
  if (fd < 0) throw fail('EINVAL');
  const wakeup = eventfdContextOf(files, fd);
  try {
    core.power.enter(wakeup);
  } catch (cause) {
    wakeup.put();
    throw cause;
  }
}
