/** Causes of failures of VFIO requests and IOMMU_GET_HW_INFO. */
import type { Context } from '../context.js';
import type { HwInfo, HwInfoType } from '../../objects/hw-info.js';
import type { VfioDevice } from '../../objects/vfio-device.js';
import { hotResetBlockers } from '../../vfio/hot-reset.js';
import { type Cause, either } from './cause.js';

/** VFIO_DEVICE_BIND_IOMMUFD */
export const bindCause =
  (context: Context, isSame: (other: unknown) => boolean, hasToken: boolean): Cause =>
  (code) => {
    if (code === 'EACCES')
      return hasToken
        ? 'The token is not that of the physical function.'
        : 'A token is required: the device is a virtual function whose physical function is bound to vfio-pci, or a physical function with virtual functions in use.';
    if (code !== 'EINVAL') return undefined;
    const bound = [...context.devices.values()].find(isSame);
    if (bound !== undefined) return `It is bound already, as ${bound.describe()} of this /dev/iommu.`;
    return either(
      hasToken && 'the device is neither a virtual nor a physical function, and has no token',
      'the device is bound already, through another open file of it',
      'it was opened through its group',
      'its DMA is not coherent with the caches of the processor',
    );
  };

/** VFIO_DEVICE_GET_REGION_INFO, VFIO_DEVICE_GET_IRQ_INFO */
export const indexCause =
  (device: VfioDevice, what: 'regions' | 'irqs', index: number): Cause =>
  (code) => {
    if (code !== 'EINVAL') return undefined;
    const count = device.info()[what];
    return index < count
      ? `${device.describe()} does not implement index ${index}.`
      : `index ${index} is out of range: ${device.describe()} has ${count} ${what}.`;
  };

/** VFIO_DEVICE_RESET */
export const resetCause =
  (device: VfioDevice): Cause =>
  (code) =>
    code === 'EINVAL' && !device.info().canReset
      ? `${device.describe()} has no reset of its own (VFIO_DEVICE_FLAGS_RESET): hotReset() resets its bus.`
      : undefined;

/** VFIO_DEVICE_PCI_HOT_RESET */
export const hotResetCause =
  (device: VfioDevice): Cause =>
  (code) =>
    code === 'EINVAL' ? hotResetBlockers(device.hotResetInfo()) : undefined;

/** VFIO_DEVICE_FEATURE, for a method of its own. @param ifInvalid the cause of EINVAL */
export const featureCause =
  (device: VfioDevice, ifInvalid?: string): Cause =>
  (code) => {
    if (code === 'ENOTTY')
      return `${device.describe()} does not have the feature, or the kernel is too old for it.`;
    return code === 'EINVAL' ? either(ifInvalid) : undefined;
  };

/** IOMMU_GET_HW_INFO */
export const hwInfoCause =
  (type: HwInfoType | undefined, ask: () => HwInfo): Cause =>
  (code) =>
    code === 'EOPNOTSUPP' && type !== undefined
      ? `The driver of the IOMMU returns information of the type ${ask().type}, not of ${type}.`
      : undefined;
