/**
 * Machines by their description: what `iommufd run` is asked for on its command line, and what a tape that it records says of the
 * machine. The same description makes the same machine.
 */

import {
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

/** A device of a machine: it does DMA. */
export type MachineDevice = MockDevice | SmmuDevice | FakePciDevice;

/** The hardware of a machine: what the script of `--script` gets. */
export interface Hardware {
  /**
   * In the order of the description: mock devices, and PCI functions as {@link createDevice} makes them. Those of the kind `pci`
   * behind an SMMUv3 are what {@link FakeSmmuv3.addDevice} returns.
   */
  readonly devices: readonly MachineDevice[];
  /** If the devices are behind one. */
  readonly smmu: FakeSmmuv3 | undefined;
}

const DEVICE = /^([a-z0-9-]+)(?:@((?:[0-9a-f]{4}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]))?((?:,[^,]*)*)$/;

/**
 * What can be said of a device behind a comma: that it has PASIDs, may stall, is coherent whatever a guest asks for, has ATS, has
 * virtual functions.
 */
type Ability = 'pasids' | 'stall' | 'canwbs' | 'ats' | 'vfs';

/** Those of a mock device, and those of a function behind an SMMUv3. */
const MOCK_ABILITIES: readonly Ability[] = ['pasids'];
const SMMU_ABILITIES: readonly Ability[] = ['pasids', 'stall', 'canwbs', 'ats'];

/** Bits of a PASID of a device that has them. */
const PASID_BITS = 20;

/** @throws RangeError for one that such a device cannot have, and for one that is there twice */
function abilitiesOf(text: string, known: readonly Ability[], what: string): ReadonlySet<Ability> {
  const wanted = text.split(',').slice(1);
  const isKnown = (each: string): each is Ability => known.some((ability) => ability === each);
  for (const each of wanted)
    if (!isKnown(each))
      throw new RangeError(
        `${what} has no '${each}'${known.length > 0 ? `: there is ${known.join(', ')}` : ''}`,
      );
  const again = wanted.find((each, i) => wanted.indexOf(each) < i);
  if (again !== undefined) throw new RangeError(`'${again}' is given twice`);
  return new Set(wanted.filter(isKnown));
}

/** A NIC whose wire leads back to it: what it sends arrives. */
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

/** Virtual functions of a function that has them. */
const VFS = 4;
const physicalFunction = (): FakePciDevice => plainFunction([sriov({ totalVfs: VFS, vfDevice: 0x11e9 })]);

/** PCI functions by their kind. @param count of those of the same kind that there are already */
const FUNCTIONS: Readonly<Record<string, (count: number) => FakePciDevice>> = {
  edu: () => edu(),
  nic: loopedNic,
  // Disks are told apart by their serial numbers.
  nvme: (count) => nvme(count === 0 ? {} : { serial: `fake${count}` }),
  pci: () => plainFunction(),
  'pci-testdev': () => testdev(),
};

/** What `--device` takes. */
const DEVICE_KINDS: readonly string[] = ['mock', ...Object.keys(FUNCTIONS)];

/**
 * Makes the kernel of a machine, which a native program uses, or the replay of its tape.
 * @param version of Linux; the newest by default
 * @throws RangeError if it is not known
 */
export function makeKernel({ mock, devices }: MachineOptions, version?: string): FakeKernel {
  return new FakeKernel(mock === true ? [mockModule] : [], {
    mapsRegisters: false,
    enableSriov: devices?.some((text) => text.split(',').includes('vfs')) === true,
    ...(version !== undefined && { version }),
  });
}

/**
 * Makes the devices of a machine, and plugs them in. Behind what a function is: an SMMUv3, if there is one; an Intel VT-d unit
 * otherwise. Mock devices are behind the mock driver's IOMMU.
 * @throws RangeError for a device that there is not, or an address that no device can have
 */
export function makeHardware(kernel: FakeKernel, { smmuv3, devices: wanted = [] }: MachineOptions): Hardware {
  const smmu = smmuv3 === true ? new FakeSmmuv3(kernel) : undefined;
  const builder = new Builder(kernel, smmu);
  return { devices: wanted.map((text) => builder.add(text)), smmu };
}

class Builder {
  private vtd: FakeVtd | undefined;
  private readonly buses = new Set([0]);
  /** Slots of bus 0. */
  private readonly taken = new Set([0]);
  /** Functions by their kind. */
  private readonly counts = new Map<string, number>();

  constructor(
    private readonly kernel: FakeKernel,
    private readonly smmu: FakeSmmuv3 | undefined,
  ) {}

  /** Adds a device. @param text `KIND` or `KIND@BDF`, with what it can behind commas */
  add(text: string): MachineDevice {
    const [, kind, address, abilities = ''] = DEVICE.exec(text) ?? [];
    if (kind === undefined)
      throw new RangeError(`--device ${text}: expected KIND or KIND@BDF, as mock or edu@00:05.0`);
    try {
      return kind === 'mock' ? this.addMock(address, abilities) : this.addFunction(kind, address, abilities);
    } catch (error) {
      if (error instanceof RangeError) throw new RangeError(`--device ${text}: ${error.message}`);
      throw error;
    }
  }

  private addMock(address: string | undefined, text: string): MockDevice {
    if (this.smmu !== undefined) throw new RangeError('a mock device is behind no SMMUv3');
    const abilities = abilitiesOf(text, MOCK_ABILITIES, 'a mock device');
    const device = new MockDevice({ pasids: abilities.has('pasids') });
    this.kernel.plug(device, { at: this.place(address) });
    return device;
  }

  private addFunction(kind: string, address: string | undefined, text: string): SmmuDevice | FakePciDevice {
    const make = Object.hasOwn(FUNCTIONS, kind) ? FUNCTIONS[kind] : undefined;
    if (make === undefined) throw new RangeError(`no such kind. There are ${DEVICE_KINDS.join(', ')}`);
    const { smmu } = this;
    const own: readonly Ability[] = kind === 'pci' ? ['vfs'] : [];
    const abilities =
      smmu === undefined
        ? abilitiesOf(text, own, 'a function that is behind no SMMUv3')
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
    // The StreamID of a PCI function is its requester ID, as most machines have it.
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

  /** Where a device is put: where it was asked for, with a port above its bus, or in the lowest free slot of bus 0. */
  private place(address: string | undefined): string {
    if (address === undefined) return this.place(`00:${hex(this.freeSlot())}.0`);
    const [bus, slot] = partsOf(address);
    if (bus === 0) this.taken.add(slot);
    if (!this.buses.has(bus)) {
      const index = this.buses.size - 1;
      if (index >= PORTS) throw new RangeError(`buses are behind ports, of which there are ${PORTS}`);
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

/** Ports are in the last slots of bus 0, eight to a slot, as chipsets have them. */
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
