/** What of a kernel its files show, and where each thing is. */
import type { ShownIommu } from '../hardware/pci/pci-iommu.js';
import type { PciBus, PciNode, PciTopology } from '../hardware/pci/topology.js';
import type { ModuleParameters } from '../module-parameters.js';
import type { FaultSettings } from '../process/fault-injection.js';
import type { VfioDevice } from '../vfio/device.js';
import type { VfioSlots } from '../vfio/slots.js';
import { type Entry, link, type Writing } from './tree.js';

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
  /** What programs have set of fault injection. */
  readonly faults: FaultSettings;
  /** The IOMMU that a function is behind, if it is in `/sys/class/iommu`. */
  iommuOf(node: PciNode): ShownIommu | undefined;
  firmwareOf(node: PciNode): FirmwareNode | undefined;
  /** Those of Linux's modules. */
  readonly parameters: ModuleParameters;
  /** vfio-pci's `sriov_configure()`. @throws Errno of it */
  configureSriov(node: PciNode, count: number): Writing;
  /** Takes vfio-pci from a function. @returns when no program has it open any more */
  unbind(node: PciNode): Writing;
  /** Gives a function to vfio-pci. @throws ENODEV | EINVAL | EBUSY */
  bind(node: PciNode): void;
}

/** The name of a root bus. */
export const rootName = ({ number }: PciBus): string => `pci0000:${number.toString(16).padStart(2, '0')}`;

/** The directory of a function: below those of the bridges above it. */
export function pathOf(node: PciNode): string {
  const { bridge } = node.bus;
  return `${bridge === undefined ? `/sys/devices/${rootName(node.bus)}` : pathOf(bridge.node)}/${node.name}`;
}

/** That of its device of VFIO. */
export const pathOfVfio = ({ core, number }: VfioDevice): string =>
  `${pathOf(core.pdev.node)}/vfio-dev/vfio${number}`;

/** Groups that have a device of VFIO, in the order in which they came: the index is the minor number of their node. */
export function vfioGroups({ pci, vfio }: ShownMachine): number[] {
  return [...new Set([...vfio].map(({ device }) => pci.groupNumber(device.group)))];
}

/** Links by their names. */
export function links(list: Iterable<readonly [name: string, to: string]>): [string, Entry][] {
  return [...list].map(([name, to]) => [name, link(to)]);
}
