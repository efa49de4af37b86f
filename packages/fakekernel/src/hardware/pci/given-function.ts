/**
 * A function whose configuration space and BARs a test implements itself ({@link PciFunction}), as the hardware that VFIO
 * controls.
 */
import type { PciFunction } from '../../iommu/pci-function.js';
import type { AccessSize } from '../../process/device-memory.js';
import { restorable } from '../../lib/restorable.js';
import { type BarDeclaration, type Registers, registers } from './bar.js';
import type { ConfigAccessSize } from './config-space.js';
import { FakePciDevice } from './function.js';
import { PCI_STD_NUM_BARS } from './registers.js';

/** Wraps a {@link PciFunction}. */
export class GivenFunction extends FakePciDevice {
  constructor(private readonly given: PciFunction) {
    super({
      vendor: 0,
      device: 0,
      bars: barsOf(given),
      config: { bytes: given.readConfig(0, given.configSize) },
    });
  }

  override readConfig(at: number, size: ConfigAccessSize): number {
    const bytes = new Uint8Array(4);
    bytes.set(this.given.readConfig(at, size));
    return new DataView(bytes.buffer).getUint32(0, true);
  }

  override writeConfig(at: number, size: ConfigAccessSize, value: number): void {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value >>> 0, true);
    super.writeConfig(at, size, value);
    this.given.writeConfig(at, bytes.slice(0, size));
  }

  /** The test's function itself decides whether memory is decoded. */
  override isDecoded(): boolean {
    return true;
  }

  override get hasOwnReset(): boolean {
    return this.given.canReset;
  }

  override reset(): void {
    // A {@link PciFunction} has no operation for it.
  }

  override opened(): void {
    this.given.opened();
  }
}

function barsOf(given: PciFunction): (BarDeclaration | undefined)[] {
  return Array.from({ length: PCI_STD_NUM_BARS }, (_, bar) => {
    const size = given.barSize(bar);
    if (size === 0) return undefined;
    return registers(size, registersOf(given, bar));
  });
}

const registersOf = restorable('GivenFunction.registers', (given: PciFunction, bar: number): Registers => ({
  read: (offset, length) => {
    const bytes = new Uint8Array(8);
    const found = given.readBar(bar, offset, length);
    if (found === undefined) return undefined;
    bytes.set(found);
    return new DataView(bytes.buffer).getBigUint64(0, true);
  },
  write: (offset, length: AccessSize, value) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, value, true);
    given.writeBar(bar, offset, bytes.slice(0, length));
  },
}));
