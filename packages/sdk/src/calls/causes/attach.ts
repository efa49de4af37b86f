/** Causes of failures to attach a device: VFIO_DEVICE_ATTACH_IOMMUFD_PT, and IOMMU_TEST_CMD for a selftest device. */
import type { PageTable } from '../../objects/attachment.js';
import type { Device } from '../../objects/device.js';
import { Ioas } from '../../objects/ioas.js';
import { NestedHwpt } from '../../objects/nested-hwpt.js';
import { type Cause, either } from './cause.js';
import { iovaConflict, iommuOf, noPages, notPinned, otherIommu, perhapsOtherIommu } from './device.js';

/** When no known cause applies. */
const REFUSED = 'the driver of its IOMMU refuses the page table';

/** VFIO_DEVICE_ATTACH_IOMMUFD_PT */
export const attachCause =
  (device: Device, to: PageTable, pasid: number | undefined): Cause =>
  (code) => {
    switch (code) {
      case 'EINVAL':
        return (
          (pasid === undefined ? mixed(device, to) : noPasid(device, to, pasid)) ??
          unsuitable(device, to) ??
          remaining(device, to, pasid)
        );
      case 'ENOENT':
        return noVdevice(device, to);
      case 'EADDRINUSE':
        return iovaConflict(ioasOf(to), device, { reserved: true, aperture: to instanceof Ioas });
      case 'EBUSY':
        return either(
          device.pasids.length > 0 &&
            `PASIDs of it are attached (${device.pasids.join(', ')}): detach them first`,
          'the device, or another one of its group, is being reset',
        );
      case 'EOPNOTSUPP':
        return pasid === undefined
          ? undefined
          : either(
              'the driver of the device does not support PASIDs',
              to instanceof NestedHwpt && 'its IOMMU cannot attach a nested page table to a PASID',
            );
      case 'EFAULT':
        return to instanceof Ioas ? notPinned(to) : undefined;
      default:
        return undefined;
    }
  };

function ioasOf(to: PageTable): Ioas {
  if (to instanceof Ioas) return to;
  return to instanceof NestedHwpt ? to.parent.ioas : to.ioas;
}

const isForPasid = (to: PageTable): boolean => !(to instanceof Ioas) && to.isForPasid;

/** While PASIDs are attached, the device itself must be attached to a page table that was allocated with `pasid`. */
function mixed(device: Device, to: PageTable): string | undefined {
  if (device.pasids.length === 0 || isForPasid(to)) return undefined;
  const attached = `PASIDs of ${device.describe()} are attached (${device.pasids.join(', ')})`;
  return `${attached}, and ${to.describe()} does not allow PASIDs: use a page table that was allocated with pasid: true.`;
}

function noPasid(device: Device, to: PageTable, pasid: number): string | undefined {
  if (to instanceof Ioas)
    return `${to.describe()} cannot be attached to a PASID: allocate a page table with allocHwpt({ ioas, pasid: true }).`;
  if (!to.isForPasid) return `${to.describe()} was allocated without pasid: true, which a PASID requires.`;
  const whole = device.attachment();
  if (whole !== undefined && !isForPasid(whole.to))
    return (
      `${device.describe()} itself is attached to ${whole.to.describe()}, which does not allow PASIDs: attach it to a ` +
      'page table that was allocated with pasid: true first.'
    );
  const { pasidBits } = device.hwInfo();
  if (pasidBits === 0) return `${device.describe()} has no PASIDs.`;
  return pasid < 2 ** pasidBits
    ? undefined
    : `pasid ${pasid} is too large: ${device.describe()} has PASIDs of ${pasidBits} bits.`;
}

/** The page table is incompatible with the device. */
function unsuitable(device: Device, to: PageTable): string | undefined {
  if (to instanceof Ioas) return undefined;
  const { dirtyTracking } = device.hwInfo();
  if (!(to instanceof NestedHwpt) && to.tracksDirty && !dirtyTracking)
    return `${to.describe()} tracks dirty pages, and ${iommuOf(device)} does not.`;
  return otherIommu(device, to);
}

/** Causes that cannot be excluded. */
function remaining(device: Device, to: PageTable, pasid: number | undefined): string | undefined {
  const others = device.others.filter((other) => other.attachment() !== undefined);
  const faults = !(to instanceof Ioas) && to.hasFaultQueue;
  return either(
    to instanceof Ioas ? noPages(to) : perhapsOtherIommu(device, to),
    device.attachment({ pasid }) === undefined &&
      others.length > 0 &&
      `another device of its IOMMU group is attached elsewhere (${others.map(String).join(', ')}, if of its group)`,
    faults && 'its IOMMU cannot report page faults of the device to a queue',
    to instanceof Ioas && 'the pages of its IOMMU are larger than those of the processor',
    pasid !== undefined && 'the VFIO of the kernel does not support PASIDs',
    REFUSED,
  );
}

/** Arm SMMUv3: a nested page table that translates requires a vDEVICE of the device. */
function noVdevice(device: Device, to: PageTable): string | undefined {
  if (!(to instanceof NestedHwpt) || to.viommu === undefined) return undefined;
  const { viommu } = to;
  if (device.virtual?.viommu === viommu) return undefined;
  return `${device.describe()} has no vDEVICE on ${viommu.describe()}: call allocVdevice({ device, virtualId }) first.`;
}
