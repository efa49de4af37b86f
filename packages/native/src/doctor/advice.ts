/** Lists what a machine lacks for iommufd and for nested translation, with advice on how to get it. */

import type { DeviceReport, Report } from './examine.js';

/** A requirement that a machine does not meet. */
export interface Missing {
  /** The problem, in words. */
  readonly what: string;
  /** How to solve it. */
  readonly how: string;
  /** `iommufd` if iommufd cannot be used without it, `nesting` if only nested translation needs it. */
  readonly for: 'iommufd' | 'nesting';
}

/** A lower limit of locked memory than this is reported, in bytes: many guests have more memory. */
const LITTLE_MEMLOCK = 1 << 30;

/** Lists the requirements that are not met, in the order in which they are best solved. */
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
      how: `a udev rule that gives it to your group: KERNEL=="iommu", GROUP="kvm", MODE="0660"`,
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
      what: `at most ${memlock.soft} bytes can be pinned for devices`,
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
        how: `a udev rule that gives it to your group: SUBSYSTEM=="vfio-dev", GROUP="kvm", MODE="0660"`,
      };
    if (group === undefined)
      yield {
        for: 'iommufd',
        what: `${name} is not behind an IOMMU`,
        how: 'without an IOMMU, devices can access all memory: enable_unsafe_noiommu_mode of vfio is for experiments only',
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

/** Bits of IDR0 of an SMMUv3: support of stage 2 and of stage 1. */
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
      what: `the IOMMU of ${name}, ${iommu}, cannot nest: S1P and S2P of IDR0 are not both set`,
      how: 'an SMMUv3 with two stages',
    };
}
