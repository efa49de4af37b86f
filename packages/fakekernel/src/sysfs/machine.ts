/**
 * The files of a machine in `/sys` and `/dev`: PCI functions, IOMMU groups, vfio-pci and its nodes, with Linux's contents. A VMM
 * finds its devices there. {@link machineFiles} creates the tree of a kernel; its entries are computed when they are read.
 */
import type { PciNode } from '../hardware/pci/topology.js';
import { fail } from '../errno.js';
import { ascii } from '../lib/ascii.js';
import { kstrtobool } from '../lib/kstrto.js';
import type { ModuleParameters, Parameter } from '../module-parameters.js';
import type { FaultSettings } from '../process/fault-injection.js';
import { SettingFile } from '../process/setting-file.js';
import { groups, iommuClass, iommuDevices, iommuPath } from './iommus.js';
import {
  characterDevices,
  groupClass,
  groupDevices,
  miscClass,
  miscDevices,
  nodes,
  vfioDev,
} from './numbers.js';
import { functionEntries } from './pci-function.js';
import { links, pathOf, pathOfVfio, rootName, type ShownMachine } from './shown.js';
import {
  type Attribute,
  command,
  dir,
  directory,
  type Directory,
  DONE,
  type Entry,
  FileTree,
  line,
  type Writing,
} from './tree.js';

const DRIVER = '/sys/bus/pci/drivers/vfio-pci';

/** The tree of a machine. */
export function machineFiles(machine: ShownMachine): FileTree {
  const { pci, vfio } = machine;
  return new FileTree(
    dir({
      sys: dir({
        devices: directory(() => [
          ...pci.roots.map(
            (bus) => [rootName(bus), directory(() => functionDirectories(machine, bus.nodes))] as const,
          ),
          ...firmwareEntries(machine, '/sys/devices'),
          [
            'virtual',
            dir({
              iommu: directory(() => iommuDevices(machine)),
              misc: directory(miscDevices),
              vfio: directory(() => groupDevices(machine)),
            }),
          ],
        ]),
        bus: dir({
          pci: dir({
            devices: directory(() => links([...pci.nodes()].map((node) => [node.name, pathOf(node)]))),
            drivers: dir({ 'vfio-pci': directory(() => driverEntries(machine)) }),
          }),
        }),
        class: dir({
          iommu: directory(() => iommuClass(machine)),
          misc: directory(miscClass),
          vfio: directory(() => groupClass(machine)),
          'vfio-dev': directory(() =>
            links([...vfio].map((device) => [`vfio${device.number}`, pathOfVfio(device)])),
          ),
        }),
        dev: dir({ char: directory(() => characterDevices(machine)) }),
        kernel: dir({ debug: debugfs(machine.faults), iommu_groups: directory(() => groups(machine)) }),
        module: modules(machine.parameters),
      }),
      dev: nodes(machine),
    }),
  );
}

/** The files of fault injection, which only root can see. */
function debugfs(faults: FaultSettings): Directory {
  return directory(() =>
    [...faults].map(([capability, settings]) => [
      capability,
      directory(() =>
        settings.names().map((name) => {
          const attribute: Attribute = {
            kind: 'attribute',
            size: 0,
            mode: 0o600,
            read: () => ascii(settings.show(name)),
            write: (text) => {
              settings.store(name, text);
              return DONE;
            },
            open: () => new SettingFile(settings, name),
          };
          return [name, attribute] as const;
        }),
      ),
    ]),
  );
}

/** Modules and their parameters. */
function modules(parameters: ModuleParameters): Directory {
  const all: Readonly<Record<string, Readonly<Record<string, Parameter>>>> = parameters;
  return directory(() =>
    Object.entries(all).map(([name, own]) => [name, dir({ parameters: parameterFiles(own) })] as const),
  );
}

function parameterFiles(parameters: Readonly<Record<string, Parameter>>): Directory {
  return directory(() =>
    Object.entries(parameters).map(([name, parameter]) => {
      const shown = line(() => (parameter.value ? 'Y' : 'N'));
      if (!parameter.isWritable) return [name, shown] as const;
      const write = (text: string): Writing => {
        parameter.value = kstrtobool(text);
        return DONE;
      };
      return [name, { ...shown, write }] as const;
    }),
  );
}

/** Directories of the firmware's nodes, which are nested. */
function firmwareEntries(machine: ShownMachine, path: string): [string, Entry][] {
  const places = [...machine.pci.nodes()].flatMap((node) => machine.firmwareOf(node) ?? []);
  const names = new Set<string>();
  for (const place of places) {
    const [name] = place.directory.startsWith(`${path}/`)
      ? place.directory.slice(path.length + 1).split('/')
      : [];
    if (name !== undefined) names.add(name);
  }
  const own = places.find((place) => place.directory === path);
  return [
    ...[...names].map((name): [string, Entry] => [
      name,
      directory(() => firmwareEntries(machine, `${path}/${name}`)),
    ]),
    ...(own === undefined ? [] : [['path', line(() => own.path)] as [string, Entry]]),
  ];
}

function functionDirectories(machine: ShownMachine, list: readonly PciNode[]): [string, Entry][] {
  return list.map((node) => [
    node.name,
    directory(() => [
      ...ownEntries(machine, node),
      ...(node.bridge === undefined ? [] : functionDirectories(machine, node.bridge.secondary.nodes)),
    ]),
  ]);
}

/** The files of a function bound to vfio-pci. Bridges and functions without a driver have only their directory. */
function ownEntries(machine: ShownMachine, node: PciNode): [string, Entry][] {
  const { pci, vfio } = machine;
  const device = vfio.at(node);
  if (device === undefined) return [];
  const iommu = machine.iommuOf(node);
  return functionEntries(device.core.pdev, {
    driver: DRIVER,
    group: `/sys/kernel/iommu_groups/${pci.groupNumber(node.group)}`,
    iommu: iommu && iommuPath(iommu),
    firmware: machine.firmwareOf(node)?.directory,
    configureSriov: (count) => machine.configureSriov(node, count),
    awake: (work) => device.core.power.awake(work),
    pathOf,
    nodeOf: (other) => pci.find(other),
    vfioDev: dir({ [`vfio${device.number}`]: vfioDev(device, pathOf(node)) }),
  });
}

/** The driver's directory: its functions, and the files that bind and unbind them. */
function driverEntries(machine: ShownMachine): [string, Entry][] {
  const nodeOf = (text: string): PciNode => {
    const node = [...machine.pci.nodes()].find(({ name }) => name === text.trim());
    if (node === undefined) throw fail('ENODEV');
    return node;
  };
  return [
    ...links([...machine.vfio].map(({ core: { pdev } }) => [pdev.node.name, pathOf(pdev.node)])),
    [
      'bind',
      command((text) => {
        machine.bind(nodeOf(text));
        return DONE;
      }),
    ],
    ['new_id', command(() => DONE)],
    ['remove_id', command(() => DONE)],
    ['uevent', command(() => DONE)],
    ['unbind', command((text) => machine.unbind(nodeOf(text)))],
  ];
}
