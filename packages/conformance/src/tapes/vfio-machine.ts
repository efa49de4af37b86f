/** The machines of the VFIO tapes: QEMU's q35 with a VT-d unit, root ports, and functions that vfio-pci has. */
import { FakeKernel, FakeVtd, type VtdConfig, vtdConfigs } from '@iommufd/fakekernel';
import { extraDevices, type PlacedDevice, standardDevices } from './vfio-devices.js';

/** What else is on the root bus, before and behind the slots of the functions. */
const HOST = ['00:00.0', '00:02.0'];
const CHIPSET = ['00:1f.0', '00:1f.2', '00:1f.3'];

/** A machine's IOMMU and functions. */
interface Described {
  readonly vtd: VtdConfig;
  readonly devices: () => PlacedDevice[];
  /** Ports on the root bus before the chipset, in the order of their buses. */
  readonly ports: (kernel: FakeKernel) => void;
}

const STANDARD = {
  devices: standardDevices,
  ports: ({ pci }: FakeKernel) => {
    pci.addBridge('00:1c.0', { secondary: 1 });
    pci.addBridge('00:1d.0', { secondary: 2 });
    // QEMU's port of 16 GT/s never reports that its link is up again.
    pci.addBridge('00:1e.0', { secondary: 3, linkStaysDown: true });
  },
};

const MACHINES: Readonly<Record<string, Described>> = {
  sm: { ...STANDARD, vtd: vtdConfigs.secondStage },
  fs: { ...STANDARD, vtd: vtdConfigs.firstStage },
  leg: { ...STANDARD, vtd: vtdConfigs.legacy },
  extra: {
    vtd: vtdConfigs.secondStage,
    devices: extraDevices,
    ports: ({ pci }) => {
      pci.addBridge('00:1c.0', { secondary: 1 });
      pci.addBridge('00:1d.0', { secondary: 2 });
      pci.addBridge('02:00.0', { secondary: 3, kind: 'conventional' });
    },
  },
};

/** Is it the name of one of these machines? */
export const isVfioMachine = (name: string | undefined): name is string =>
  name !== undefined && name in MACHINES;

/**
 * Makes one of these machines.
 * @param name `sm`, `fs`, `leg` or `extra`
 * @throws RangeError for another name
 */
export function vfioMachine(name: string, version: string): FakeKernel {
  const machine = MACHINES[name];
  if (machine === undefined) throw new RangeError(`there is no machine ${name}`);
  const kernel = new FakeKernel([], { version });
  const iommu = new FakeVtd(machine.vtd);
  for (const at of HOST) kernel.pci.addOther(at);
  machine.ports(kernel);
  for (const at of CHIPSET) kernel.pci.addOther(at);
  for (const { at, device } of machine.devices()) kernel.plug(device, { at, iommu });
  return kernel;
}
