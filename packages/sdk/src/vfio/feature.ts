/** VFIO_DEVICE_FEATURE: probes, gets and sets features of a device. */
import {
  VFIO_DEVICE_FEATURE,
  vfio_device_feature_flags,
  vfio_device_feature_index as index,
} from '@iommufd/uapi';
import type { Cause } from '../calls/causes/cause.js';
import { IommufdError } from '../calls/error.js';
import type { VfioDevice } from '../objects/vfio-device.js';

const { VFIO_DEVICE_FEATURE_GET, VFIO_DEVICE_FEATURE_PROBE, VFIO_DEVICE_FEATURE_SET } =
  vfio_device_feature_flags;

/** The features of {@link VfioDevice.supports}: the kernel's number of each, and the operation that the SDK uses. */
export const deviceFeatures = {
  'vf-token': [index.VFIO_DEVICE_FEATURE_PCI_VF_TOKEN, VFIO_DEVICE_FEATURE_SET],
  migration: [index.VFIO_DEVICE_FEATURE_MIGRATION, VFIO_DEVICE_FEATURE_GET],
  'low-power': [index.VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY, VFIO_DEVICE_FEATURE_SET],
  'low-power-with-wakeup': [index.VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP, VFIO_DEVICE_FEATURE_SET],
  'dma-logging': [index.VFIO_DEVICE_FEATURE_DMA_LOGGING_START, VFIO_DEVICE_FEATURE_SET],
  'bus-master': [index.VFIO_DEVICE_FEATURE_BUS_MASTER, VFIO_DEVICE_FEATURE_SET],
  'dma-buf': [index.VFIO_DEVICE_FEATURE_DMA_BUF, VFIO_DEVICE_FEATURE_GET],
} as const;

/** A feature of a VFIO device. */
export type DeviceFeature = keyof typeof deviceFeatures;

export const DEVICE_FEATURE_NAMES = Object.keys(deviceFeatures) as readonly DeviceFeature[];

/** True if a device has a feature and supports the operation that the SDK uses: VFIO_DEVICE_FEATURE_PROBE. */
export function probeFeature(device: VfioDevice, feature: DeviceFeature): boolean {
  const { context, fd } = device;
  const [number, operation] = deviceFeatures[feature];
  const flags = number | operation | VFIO_DEVICE_FEATURE_PROBE;
  const { status, failed } = context.calls.tryIoctl(fd, VFIO_DEVICE_FEATURE, {
    flags,
    data: new Uint8Array(),
  });
  if (status >= 0) return true;
  const failure = failed();
  const error = new IommufdError(failure, { meanings: VFIO_DEVICE_FEATURE.errors });
  // A kernel that is too old for VFIO_DEVICE_FEATURE fails with ENOTTY too.
  if (error.code === 'ENOTTY' || error.code === 'EINVAL') return false;
  throw error;
}

/** Sets a feature. @param data its struct, encoded @returns the data as the kernel returned it */
export function setFeature(
  device: VfioDevice,
  number: number,
  data: Uint8Array = new Uint8Array(),
  cause?: Cause,
): Uint8Array {
  return ask(device, number | VFIO_DEVICE_FEATURE_SET, data, cause);
}

/** Gets a feature. @param data the input, with space for the output @returns the data as the kernel returned it */
export function getFeature(device: VfioDevice, number: number, data: Uint8Array, cause?: Cause): Uint8Array {
  return ask(device, number | VFIO_DEVICE_FEATURE_GET, data, cause);
}

/** Gets a feature whose result is a file. @returns its descriptor */
export function getFeatureFd(device: VfioDevice, number: number, data: Uint8Array, cause: Cause): number {
  const { context, fd } = device;
  const flags = number | VFIO_DEVICE_FEATURE_GET;
  return context.calls.statusOf(fd, VFIO_DEVICE_FEATURE, { flags, data }, { cause });
}

function ask({ context, fd }: VfioDevice, flags: number, data: Uint8Array, cause?: Cause): Uint8Array {
  const details = cause === undefined ? {} : { cause };
  return context.calls.ioctl(fd, VFIO_DEVICE_FEATURE, { flags, data }, details).data;
}
