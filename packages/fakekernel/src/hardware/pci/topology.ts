/**
 * The places of PCI functions: root buses, ports and bridges with a bus behind them, and slots of up to eight functions. IOMMU
 * groups ({@link PciTopology.groupFor}), addresses of BARs and routes of interrupt lines follow from them.
 */
import { Group } from '../../iommu/group.js';
import { devfnOf, formatAddress, type PciAddress, parseAddress } from './address.js';
import type { FakePciDevice } from './function.js';
import {
  PCI_BASE_ADDRESS_0,
  PCI_EXT_CAP_ID,
  PCI_HEADER_TYPE,
  PCI_HEADER_TYPE_MFD,
  PCI_INTERRUPT_PIN,
  PCI_ROM_ADDRESS,
  PCI_SRIOV_BAR,
  PCI_SRIOV_TOTAL_VF,
} from './registers.js';

/** The kind of a bridge: a root or downstream port of PCI Express, or a bridge to a conventional bus. */
export type BridgeKind = 'port' | 'conventional';

/** The declaration of a bridge. */
export interface BridgeOptions {
  /** Its kind. Default: a port. */
  readonly kind?: BridgeKind;
  /** The number of the bus behind it. Default: the lowest free one. */
  readonly secondary?: number;
  /** True if it sends requests between functions up to the IOMMU (ACS). Default: true for ports. */
  readonly acs?: boolean;
  /** True if its link stays down after a reset of the bus behind it, which fails with ENOTTY in Linux. */
  readonly linkStaysDown?: boolean;
}

/** A bus, with its functions in the order in which they were added. */
export class PciBus {
  readonly nodes: PciNode[] = [];

  constructor(
    readonly number: number,
    /** The bridge above it; undefined for the root bus. */
    readonly bridge: Upstream | undefined,
  ) {}

  /** All functions on it and below it: `pci_walk_bus()`. */
  *walk(): Generator<PciNode> {
    for (const node of this.nodes) {
      yield node;
      if (node.bridge !== undefined) yield* node.bridge.secondary.walk();
    }
  }
}

/** Options of a function that belongs to the machine itself. */
export interface OtherOptions {
  /** True if Linux has a driver for it, which allocates its line and a vector. Default: false. */
  readonly isDriven?: boolean;
}

/** A bridge from the view of the bus behind it. */
interface Upstream {
  readonly node: PciNode;
  readonly kind: BridgeKind;
  readonly hasAcs: boolean;
  readonly linkStaysDown: boolean;
}

/** A bridge. */
export interface PciBridge extends Upstream {
  readonly secondary: PciBus;
}

/** A function with its address. */
export class PciNode {
  /** The bridge, if it is one. */
  bridge: PciBridge | undefined;

  constructor(
    readonly bus: PciBus,
    readonly address: PciAddress,
    /** Undefined for functions without hardware here: bridges, and functions of the machine itself. */
    readonly device: FakePciDevice | undefined,
    readonly group: Group,
  ) {}

  get name(): string {
    return formatAddress(this.address);
  }

  get devfn(): number {
    return devfnOf(this.address);
  }
}

/** Address ranges for BARs without an address: memory below 4 GiB, memory above, and I/O ports. */
const MEMORY_WINDOW = { first: 0xe000_0000, end: 0xfec0_0000 };
const HIGH_WINDOW = { first: 0x38_0000_0000, end: 2 ** 46 };
const IO_WINDOW = { first: 0xc000, end: 0x1_0000 };
/** The slot of ICH9's bridge to PCI: its lines are routed like those of slots of a PCI bus. */
const DMI_TO_PCI_SLOT = 30;
/** The pin of ports, and of functions of the machine itself. */
const INTA = 1;
/** A larger BAR is placed above 4 GiB if possible. */
const LARGE = 64 << 20;

/** All functions of a machine. */
export class PciTopology {
  /** IOMMU groups by number, in the order in which they were found. @internal */
  readonly groups: Group[] = [];
  private readonly buses = new Map<number, PciBus>([[0, new PciBus(0, undefined)]]);
  private nextMemory = MEMORY_WINDOW.first;
  private nextHigh = HIGH_WINDOW.first;
  private nextIo = IO_WINDOW.first;

