/** The machines of the VFIO tapes: QEMU's q35 with a VT-d unit, root ports, and PCI functions that are bound to vfio-pci. */
import { type BridgeOptions, FakeKernel, FakeVtd, type VtdConfig, vtdConfigs } from '@iommufd/fakekernel';
import type { Clock } from './clock.js';
import { extraDevices, standardDevices } from './recorded-devices.js';

/** The other functions on the root bus. */
const OTHERS = ['00:00.0', '00:02.0', '00:1f.0', '00:1f.2', '00:1f.3'];
/** Those of them that have a driver: the controller of the machine's disk, and the AHCI controller. */
const DRIVEN = ['00:02.0', '00:1f.2'];

/** A port or bridge. */
interface PlacedBridge {
  readonly at: string;
  readonly options: BridgeOptions;
}

/** A machine's IOMMU, ports and functions. */
interface Described {
  readonly vtd: VtdConfig;
  readonly devices: typeof standardDevices;
  readonly bridges: readonly PlacedBridge[];
}

const STANDARD = {
  devices: standardDevices,
  bridges: [
    { at: '00:1c.0', options: { secondary: 1 } },
    { at: '00:1d.0', options: { secondary: 2 } },
    // After a reset QEMU's port of 16 GT/s never reports that its link is up.
    { at: '00:1e.0', options: { secondary: 3, linkStaysDown: true } },
  ],
};

const MACHINES: Readonly<Partial<Record<string, Described>>> = {
  sm: { ...STANDARD, vtd: vtdConfigs.secondStage },
  fs: { ...STANDARD, vtd: vtdConfigs.firstStage },
  leg: { ...STANDARD, vtd: vtdConfigs.legacy },
  extra: {
    vtd: vtdConfigs.secondStage,
    devices: extraDevices,
    bridges: [
      { at: '00:1c.0', options: { secondary: 1 } },
      { at: '00:1d.0', options: { secondary: 2 } },
      { at: '02:00.0', options: { secondary: 3, kind: 'conventional' } },
    ],
  },
};

/**
 * Creates the kernel of one of these machines, with its hardware.
 * @param name `sm`, `fs`, `leg` or `extra`
 * @param clock the time of its devices
 * @throws RangeError if the name is unknown
 */
export function recordedMachine(name: string, version: string, clock: Clock): FakeKernel {
  const machine = Object.hasOwn(MACHINES, name) ? MACHINES[name] : undefined;
  if (machine === undefined)
    throw new RangeError(`machine: unknown machine '${name}'; known are ${Object.keys(MACHINES).join(', ')}`);
  const kernel = new FakeKernel([], { version, runtimePm: false, dmaBufs: false });
  const iommu = new FakeVtd(machine.vtd);
  // In Linux's order of enumeration, which determines the numbers of the IOMMU groups: the root bus first.
  const found = [
    ...OTHERS.map((at) => ({
      at,
      add: () => void kernel.pci.addOther(at, { isDriven: DRIVEN.includes(at) }),
    })),
    ...machine.bridges.map(({ at, options }) => ({ at, add: () => void kernel.pci.addBridge(at, options) })),
    ...machine.devices(clock.later).map(({ at: address, device, ...rest }) => {
      const at = address.replace(/^0000:/, '');
      return { at, add: () => void kernel.plug(device, { at, iommu, ...rest }) };
    }),
  ];
  for (const { add } of found.sort((a, b) => (a.at < b.at ? -1 : 1))) add();
  return kernel;
}
