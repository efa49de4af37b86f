import {
  createDevice,
  express,
  type FakePciDevice,
  msix,
  type PciDeviceOptions,
  ram,
  registers,
} from '@iommufd/fakekernel';
import type { Testbed } from '../testing/testbed.testing.js';
import type { VfioDevice } from '../index.js';

/** A plugged function, and the program's objects for it. */
export interface PluggedFunction {
  readonly hardware: FakePciDevice;
  readonly path: string;
  readonly device: VfioDevice;
}

/** Plugs a function in, and opens it. */
export function openFunction(testbed: Testbed, hardware: FakePciDevice, at?: string): PluggedFunction {
  const path = testbed.kernel.plug(hardware, at === undefined ? {} : { at });
  return { hardware, path, device: testbed.iommufd.openDevice(path) };
}

/** The accesses to the registers of {@link sampler}, as text. */
export type Accesses = string[];

/** A function with registers in BAR 0, whose accesses are recorded, memory in BAR 2 and MSI-X with 4 vectors. */
export function sampler(accesses: Accesses = [], options: Partial<PciDeviceOptions> = {}): FakePciDevice {
  return createDevice({
    vendor: 0x1234,
    device: 0x5678,
    capabilities: [express({ flr: true }), msix({ vectors: 4, bar: 2, table: 0x1000 })],
    bars: [
      registers(4096, {
        read: (offset, size) => {
          accesses.push(`read ${size} at ${offset}`);
          return BigInt(offset) * 0x0101_0101_0101_0101n;
        },
        write: (offset, size, value) => void accesses.push(`write ${size} at ${offset}: ${value}`),
      }),
      undefined,
      ram(8192),
    ],
    ...options,
  });
}
