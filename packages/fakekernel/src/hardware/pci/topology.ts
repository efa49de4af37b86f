/**
 * Where functions are: a root bus, ports and bridges with a bus behind them, slots of up to eight functions. What an IOMMU can
 * tell apart follows from it ({@link PciTopology.groupFor}), and so do the addresses of BARs and the routes of interrupt lines.
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

/** What kind of bridge: a root or downstream port of PCI Express, or a bridge to a conventional bus. */
export type BridgeKind = 'port' | 'conventional';

/** A bridge as it is declared. */
export interface BridgeOptions {
  /** A port by default. */
  readonly kind?: BridgeKind;
  /** The number of the bus behind it; the lowest free one by default. */
  readonly secondary?: number;
  /** Does it send requests of different functions up to the IOMMU (ACS)? Ports do by default. */
  readonly acs?: boolean;
  /** Its link stays down after a reset of the bus behind it, which Linux reports as ENOTTY. */
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

/** What a function of the machine itself is. */
export interface OtherOptions {
  /** Has Linux a driver for it? Then it has its line and a vector; false by default. */
  readonly isDriven?: boolean;
}

/** A bridge as its bus sees it. */
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

/** A function at its place. */
export class PciNode {
  /** Set if it is a bridge. */
  bridge: PciBridge | undefined;

  constructor(
    readonly bus: PciBus,
    readonly address: PciAddress,
    /** Undefined for what is there and has no driver: bridges, and the machine's own functions. */
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

/** Where BARs are put that have no address: memory, memory of more than 32 bits, and I/O ports. */
const MEMORY_WINDOW = { first: 0xe000_0000, end: 0xfec0_0000 };
const HIGH_WINDOW = { first: 0x38_0000_0000, end: 2 ** 46 };
const IO_WINDOW = { first: 0xc000, end: 0x1_0000 };
/** Where ICH9 has its bridge to PCI: its lines are those of the slots of a PCI bus. */
const DMI_TO_PCI_SLOT = 30;
/** The pin of a port, and of the machine's own functions. */
const INTA = 1;
/** A BAR larger than this is put above 4 GiB if it can be. */
const LARGE = 64 << 20;

/** All functions of a machine. */
export class PciTopology {
  /** IOMMU groups by their number: in the order in which they were found. @internal */
  readonly groups: Group[] = [];
  private readonly buses = new Map<number, PciBus>([[0, new PciBus(0, undefined)]]);
  private nextMemory = MEMORY_WINDOW.first;
  private nextHigh = HIGH_WINDOW.first;
  private nextIo = IO_WINDOW.first;

  /** Adds a bridge. @throws RangeError for an address that is taken or has no bus */
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
   * Adds something that is there and that no driver here is for.
   * @param options what it is
   * @throws RangeError for an address that is taken or has no bus
   */
  addOther(at: string, { isDriven = false }: OtherOptions = {}): void {
    const node = this.place(parseAddress(at), undefined);
    if (isDriven) this.driven.push(node);
  }

  /**
   * Adds a function.
   * @param at its address; the first function of the lowest free slot of the root bus by default
   * @param group its IOMMU group, if that does not follow from its place
   * @throws RangeError for an address that is taken or has no bus
   * @internal
   */
  add(device: FakePciDevice, at?: string, group?: Group): PciNode {
    const address = at === undefined ? this.freeSlot() : parseAddress(at);
    const node = this.place(address, device, group);
    // Virtual functions are not found by looking into the slot.
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

  /** Takes a function out. @internal */
  remove(node: PciNode): void {
    const { nodes } = node.bus;
    const index = nodes.indexOf(node);
    if (index >= 0) nodes.splice(index, 1);
  }

  /** The number of a group. @internal */
  groupNumber(group: Group): number {
    return this.groups.indexOf(group);
  }

  /** Where a function is. @internal */
  find(device: FakePciDevice): PciNode | undefined {
    for (const node of this.nodes()) if (node.device === device) return node;
    return undefined;
  }

  /** All functions in the order in which Linux finds them. @internal */
  *nodes(): Generator<PciNode> {
    for (const root of this.roots) yield* root.walk();
  }

  /** The lowest free slot of a root bus. When they are full there is another one, as large machines have them. */
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

  /** Functions that Linux has a driver for from the start: ports of PCI Express, and others. @internal */
  readonly driven: PciNode[] = [];

  /** Buses without a bridge above them. @internal */
  get roots(): readonly PciBus[] {
    return [...this.buses.values()].filter(({ bridge }) => bridge === undefined);
  }

  /**
   * `pci_device_group()`: the group of what is added. Functions behind a bridge to a conventional bus have its requester id, and
   * so its group; behind a port without ACS they can reach each other; functions of one slot can, unless they have ACS.
   */
  private groupFor(bus: PciBus, address: PciAddress, device: FakePciDevice | undefined): Group {
    for (let above = bus; above.bridge !== undefined; above = above.bridge.node.bus)
      if (above.bridge.kind === 'conventional') return above.bridge.node.group;
    if (bus.bridge !== undefined && !bus.bridge.hasAcs) return bus.bridge.node.group;
    const isAlone = (other: FakePciDevice | undefined): boolean => isVirtual(other) || hasAcs(other);
    const sibling = bus.nodes.find((node) => node.address.slot === address.slot && !isAlone(node.device));
    return sibling === undefined || isAlone(device) ? new Group() : sibling.group;
  }

  /** What firmware does: an address for each BAR that has none. */
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
   * The interrupt number of a function's line, as the q35 board routes it: bridges turn pins by the slot
   * (`pci_swizzle_interrupt_pin()`), slots of the root bus below 25 and slot 30 have the lines 20 to 23, the others 16 to 19.
   * @returns 0 without a pin
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

/** Function 0 says that the slot has more. */
function markMultifunction(bus: PciBus, slot: number): void {
  const first = bus.nodes.find(({ address }) => address.slot === slot && address.fn === 0)?.device;
  if (first === undefined) return;
  first.config.set(PCI_HEADER_TYPE, 1, first.config.read(PCI_HEADER_TYPE, 1) | PCI_HEADER_TYPE_MFD);
}
