/**
 * Creates a machine from its description: the options of `iommufd run`, which also writes them to the head of a tape. The same
 * description creates the same machine.
 */

import {
  type KernelConfig,
  type Capability,
  createDevice,
  edu,
  express,
  FakeKernel,
  type FakePciDevice,
  FakeSmmuv3,
  FakeVtd,
  MockDevice,
  mockModule,
  nic,
  nvme,
  type SmmuDevice,
  sriov,
  testdev,
} from '@iommufd/fakekernel';
import type { MachineOptions } from './tape.js';

/** A device of a machine. It can do DMA. */
export type MachineDevice = MockDevice | SmmuDevice | FakePciDevice;

/** The hardware of a machine. The script of `--script` receives it. */
export interface Hardware {
  /**
   * In the order of the description: mock devices, and PCI functions that {@link createDevice} returned. A device of the kind `pci`
   * behind an SMMUv3 is the one that {@link FakeSmmuv3.addDevice} returned.
   */
  readonly devices: readonly MachineDevice[];
  /** The SMMUv3 of the devices, if they have one. */
  readonly smmu: FakeSmmuv3 | undefined;
}

const DEVICE = /^([a-z0-9-]+)(?:@((?:[0-9a-f]{4}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]))?((?:,[^,]*)*)$/;

/**
 * A property of a device, after a comma in its description: supports PASIDs, may stall, is coherent whatever memory attributes a guest
 * sets (CANWBS), supports ATS, has virtual functions.
 */
type Ability = 'pasids' | 'stall' | 'canwbs' | 'ats' | 'vfs';

/** The properties that a mock device, and a function behind an SMMUv3, can have. */
const MOCK_ABILITIES: readonly Ability[] = ['pasids'];
const SMMU_ABILITIES: readonly Ability[] = ['pasids', 'stall', 'canwbs', 'ats'];

/** Width of PASIDs in bits. */
const PASID_BITS = 20;

/** Parses the properties of a device. @throws RangeError if one is unknown for this device, or appears twice */
function abilitiesOf(text: string, known: readonly Ability[], what: string): ReadonlySet<Ability> {
  const wanted = text.split(',').slice(1);
  const isKnown = (each: string): each is Ability => known.some((ability) => ability === each);
  for (const each of wanted)
    if (!isKnown(each))
      throw new RangeError(
        `${what} cannot have '${each}'${known.length > 0 ? `, only ${known.join(', ')}` : ''}`,
      );
  const again = wanted.find((each, i) => wanted.indexOf(each) < i);
  if (again !== undefined) throw new RangeError(`'${again}' is given twice`);
  return new Set(wanted.filter(isKnown));
}

/** A NIC in loopback: it receives each frame that it sends. */
function loopedNic(): FakePciDevice {
  const { device, receive } = nic((frame) => receive(frame));
  return device;
}

function plainFunction(more: readonly Capability[] = []): FakePciDevice {
  return createDevice({
    vendor: 0x1234,
    device: 0x11e8,
    interruptPin: 0,
    capabilities: [express({ flr: true }), ...more],
  });
}

/** Number of virtual functions of a function with SR-IOV. */
const VFS = 4;
const physicalFunction = (): FakePciDevice => plainFunction([sriov({ totalVfs: VFS, vfDevice: 0x11e9 })]);

/** Creates PCI functions, by their kind. @param count number of existing functions of the same kind */
const FUNCTIONS: Readonly<Record<string, (count: number) => FakePciDevice>> = {
  edu: () => edu(),
  nic: loopedNic,
  // Serial numbers distinguish several disks.
  nvme: (count) => nvme(count === 0 ? {} : { serial: `fake${count}` }),
  pci: () => plainFunction(),
  'pci-testdev': () => testdev(),
};

/** The kinds that `--device` accepts. */
const DEVICE_KINDS: readonly string[] = ['mock', ...Object.keys(FUNCTIONS)];

/**
 * Creates the kernel of a machine, for a native program or for the replay of its tape.
 * @param version version of Linux; the newest by default
 * @param arch the architecture of the tape to replay. It determines the addresses of the replayed processes, not those of native programs
 * @throws RangeError if the version is unknown
 */
export function makeKernel(
  { mock, devices, mapsRegisters = false }: MachineOptions,
  version?: string,
  arch?: string,
): FakeKernel {
  return new FakeKernel(mock === true ? [mockModule] : [], {
    mapsRegisters,
    enableSriov: devices?.some((text) => text.split(',').includes('vfs')) === true,
    ...(version !== undefined && { version }),
    ...addressesOf(arch),
  });
}

/**
 * The end of user space on an architecture. On arm64 it depends on the machine, which a tape does not say: 2^52 is the largest.
 * A machine with fewer bits refuses to map memory beyond them, so its tapes do not map any there.
 */
export const addressesOf = (arch: string | undefined): Pick<KernelConfig, 'taskSize'> =>
  arch === 'aarch64' ? { taskSize: 2 ** 52 } : {};

