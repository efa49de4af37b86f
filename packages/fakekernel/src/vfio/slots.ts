import type { PciNode } from '../hardware/pci/topology.js';
import type { Device } from '../iommu/device.js';
import type { Group } from '../iommu/group.js';
import type { Interrupts } from '../pci/interrupts.js';
import type { PciDev } from '../pci/pci-dev.js';
import type { File } from '../process/file.js';
import type { Features } from '../versions/kernel-version.js';
import { VfioDevice } from './device.js';
import { VfioGroup } from './group.js';
import { VfioPciCore, type VfioPciSettings } from './pci-core.js';

/** The VFIO devices, by the number in the name of their node. */
export class VfioSlots {
  private readonly slots: (VfioDevice | undefined)[] = [];

  private readonly groups = new Map<Group, VfioGroup>();

  /**
   * @param numbers returns the number of an IOMMU group
   * @param interrupts the interrupts of the machine
   * @param settings the settings of the kernel for vfio-pci
   */
  constructor(
    private readonly numbers: { groupNumber(group: Group): number },
    private readonly interrupts: Interrupts,
    private readonly settings: VfioPciSettings,
    private readonly features: Features,
  ) {}

  /** The number of an IOMMU group. */
  numberOf(group: Group): number {
    return this.numbers.groupNumber(group);
  }

  /** Assigns the lowest free number to a device. */
  add(device: Device, pdev: PciDev): VfioDevice {
    const free = this.slots.indexOf(undefined);
    const number = free === -1 ? this.slots.length : free;
    const physical = this.find((other) => other.core.pdev.hardware === pdev.hardware.physicalFunction);
    const core = new VfioPciCore(pdev, physical?.core, this.interrupts, this.settings, this.features);
    const vfio = new VfioDevice(device, core, number, this.groupFor(device.group), this);
    vfio.group.register(vfio);
    return (this.slots[number] = vfio);
  }

  /** `vfio_group_find_or_alloc()` */
  private groupFor(group: Group): VfioGroup {
    const known = this.groups.get(group) ?? new VfioGroup(group, this.numberOf(group));
    this.groups.set(group, known);
    return known;
  }

  /** Removes a device that no program has open. */
  remove(known: VfioDevice): void {
    this.slots[this.slots.indexOf(known)] = undefined;
    known.group.unregister(known);
    if (--known.group.driverCount === 0) this.groups.delete(known.group.group);
  }

  /** The IOMMU group whose file this is. */
  groupOpenedAs(file: File): Group | undefined {
    for (const [group, vfio] of this.groups) if (vfio.isOpenedAs(file)) return group;
    return undefined;
  }

  find(wanted: (device: VfioDevice) => boolean): VfioDevice | undefined {
    return this.slots.find((slot) => slot !== undefined && wanted(slot));
  }

  /** vfio-pci's device at a node of the topology. */
  at(node: PciNode): VfioDevice | undefined {
    return this.find(({ core }) => core.pdev.node === node);
  }

  *[Symbol.iterator](): Generator<VfioDevice> {
    for (const slot of this.slots) if (slot !== undefined) yield slot;
  }

  /** The nodes of bound devices. */
  get bound(): string[] {
    return [...this].filter(({ isBound }) => isBound).map(({ path }) => path);
  }
}