  /** Adds a bridge. @throws RangeError if the address is in use or has no bus */
  addBridge(at: string, options: BridgeOptions = {}): void {
    const { kind = 'port', acs = kind === 'port', linkStaysDown = false } = options;
    const number = options.secondary ?? this.freeNumber();
    if (this.buses.has(number)) throw new RangeError(`there is a bus ${number} already`);
    const node = this.place(parseAddress(at), undefined);
    const bus = new PciBus(number, { node, kind, hasAcs: acs, linkStaysDown });
    if (kind === 'port') this.driven.push(node);
    node.bridge = { node, kind, hasAcs: acs, linkStaysDown, secondary: bus };
    this.buses.set(number, bus);
  }

  private freeNumber(): number {
    let number = 1;
    while (this.buses.has(number)) number++;
    return number;
  }

  /**
   * Adds a function of the machine itself, for which there is no hardware here.
   * @param options its options
   * @throws RangeError if the address is in use or has no bus
   */
  addOther(at: string, { isDriven = false }: OtherOptions = {}): void {
    const node = this.place(parseAddress(at), undefined);
    if (isDriven) this.driven.push(node);
  }

  /**
   * Adds a function.
   * @param at its address. Default: function 0 of the lowest free slot of a root bus
   * @param group its IOMMU group, if it does not follow from its address
   * @throws RangeError if the address is in use or has no bus
   * @internal
   */
  add(device: FakePciDevice, at?: string, group?: Group): PciNode {
    const address = at === undefined ? this.freeSlot() : parseAddress(at);
    const node = this.place(address, device, group);
    // Virtual functions are not found by scanning the slot.
    if (address.fn > 0 && !isVirtual(device)) markMultifunction(node.bus, address.slot);
    this.assignAddresses(device);
    return node;
  }

  private place(address: PciAddress, device: FakePciDevice | undefined, group?: Group): PciNode {
    const bus = this.buses.get(address.bus);
    if (bus === undefined)
      throw new RangeError(`${formatAddress(address)}: no port has bus ${address.bus} behind it`);
    if (bus.nodes.some((node) => node.devfn === devfnOf(address)))
      throw new RangeError(`${formatAddress(address)} is taken`);
    const node = new PciNode(bus, address, device, group ?? this.groupFor(bus, address, device));
    bus.nodes.push(node);
    if (!this.groups.includes(node.group)) this.groups.push(node.group);
    return node;
  }

  /** Removes a function. @internal */
  remove(node: PciNode): void {
    const { nodes } = node.bus;
    const index = nodes.indexOf(node);
    if (index >= 0) nodes.splice(index, 1);
  }

  /** The number of a group. @internal */
  groupNumber(group: Group): number {
    return this.groups.indexOf(group);
  }

  /** The node of a function. @internal */
  find(device: FakePciDevice): PciNode | undefined {
    for (const node of this.nodes()) if (node.device === device) return node;
    return undefined;
  }

  /** All functions, in the order in which Linux finds them. @internal */
  *nodes(): Generator<PciNode> {
    for (const root of this.roots) yield* root.walk();
  }

  /** The lowest free slot of a root bus. If all slots are in use, another root bus is added, as on large machines. */
  private freeSlot(): PciAddress {
    for (const { number: bus, nodes } of this.roots) {
      for (let slot = 1; slot < 32; slot++)
        if (!nodes.some(({ address }) => address.slot === slot)) return { bus, slot, fn: 0 };
    }
    let number = 0xff;
    while (this.buses.has(number)) number--;
    if (number < 0) throw new RangeError('every bus is taken');
    const bus = new PciBus(number, undefined);
    this.buses.set(number, bus);
    return { bus: number, slot: 1, fn: 0 };
  }

  /** Functions that Linux's drivers use from boot on: ports of PCI Express, and others. @internal */
  readonly driven: PciNode[] = [];

  /** Buses without a bridge above them. @internal */
  get roots(): readonly PciBus[] {
    return [...this.buses.values()].filter(({ bridge }) => bridge === undefined);
  }

  /**
   * `pci_device_group()`: the IOMMU group of a new function. Functions behind a bridge to a conventional bus have its requester
   * ID, and therefore its group. Functions behind a port without ACS can reach each other, and so can functions of one slot,
   * unless they have ACS.
   */
  private groupFor(bus: PciBus, address: PciAddress, device: FakePciDevice | undefined): Group {
    for (let above = bus; above.bridge !== undefined; above = above.bridge.node.bus)
      if (above.bridge.kind === 'conventional') return above.bridge.node.group;
    if (bus.bridge !== undefined && !bus.bridge.hasAcs) return bus.bridge.node.group;
    const isAlone = (other: FakePciDevice | undefined): boolean => isVirtual(other) || hasAcs(other);
    const sibling = bus.nodes.find((node) => node.address.slot === address.slot && !isAlone(node.device));
    return sibling === undefined || isAlone(device) ? new Group() : sibling.group;
  }

