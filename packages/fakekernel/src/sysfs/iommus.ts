/** IOMMUs and their groups in sysfs: Linux's `drivers/iommu/iommu-sysfs.c` and `iommu.c`. */
import type { ShownIommu } from '../hardware/pci/pci-iommu.js';
import type { PciNode } from '../hardware/pci/topology.js';
import type { Device } from '../iommu/device.js';
import { links, pathOf, type ShownMachine } from './shown.js';
import { dir, directory, type Entry, line, link } from './tree.js';
import { hex } from '../lib/hex.js';

/** `/sys/devices/virtual/iommu`: each IOMMU with the functions behind it. */
export function iommuDevices(machine: ShownMachine): [string, Entry][] {
  const found = new Map<ShownIommu, PciNode[]>();
  for (const node of machine.pci.nodes()) {
    const iommu = machine.iommuOf(node);
    if (iommu !== undefined) found.set(iommu, [...(found.get(iommu) ?? []), node]);
  }
  return [...found].map(([{ name, driver, attributes }, nodes]) => [
    name,
    dir({
      devices: directory(() => links(nodes.map((node) => [node.name, pathOf(node)]))),
      [driver]: directory(() =>
        Object.entries(attributes).map(([key, value]) => [key, line(() => value)] as const),
      ),
      subsystem: link('/sys/class/iommu'),
      uevent: line(() => ''),
    }),
  ]);
}

/** The directory of an IOMMU. */
export const iommuPath = ({ name }: ShownIommu): string => `/sys/devices/virtual/iommu/${name}`;

/** `/sys/class/iommu`. */
export const iommuClass = (machine: ShownMachine): [string, Entry][] =>
  links(iommuDevices(machine).map(([name]) => [name, `/sys/devices/virtual/iommu/${name}`]));

/** `/sys/kernel/iommu_groups`. The type of a group is DMA-FQ, also while VFIO uses it. */
export function groups({ pci, vfio }: ShownMachine): [string, Entry][] {
  return pci.groups.map((group, number) => [
    String(number),
    directory(() => {
      const nodes = [...pci.nodes()].filter((node) => node.group === group);
      const devices = nodes.flatMap((node) => vfio.at(node)?.device ?? []);
      return [
        ['devices', directory(() => links(nodes.map((node) => [node.name, pathOf(node)])))],
        ['reserved_regions', line(() => reservedRegions(devices).join('\n'))],
        ['type', line(() => 'DMA-FQ')],
      ] as const;
    }),
  ]);
}

/** The regions that the devices of a group reserve; here they are always for interrupts. */
function reservedRegions([device]: readonly Device[]): string[] {
  return (device?.reservedRegions() ?? []).map(
    ({ start, last }) => `0x${hex(start, 16)} 0x${hex(last, 16)} msi`,
  );
}
