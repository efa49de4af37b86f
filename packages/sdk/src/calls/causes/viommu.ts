/** Causes of failures to allocate a virtual IOMMU, and objects on one. */
import type { Device } from '../../objects/device.js';
import type { HwInfoType } from '../../objects/hw-info.js';
import type { HwQueueOptions } from '../../objects/hw-queue.js';
import type { VdeviceOptions } from '../../objects/vdevice.js';
import type { Viommu, ViommuOptions, ViommuType } from '../../objects/viommu.js';
import { type Cause, either, hex, spanOf } from './cause.js';
import { iommuOf, otherIommu, otherMake, perhapsOtherIommu } from './device.js';
import { mappedIn } from './iova.js';

/** The type of IOMMU that each type of virtual IOMMU requires. */
const makes: Readonly<Record<ViommuType, HwInfoType>> = {
  'arm-smmuv3': 'arm-smmuv3',
  'tegra241-cmdqv': 'arm-smmuv3',
  selftest: 'selftest',
};

/** IOMMU_VIOMMU_ALLOC */
export const viommuCause =
  (device: Device, { type, parent, selftestData }: ViommuOptions<ViommuType>): Cause =>
  (code) => {
    if (code === 'EOPNOTSUPP')
      return (
        otherMake(device, makes[type], `it has no virtual IOMMUs of the type ${type}`) ??
        `${iommuOf(device)} cannot have virtual IOMMUs of the type ${type}.`
      );
    if (code !== 'EINVAL') return undefined;
    if (!parent.isNestParent)
      return `${parent.describe()} was allocated without nestParent: true, which a virtual IOMMU requires.`;
    return (
      otherIommu(device, parent) ??
      either(
        perhapsOtherIommu(device, parent),
        selftestData !== undefined && 'the driver refuses selftestData',
        `the driver of ${iommuOf(device)} refuses it`,
      )
    );
  };

/** IOMMU_VDEVICE_ALLOC */
export const vdeviceCause =
  (viommu: Viommu, { device, virtualId }: VdeviceOptions): Cause =>
  (code) => {
    if (code === 'EEXIST') {
      const { virtual } = device;
      if (virtual !== undefined)
        return `${device.describe()} has a vDEVICE already: ${virtual.describe()}, ${hex(virtual.virtualId)} on ${virtual.viommu.describe()}.`;
      const other = viommu.vdevices.get(virtualId);
      return other && `virtualId ${hex(virtualId)} already belongs to ${other.device.describe()}.`;
    }
    if (code === 'EOPNOTSUPP')
      return `${iommuOf(device)} cannot assign it an id: an Arm SMMUv3 does so only for devices with one StreamID.`;
    if (code !== 'EINVAL') return undefined;
    return (
      otherIommu(device, viommu) ??
      either(perhapsOtherIommu(device, viommu), `${iommuOf(device)} cannot have the id ${hex(virtualId)}`)
    );
  };

/** IOMMU_VEVENTQ_ALLOC */
export const veventqCause =
  (depth: number): Cause =>
  (code) => {
    if (code !== 'EINVAL') return undefined;
    return depth === 0
      ? 'depth is 0: a queue has room for at least one event.'
      : `depth ${depth} is too large.`;
  };

/** IOMMU_HW_QUEUE_ALLOC */
export const hwQueueCause =
  (viommu: Viommu, { type, index, iova, length }: HwQueueOptions): Cause =>
  (code) => {
    const { ioas } = viommu.parent;
    switch (code) {
      case 'EINVAL':
        if (length === 0n) return 'length is 0.';
        if (type !== 'tegra241-cmdqv') return undefined;
        if ((length & (length - 1n)) !== 0n) return `length ${length} is not a power of two.`;
        return iova % length === 0n ? undefined : `iova ${hex(iova)} is not a multiple of length ${length}.`;
      case 'ENOENT':
        return `${ioas.describe()}, which is behind the nest parent, does not map all of ${spanOf({ iova, length })}. It maps ${mappedIn(ioas)}.`;
      case 'EEXIST': {
        const there = viommu.hwQueues.get(index);
        return there && `index ${index} already belongs to ${there.describe()}: close it first.`;
      }
      case 'EIO':
        return index > 0 && !viommu.hwQueues.has(index - 1)
          ? `The queue of index ${index - 1} is not allocated yet: allocate queues in ascending order.`
          : undefined;
      default:
        return undefined;
    }
  };
