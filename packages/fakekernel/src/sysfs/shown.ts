/** The parts of a kernel that its files show, and the paths of their directories. */
import type { ShownIommu } from '../hardware/pci/pci-iommu.js';
import type { PciBus, PciNode, PciTopology } from '../hardware/pci/topology.js';
import type { ModuleParameters } from '../module-parameters.js';
import type { FaultSettings } from '../process/fault-injection.js';
import type { VfioDevice } from '../vfio/device.js';
import type { VfioSlots } from '../vfio/slots.js';
import { type Entry, link, type Writing } from './tree.js';

/** The firmware's description of a function. */
export interface FirmwareNode {
  /** Its directory: `/sys/devices/LNXSYSTM:00/...`. */
  readonly directory: string;
  /** Its name there: `\_SB_.PCI0.S18_`. */
  readonly path: string;
}

/** The parts of a kernel that its files show. */
export interface ShownMachine {
  readonly pci: PciTopology;
  readonly vfio: VfioSlots;
  /** The settings of fault injection that programs have written. */
  readonly faults: FaultSettings;
  /** The IOMMU of a function, if it is in `/sys/class/iommu`. */
  iommuOf(node: PciNode): ShownIommu | undefined;
  firmwareOf(node: PciNode): FirmwareNode | undefined;
  /** Parameters of Linux's modules. */
  readonly parameters: ModuleParameters;
  /** vfio-pci's `sriov_configure()`. @throws Errno if it fails */
  configureSriov(node: PciNode, count: number): Writing;
  /** Unbinds a function from vfio-pci. @returns the write, which is done when no program has the device open */
  unbind(node: PciNode): Writing;
  /** Binds a function to vfio-pci. @throws ENODEV | EINVAL | EBUSY */
  bind(node: PciNode): void;
}

/** The name of a root bus. */
export const rootName = ({ number }: PciBus): string => `pci0000:${number.toString(16).padStart(2, '0')}`;

/** The directory of a function, inside those of the bridges above it. */
export function pathOf(node: PciNode): string {
  const { bridge } = node.bus;
  return `${bridge === undefined ? `/sys/devices/${rootName(node.bus)}` : pathOf(bridge.node)}/${node.name}`;
}

/** The directory of a function's VFIO device. */
export const pathOfVfio = ({ core, number }: VfioDevice): string =>
  `${pathOf(core.pdev.node)}/vfio-dev/vfio${number}`;

/** Groups that have a VFIO device, in the order in which they were added: the index is the minor number of their node. */
export function vfioGroups({ pci, vfio }: ShownMachine): number[] {
  return [...new Set([...vfio].map(({ device }) => pci.groupNumber(device.group)))];
}

/** Links, by name. */
export function links(list: Iterable<readonly [name: string, to: string]>): [string, Entry][] {
  return [...list].map(([name, to]) => [name, link(to)]);
}