/**
 * Creates the devices of a machine, and plugs them in. PCI functions are behind the SMMUv3, if the machine has one, otherwise behind an
 * Intel VT-d unit. Mock devices are behind the mock driver's IOMMU.
 * @throws RangeError if a kind is unknown, a property is invalid, or an address cannot be used
 */
export function makeHardware(kernel: FakeKernel, { smmuv3, devices: wanted = [] }: MachineOptions): Hardware {
  const smmu = smmuv3 === true ? new FakeSmmuv3(kernel) : undefined;
  const builder = new Builder(kernel, smmu);
  return { devices: wanted.map((text) => builder.add(text)), smmu };
}

class Builder {
  private vtd: FakeVtd | undefined;
  private readonly buses = new Set([0]);
  /** Slots of bus 0 that are in use. */
  private readonly taken = new Set([0]);
  /** Number of functions of each kind. */
  private readonly counts = new Map<string, number>();

  constructor(
    private readonly kernel: FakeKernel,
    private readonly smmu: FakeSmmuv3 | undefined,
  ) {}

  /** Adds a device. @param text `KIND` or `KIND@BDF`, with properties after commas */
  add(text: string): MachineDevice {
    const [, kind, address, abilities = ''] = DEVICE.exec(text) ?? [];
    if (kind === undefined)
      throw new RangeError(`--device ${text}: expected KIND or KIND@BDF, such as mock or edu@00:05.0`);
    try {
      return kind === 'mock' ? this.addMock(address, abilities) : this.addFunction(kind, address, abilities);
    } catch (error) {
      if (error instanceof RangeError) throw new RangeError(`--device ${text}: ${error.message}`);
      throw error;
    }
  }

  private addMock(address: string | undefined, text: string): MockDevice {
    if (this.smmu !== undefined) throw new RangeError('a mock device cannot be behind an SMMUv3');
    const abilities = abilitiesOf(text, MOCK_ABILITIES, 'a mock device');
    const device = new MockDevice({ pasids: abilities.has('pasids') });
    this.kernel.plug(device, { at: this.place(address) });
    return device;
  }

  private addFunction(kind: string, address: string | undefined, text: string): SmmuDevice | FakePciDevice {
    const make = Object.hasOwn(FUNCTIONS, kind) ? FUNCTIONS[kind] : undefined;
    if (make === undefined) throw new RangeError(`unknown kind; known are ${DEVICE_KINDS.join(', ')}`);
    const { smmu } = this;
    const own: readonly Ability[] = kind === 'pci' ? ['vfs'] : [];
    const abilities =
      smmu === undefined
        ? abilitiesOf(text, own, 'a function that is not behind an SMMUv3')
        : abilitiesOf(text, [...SMMU_ABILITIES, ...own], 'a function');
    const at = this.place(address);
    const count = this.counts.get(kind) ?? 0;
    this.counts.set(kind, count + 1);
    const pci = abilities.has('vfs') ? physicalFunction() : make(count);
    if (smmu === undefined) {
      this.vtd ??= new FakeVtd();
      this.kernel.plug(pci, { at, iommu: this.vtd });
      return pci;
    }
    // The StreamID of a PCI function is its requester ID, as in most machines.
    const device = smmu.addDevice({
      streamId: requesterIdOf(at),
      pci,
      ...(abilities.has('pasids') && { pasidBits: PASID_BITS }),
      canStall: abilities.has('stall'),
      canwbs: abilities.has('canwbs'),
      ats: abilities.has('ats'),
    });
    this.kernel.plug(device, { at });
    return kind === 'pci' ? device : pci;
  }

  /** Reserves an address: the given one, with a port above its bus, or the lowest free slot of bus 0. */
  private place(address: string | undefined): string {
    if (address === undefined) return this.place(`00:${hex(this.freeSlot())}.0`);
    const [bus, slot] = partsOf(address);
    if (bus === 0) this.taken.add(slot);
    if (!this.buses.has(bus)) {
      const index = this.buses.size - 1;
      if (index >= PORTS) throw new RangeError(`the machine has ports for only ${PORTS} buses`);
      this.kernel.pci.addBridge(`00:${hex(FIRST_PORT + (index >> 3))}.${index & 7}`, { secondary: bus });
      this.buses.add(bus);
    }
    return address;
  }

  private freeSlot(): number {
    for (let slot = 1; slot < FIRST_PORT; slot++) if (!this.taken.has(slot)) return slot;
    throw new RangeError('bus 0 is full');
  }
}

/** Ports are in the last slots of bus 0, eight per slot, as in chipsets. */
const FIRST_PORT = 0x1c;
const PORTS = 32;

const hex = (value: number): string => value.toString(16).padStart(2, '0');

/** Bus, slot and function. */
function partsOf(address: string): [bus: number, slot: number, fn: number] {
  const [bus = '', slot = '', fn = ''] = address.slice(-7).split(/[:.]/);
  return [parseInt(bus, 16), parseInt(slot, 16), Number(fn)];
}

/** Bus, slot and function as one number. */
function requesterIdOf(address: string): number {
  const [bus, slot, fn] = partsOf(address);
  return (bus << 8) | (slot << 3) | fn;
}
