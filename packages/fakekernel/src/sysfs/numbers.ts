/** Device nodes and their numbers: `/dev`, and their directories in sysfs. */
import type { VfioDevice } from '../vfio/device.js';
import { links, pathOfVfio, type ShownMachine, vfioGroups } from './shown.js';
import { dir, type Directory, directory, type Entry, line, link } from './tree.js';

/** Major numbers: that of `misc`, and those that Linux allocates downwards from 254 when VFIO registers its devices. */
const MISC_MAJOR = 10;
const VFIO_GROUP_MAJOR = 252;
const VFIO_DEVICE_MAJOR = 251;
/** `VFIO_MINOR`, and the first dynamic minor, which iommufd gets. */
const VFIO_MINOR = 196;
const IOMMU_MINOR = 257;

/** Misc devices, with their minor numbers. */
const MISC: readonly (readonly [name: string, minor: number])[] = [
  ['iommu', IOMMU_MINOR],
  ['vfio', VFIO_MINOR],
];

const miscPath = (name: string): string => `/sys/devices/virtual/misc/${name}`;
const groupPath = (number: number): string => `/sys/devices/virtual/vfio/${number}`;

/** The two files of a device with a node. */
function numbered(major: number, minor: number, name: string): [string, Entry][] {
  return [
    ['dev', line(() => `${major}:${minor}`)],
    ['uevent', line(() => `MAJOR=${major}\nMINOR=${minor}\nDEVNAME=${name}`)],
  ];
}

/** `/sys/devices/virtual/misc` and `/sys/class/misc`. */
export const miscDevices = (): [string, Entry][] =>
  MISC.map(([name, minor]) => [name, directory(() => numbered(MISC_MAJOR, minor, name))]);
export const miscClass = (): [string, Entry][] => links(MISC.map(([name]) => [name, miscPath(name)]));

/** `/sys/devices/virtual/vfio` and `/sys/class/vfio`. */
export const groupDevices = (machine: ShownMachine): [string, Entry][] =>
  vfioGroups(machine).map((number, minor) => [
    String(number),
    directory(() => numbered(VFIO_GROUP_MAJOR, minor, `vfio/${number}`)),
  ]);
export const groupClass = (machine: ShownMachine): [string, Entry][] =>
  links(vfioGroups(machine).map((number) => [String(number), groupPath(number)]));

/** `vfio-dev/vfioN` of a function. */
export function vfioDev(device: VfioDevice, function_: string): Directory {
  const { number } = device;
  return directory(() => [
    ...numbered(VFIO_DEVICE_MAJOR, number, `vfio/devices/vfio${number}`),
    ['device', link(function_)],
    ['subsystem', link('/sys/class/vfio-dev')],
  ]);
}

/** `/sys/dev/char`: devices by number. */
export function characterDevices(machine: ShownMachine): [string, Entry][] {
  return links([
    ...MISC.map(([name, minor]) => [`${MISC_MAJOR}:${minor}`, miscPath(name)] as const),
    ...[...machine.vfio].map(
      (device) => [`${VFIO_DEVICE_MAJOR}:${device.number}`, pathOfVfio(device)] as const,
    ),
    ...vfioGroups(machine).map(
      (number, minor) => [`${VFIO_GROUP_MAJOR}:${minor}`, groupPath(number)] as const,
    ),
  ]);
}

const node = (mode: number, major: number, minor: number): Entry => ({ kind: 'node', mode, major, minor });

/** `/dev`. */
export function nodes(machine: ShownMachine): Directory {
  return dir({
    iommu: node(0o660, MISC_MAJOR, IOMMU_MINOR),
    vfio: directory(() => [
      ['vfio', node(0o666, MISC_MAJOR, VFIO_MINOR)],
      [
        'devices',
        directory(() =>
          [...machine.vfio]
            .filter(({ isGoing }) => !isGoing)
            .map(({ number }) => [`vfio${number}`, node(0o600, VFIO_DEVICE_MAJOR, number)]),
        ),
      ],
      ...vfioGroups(machine).map(
        (number, minor) => [String(number), node(0o600, VFIO_GROUP_MAJOR, minor)] as const,
      ),
    ]),
  });
}
