/**
 * The files of a machine in `/sys` and `/dev`: PCI functions, IOMMU groups, vfio-pci and its nodes, as Linux shows them. A VMM
 * finds its devices there. {@link machineFiles} makes the tree of a kernel; it shows what there is when it is looked at.
 */
import type { PciNode, PciTopology } from '../hardware/pci/topology.js';
import { fail } from '../errno.js';
import type { VfioDevice } from '../vfio/device.js';
import type { VfioSlots } from '../vfio/slots.js';
import { functionEntries } from './pci-function.js';
import {
  command,
  directory,
  type Directory,
  DONE,
  type Entry,
  FileTree,
  line,
  link,
  type Writing,
} from './tree.js';

/** Where a function is in the tables of the firmware. */
export interface FirmwareNode {
  /** Its directory: `/sys/devices/LNXSYSTM:00/...`. */
  readonly directory: string;
  /** Its name there: `\_SB_.PCI0.S18_`. */
  readonly path: string;
}

/** What of a kernel is shown. */
export interface ShownMachine {
  readonly pci: PciTopology;
  readonly vfio: VfioSlots;
  /** The name of the IOMMU that a function is behind, if it is in `/sys/class/iommu`. */
  iommuOf(node: PciNode): string | undefined;
  firmwareOf(node: PciNode): FirmwareNode | undefined;
  /** Takes vfio-pci from a function. @returns when no program has it open any more */
  unbind(node: PciNode): Writing;
  /** Gives a function to vfio-pci. @throws ENODEV | EINVAL | EBUSY */
  bind(node: PciNode): void;
}

/** Major numbers: of `misc`, and those that Linux gives from 254 down when VFIO's are made. */
const MISC_MAJOR = 10;
const VFIO_GROUP_MAJOR = 252;
const VFIO_DEVICE_MAJOR = 251;
/** `VFIO_MINOR`, and the first minor that is given dynamically to iommufd. */
const VFIO_MINOR = 196;
const IOMMU_MINOR = 257;

const DRIVER = '/sys/bus/pci/drivers/vfio-pci';

/** The tree of a machine. */
export function machineFiles(machine: ShownMachine): FileTree {
  return new FileTree(root(machine));
}

const dir = (entries: Record<string, Entry>): Directory => directory(() => Object.entries(entries));

/** The directory of a function: below those of the bridges above it. */
export function pathOf(node: PciNode): string {
  const { bridge } = node.bus;
  return `${bridge === undefined ? '/sys/devices/pci0000:00' : pathOf(bridge.node)}/${node.name}`;
}

function root(machine: ShownMachine): Directory {
  const { pci, vfio } = machine;
  const nodes = (): PciNode[] => [...pci.nodes()];
  const eachLink = (list: Iterable<readonly [string, string]>): [string, Entry][] =>
    [...list].map(([name, to]) => [name, link(to)]);
  const devices = (): VfioDevice[] => [...vfio];
  const pathOfVfio = ({ core, number }: VfioDevice): string =>
    `${pathOf(core.pdev.node)}/vfio-dev/vfio${number}`;
  return dir({
    sys: dir({
      devices: directory(() => [
        ['pci0000:00', directory(() => functionDirectories(machine, pci.root.nodes))],
        ...firmwareEntries(machine),
        ['virtual', dir({ iommu: directory(() => iommus(machine)) })],
      ]),
      bus: dir({
        pci: dir({
          devices: directory(() => eachLink(nodes().map((node) => [node.name, pathOf(node)] as const))),
          drivers: dir({ 'vfio-pci': directory(() => driverEntries(machine)) }),
        }),
      }),
      class: dir({
        'vfio-dev': directory(() =>
          eachLink(devices().map((device) => [`vfio${device.number}`, pathOfVfio(device)] as const)),
        ),
        iommu: directory(() =>
          [...iommus(machine).keys()].map(
            (name) => [name, link(`/sys/devices/virtual/iommu/${name}`)] as const,
          ),
        ),
      }),
      kernel: dir({ iommu_groups: directory(() => groups(machine)) }),
    }),
    dev: dir({
      iommu: { kind: 'node', mode: 0o660, major: MISC_MAJOR, minor: IOMMU_MINOR },
      vfio: directory(() => [
        ['vfio', { kind: 'node', mode: 0o666, major: MISC_MAJOR, minor: VFIO_MINOR }],
        [
          'devices',
          directory(() =>
            devices()
              .filter(({ isGoing }) => !isGoing)
              .map(({ number }) => [
                `vfio${number}`,
                { kind: 'node', mode: 0o600, major: VFIO_DEVICE_MAJOR, minor: number },
              ]),
          ),
        ],
        ...groupNodes(machine),
      ]),
    }),
  });
}

