import { createDevice, express, type FakePciDevice, msix, ram, registers } from '@iommufd/fakekernel';
import type { VfioDevice } from '@iommufd/sdk';
import { Program } from './program.js';

/** Size of each BAR in bytes. */
const SIZE = 4096;

/** A program with a PCI function: a counting register in BAR 0, memory in BAR 1, MSI-X in BAR 2. */
export class PciProgram extends Program {
  readonly hardware: FakePciDevice;
  readonly device: VfioDevice;
  /** Memory for reads and writes. */
  readonly buffer: bigint;

  constructor() {
    super();
    let value = 0n;
    this.hardware = createDevice({
      vendor: 0x1234,
      device: 1,
      capabilities: [express({ flr: true }), msix({ vectors: 1, bar: 2 })],
      bars: [
        registers(SIZE, { read: () => value, write: (_offset, _size, written) => (value = written) }),
        ram(SIZE),
        registers(SIZE, { read: () => 0, write: () => undefined }),
      ],
    });
    this.device = this.iommufd.openDevice(this.kernel.plug(this.hardware));
    this.device.pciCommand({ memory: true, busMaster: true });
    this.buffer = this.iommufd.allocMemory(SIZE).address;
  }
}