  /** Assigns an address to each BAR without one, as firmware does. */
  private assignAddresses(device: FakePciDevice): void {
    if (device.physicalFunction !== undefined) {
      this.assignVirtualAddresses(device, device.physicalFunction);
      return;
    }
    const { config } = device;
    for (const [index, bar] of device.bars.entries()) {
      if (bar === undefined) continue;
      const at = PCI_BASE_ADDRESS_0 + 4 * index;
      const current = config.read(at, 4) & (bar.isIo ? ~3 : ~15);
      if (current !== 0 || (bar.is64 && config.read(at + 4, 4) !== 0)) continue;
      const address = this.allocate(bar.size, bar.isIo, bar.is64);
      config.write(at, 4, address % 2 ** 32);
      if (bar.is64) config.write(at + 4, 4, Math.floor(address / 2 ** 32));
    }
    if (device.rom !== undefined && (config.read(PCI_ROM_ADDRESS, 4) & ~0x7ff) === 0)
      config.write(PCI_ROM_ADDRESS, 4, this.allocate(device.rom.size, false, false));
  }

  /** `sriov_init()`: memory for the BARs of all virtual functions, one behind the other. */
  private assignVirtualAddresses({ bars }: FakePciDevice, physical: FakePciDevice): void {
    const { config } = physical;
    const capability = physical.findExtended(PCI_EXT_CAP_ID.SRIOV);
    if (capability === undefined) return;
    const total = config.read(capability + PCI_SRIOV_TOTAL_VF, 2);
    for (const [index, bar] of bars.entries()) {
      const at = capability + PCI_SRIOV_BAR + 4 * index;
      if (bar === undefined || config.read(at, 4) !== 0 || (bar.is64 && config.read(at + 4, 4) !== 0))
        continue;
      const address = this.allocate(bar.size * total, false, bar.is64);
      config.set(at, 4, (address % 2 ** 32) + bar.typeBits);
      if (bar.is64) config.set(at + 4, 4, Math.floor(address / 2 ** 32));
    }
  }

  private allocate(size: number, isIo: boolean, is64: boolean): number {
    const up = (value: number): number => Math.ceil(value / size) * size;
    if (isIo) {
      const at = up(this.nextIo);
      if (at + size > IO_WINDOW.end) throw new RangeError('there are no I/O ports left');
      this.nextIo = at + size;
      return at;
    }
    if (is64 && size > LARGE) {
      const at = up(this.nextHigh);
      this.nextHigh = at + size;
      return at;
    }
    const at = up(this.nextMemory);
    if (at + size > MEMORY_WINDOW.end) throw new RangeError('there is no room for memory below 4 GiB left');
    this.nextMemory = at + size;
    return at;
  }

  /**
   * The interrupt number of a function's line, as the q35 board routes it: bridges rotate pins by the slot number
   * (`pci_swizzle_interrupt_pin()`); slots of the root bus below 25, and slot 30, have the lines 20 to 23, other slots 16 to 19.
   * @returns the number; 0 without a pin
   * @internal
   */
  interruptOf(node: PciNode): number {
    const pin = node.device?.config.read(PCI_INTERRUPT_PIN, 1) ?? INTA;
    if (pin === 0) return 0;
    let index = pin - 1;
    let at = node;
    while (at.bus.bridge !== undefined) {
      index = (index + at.address.slot) % 4;
      at = at.bus.bridge.node;
    }
    const { slot } = at.address;
    if (slot < 25) return 20 + ((slot + index) % 4);
    return (slot === DMI_TO_PCI_SLOT ? 20 : 16) + index;
  }
}

function isVirtual(device: FakePciDevice | undefined): boolean {
  return device?.physicalFunction !== undefined;
}

function hasAcs(device: FakePciDevice | undefined): boolean {
  return device?.findExtended(PCI_EXT_CAP_ID.ACS) !== undefined;
}

/** Sets the bit of function 0 which means that the slot has several functions. */
function markMultifunction(bus: PciBus, slot: number): void {
  const first = bus.nodes.find(({ address }) => address.slot === slot && address.fn === 0)?.device;
  if (first === undefined) return;
  first.config.set(PCI_HEADER_TYPE, 1, first.config.read(PCI_HEADER_TYPE, 1) | PCI_HEADER_TYPE_MFD);
}
