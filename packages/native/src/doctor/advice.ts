/** What is missing on a machine for iommufd, and for nested translation, and how to get it. */

import type { DeviceReport, Report } from './examine.js';

/** Something that is missing. */
export interface Missing {
  readonly what: string;
  readonly how: string;
  /** Is it needed for iommufd at all, or for nested translation only? */
  readonly for: 'iommufd' | 'nesting';
}

/** Memory that guests are often larger than. */
const LITTLE_MEMLOCK = 1 << 30;

/** In the order in which it is to be got. */
export function missingOf(report: Report): Missing[] {
  return [...iommufdOf(report), ...devicesOf(report), ...nestingOf(report)];
}

function* iommufdOf({ iommufd, iommus, groups, memlock }: Report): Generator<Missing> {
  if (!iommufd.exists)
    yield {
      for: 'iommufd',
      what: `there is no ${iommufd.path}`,
      how: 'modprobe iommufd; the kernel needs CONFIG_IOMMUFD (Linux 6.2 and newer)',
    };
  else if (iommufd.refused !== undefined)
    yield {
      for: 'iommufd',
      what: `${iommufd.path} (${iommufd.permissions ?? ''}) cannot be opened: ${iommufd.refused}`,
      how: `a rule of udev that gives it to your group: KERNEL=="iommu", GROUP="kvm", MODE="0660"`,
    };
  if (iommus.length === 0 && groups === 0)
    yield {
      for: 'iommufd',
      what: 'the kernel uses no IOMMU',
      how: 'switch it on in the firmware (VT-d, AMD-Vi, SMMU); Intel: intel_iommu=on on the command line of the kernel; in a virtual machine, give it one',
    };
  if (!memlock.privileged && memlock.soft !== 'unlimited' && memlock.soft < LITTLE_MEMLOCK)
    yield {
      for: 'iommufd',
      what: `no more than ${memlock.soft} bytes can be pinned for devices`,
      how: 'ulimit -l, LimitMEMLOCK= of systemd, or memlock in /etc/security/limits.conf: as much as the memory of the guest',
    };
}

function* devicesOf({ devices }: Report): Generator<Missing> {
  if (devices.length === 0)
    yield {
      for: 'iommufd',
      what: 'no device is bound to VFIO',
      how: 'driverctl set-override 0000:01:00.0 vfio-pci, or: echo vfio-pci > /sys/bus/pci/devices/0000:01:00.0/driver_override',
    };
  for (const { name, node, group } of devices) {
    if (node === undefined)
      yield {
        for: 'iommufd',
        what: `${name} has no node in /dev/vfio/devices`,
        how: 'the kernel needs CONFIG_VFIO_DEVICE_CDEV (Linux 6.6 and newer)',
      };
    else if (node.refused !== undefined)
      yield {
        for: 'iommufd',
        what: `${node.path} (${node.permissions ?? ''}) cannot be opened: ${node.refused}`,
        how: `a rule of udev that gives it to your group: SUBSYSTEM=="vfio-dev", GROUP="kvm", MODE="0660"`,
      };
    if (group === undefined)
      yield {
        for: 'iommufd',
        what: `${name} is behind no IOMMU`,
        how: 'without one devices reach all memory: enable_unsafe_noiommu_mode of vfio is for experiments only',
      };
  }
}

function* nestingOf({ ioctls, devices, kernel }: Report): Generator<Missing> {
  const lacks = (name: string): boolean => ioctls.some((each) => each.name === name && !each.known);
  const since = (name: string): string => ioctls.find((each) => each.name === name)?.since ?? 'later';
  for (const name of [
    'IOMMU_HWPT_ALLOC',
    'IOMMU_HWPT_INVALIDATE',
    'IOMMU_VIOMMU_ALLOC',
    'IOMMU_VEVENTQ_ALLOC',
  ])
    if (lacks(name))
      yield {
        for: 'nesting',
        what: `Linux ${kernel.release} has no ${name}`,
        how: `Linux ${since(name)} and newer`,
      };
  for (const device of devices) yield* nestingOfDevice(device);
}

/** Bits of IDR0 of an SMMUv3: both stages of translation. */
const [S2P, S1P] = [1, 2];

function* nestingOfDevice({ name, nests, hardware, iommu = '' }: DeviceReport): Generator<Missing> {
  if (nests === false)
    yield {
      for: 'nesting',
      what: `the IOMMU of ${name}, ${iommu}, cannot nest: SMTS and NEST of its extended capabilities are not both set`,
      how: 'a processor with scalable mode, and intel_iommu=on,sm_on',
    };
  const idr0 = Number(hardware?.['idr[0]'] ?? NaN);
  if (!Number.isNaN(idr0) && (idr0 & (S1P | S2P)) !== (S1P | S2P))
    yield {
      for: 'nesting',
      what: `the IOMMU of ${name}, ${iommu}, cannot nest: IDR0 has not both S1P and S2P`,
      how: 'an SMMUv3 with two stages',
    };
}
