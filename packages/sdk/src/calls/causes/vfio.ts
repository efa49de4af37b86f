/** Causes of failures of VFIO requests and IOMMU_GET_HW_INFO. */
import type { Context } from '../context.js';
import type { HwInfo, HwInfoType } from '../../objects/hw-info.js';
import type { VfioDevice } from '../../objects/vfio-device.js';
import { type Cause, either } from './cause.js';

/** VFIO_DEVICE_BIND_IOMMUFD */
export const bindCause =
  (context: Context, isSame: (other: unknown) => boolean): Cause =>
  (code) => {
    if (code !== 'EINVAL') return undefined;
    const bound = [...context.devices.values()].find(isSame);
    if (bound !== undefined) return `It is bound already, as ${bound.describe()} of this /dev/iommu.`;
    return either(
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
      ? `${device.describe()} has nothing at the index ${index}.`
      : `index ${index} is beyond the ${what} of ${device.describe()}, of which there are ${count} from 0 on.`;
  };

/** IOMMU_GET_HW_INFO */
export const hwInfoCause =
  (type: HwInfoType | undefined, ask: () => HwInfo): Cause =>
  (code) =>
    code === 'EOPNOTSUPP' && type !== undefined
      ? `The driver of the IOMMU tells ${ask().type}, and nothing of the type ${type}.`
      : undefined;