/** `/dev/vfio/N`: a node for each group that has a device of VFIO, with minors in the order in which they came. */
function groupNodes({ pci, vfio }: ShownMachine): [string, Entry][] {
  const numbers = new Set([...vfio].map(({ device }) => pci.groupNumber(device.group)));
  return [...numbers].map((number, minor) => [
    String(number),
    { kind: 'node', mode: 0o600, major: VFIO_GROUP_MAJOR, minor },
  ]);
}

function iommus(machine: ShownMachine): Map<string, Entry> {
  const names = new Map<string, Entry>();
  for (const node of machine.pci.nodes()) {
    const name = machine.iommuOf(node);
    if (name !== undefined) names.set(name, dir({}));
  }
  return names;
}

/** Directories of the firmware's nodes, which lie in one another. */
function firmwareEntries(machine: ShownMachine): [string, Entry][] {
  const places = [...machine.pci.nodes()].flatMap((node) => machine.firmwareOf(node) ?? []);
  const base = '/sys/devices';
  const below = (path: string): [string, Entry][] => {
    const own = places.find((place) => place.directory === path);
    const names = new Set(
      places.flatMap((place) =>
        place.directory.startsWith(`${path}/`)
          ? [place.directory.slice(path.length + 1).split('/')[0] ?? '']
          : [],
      ),
    );
    const entries = [...names].map((name): [string, Entry] => [
      name,
      directory(() => below(`${path}/${name}`)),
    ]);
    return own === undefined ? entries : [...entries, ['path', line(() => own.path)]];
  };
  return below(base);
}

function functionDirectories(machine: ShownMachine, nodes: readonly PciNode[]): [string, Entry][] {
  return nodes.map((node) => [
    node.name,
    directory(() => [
      ...ownEntries(machine, node),
      ...(node.bridge === undefined ? [] : functionDirectories(machine, node.bridge.secondary.nodes)),
    ]),
  ]);
}

/** The files of a function that vfio-pci has; bridges and what has no driver show their directory alone. */
function ownEntries(machine: ShownMachine, node: PciNode): [string, Entry][] {
  const { pci, vfio } = machine;
  const device = vfio.at(node);
  if (device === undefined) return [];
  const iommu = machine.iommuOf(node);
  return functionEntries(device.core.pdev, {
    driver: DRIVER,
    group: `/sys/kernel/iommu_groups/${pci.groupNumber(node.group)}`,
    iommu: iommu && `/sys/devices/virtual/iommu/${iommu}`,
    firmware: machine.firmwareOf(node)?.directory,
    pathOf: (other) => pathOf(other),
    nodeOf: (other) => pci.find(other),
    vfioDev: dir({ [`vfio${device.number}`]: vfioDev(device) }),
  });
}

function vfioDev({ core, number }: VfioDevice): Directory {
  return dir({
    dev: line(() => `${VFIO_DEVICE_MAJOR}:${number}`),
    device: link(pathOf(core.pdev.node)),
    subsystem: link('/sys/class/vfio-dev'),
    uevent: line(() => `MAJOR=${VFIO_DEVICE_MAJOR}\nMINOR=${number}\nDEVNAME=vfio/devices/vfio${number}`),
  });
}

/** The driver: its functions, and the files by which they are given and taken. */
function driverEntries({ pci, vfio, bind, unbind }: ShownMachine): [string, Entry][] {
  const nodeOf = (text: string): PciNode => {
    const node = [...pci.nodes()].find(({ name }) => name === text.trim());
    if (node === undefined) throw fail('ENODEV');
    return node;
  };
  return [
    ...[...vfio].map(({ core }): [string, Entry] => [core.pdev.node.name, link(pathOf(core.pdev.node))]),
    [
      'bind',
      command((text) => {
        bind(nodeOf(text));
        return DONE;
      }),
    ],
    ['new_id', command(() => DONE)],
    ['remove_id', command(() => DONE)],
    ['uevent', command(() => DONE)],
    ['unbind', command((text) => unbind(nodeOf(text)))],
  ];
}

function groups({ pci, vfio }: ShownMachine): [string, Entry][] {
  return pci.groups.map((group, number) => [
    String(number),
    directory(() => {
      const nodes = [...pci.nodes()].filter((node) => node.group === group);
      const devices = nodes.flatMap((node) => vfio.at(node)?.device ?? []);
      return [
        ['devices', directory(() => nodes.map((node) => [node.name, link(pathOf(node))] as const))],
        [
          'reserved_regions',
          line(() =>
            (devices[0]?.reservedRegions() ?? [])
              .map(
                ({ start, last }) =>
                  [start, last].map((at) => `0x${at.toString(16).padStart(16, '0')}`).join(' ') + ' msi',
              )
              .join('\n'),
          ),
        ],
        ['type', line(() => 'DMA-FQ')],
      ] as const;
    }),
  ]);
}
