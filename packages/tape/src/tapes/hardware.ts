/**
 * Machines by their description: what `iommufd run` is asked for on its command line, and what a tape that it records says of the
 * machine. The same description makes the same machine.
 */

import { type Device, FakeKernel, FakeSmmuv3, MockDevice, mockModule } from '@iommufd/fakekernel';
import type { MachineOptions } from './tape.js';

/** The hardware of a machine. */
export interface Hardware {
  /** In the order of the description. */
  readonly devices: readonly Device[];
  /** If the devices are behind one. */
  readonly smmu: FakeSmmuv3 | undefined;
  /** The node of each device, and its PCI address. */
  readonly places: readonly { readonly node: string; readonly address: string }[];
}

const DEVICE = /^([a-z0-9]+)(?:@(?:([0-9a-f]{4}):)?([0-9a-f]{2}):([0-9a-f]{2})\.([0-7]))?$/;

/** Makes the kernel of a machine. @param version of Linux; the newest by default @throws RangeError if it is not known */
export function makeKernel({ mock }: MachineOptions, version?: string): FakeKernel {
  return new FakeKernel(mock === true ? [mockModule] : [], version === undefined ? {} : { version });
}

/** Makes the devices of a machine, and plugs them in. @throws RangeError for a device that there is not */
export function makeHardware(kernel: FakeKernel, { smmuv3, devices: wanted = [] }: MachineOptions): Hardware {
  const smmu = smmuv3 === true ? new FakeSmmuv3(kernel) : undefined;
  const devices = wanted.map((text, index) => makeDevice(smmu, text, index));
  const places = devices.map((device, index) => ({
    node: kernel.plug(device),
    address: addressOf(wanted[index] ?? '', index),
  }));
  return { devices, smmu, places };
}

function makeDevice(smmu: FakeSmmuv3 | undefined, text: string, index: number): Device {
  const [, kind] = DEVICE.exec(text) ?? [];
  if (kind === undefined)
    throw new RangeError(`--device ${text}: expected KIND or KIND@BDF, as mock or pci@01:00.0`);
  if (smmu === undefined) {
    if (kind !== 'mock')
      throw new RangeError(`--device ${text}: without --smmuv3 there is only the kind mock`);
    return new MockDevice();
  }
  if (kind !== 'pci') throw new RangeError(`--device ${text}: behind an SMMUv3 there is only the kind pci`);
  // The StreamID of a PCI function is its requester ID, as most machines have it.
  const [, bus = '', slot = '', fn = ''] = addressOf(text, index).split(/[:.]/);
  return smmu.addDevice({ streamId: parseInt(bus, 16) * 256 + parseInt(slot, 16) * 8 + Number(fn) });
}

/** The PCI address that a description gives a device; without one, the slots of bus 0 in order. */
function addressOf(text: string, index: number): string {
  const slotOf = (number: number): string => number.toString(16).padStart(2, '0');
  const [, , domain = '0000', bus = '00', slot = slotOf(index + 1), fn = '0'] = DEVICE.exec(text) ?? [];
  return `${domain}:${bus}:${slot}.${fn}`;
}
