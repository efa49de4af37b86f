/**
 * `pread()` and `pwrite()` of a PCI device: Linux's `vfio_pci_rdwr.c`. Registers are accessed in the largest aligned pieces. The
 * MSI-X table reads as ones, and writes to it are ignored.
 */
import { fail } from '../errno.js';
import type { Bar } from '../hardware/pci/bar.js';
import { PCI_ROM_RESOURCE } from '../hardware/pci/registers.js';
import { type AccessSize, accessSize, getValue, putValue } from '../process/device-memory.js';
import type { UserMemory } from '../process/user-memory.js';
import type { VfioPciCore } from './pci-core.js';
import { findRom } from '../pci/rom.js';
import {
  VFIO_PCI_CONFIG_REGION_INDEX,
  VFIO_PCI_NUM_REGIONS,
  VFIO_PCI_OFFSET_SHIFT,
  VFIO_PCI_ROM_REGION_INDEX,
  VFIO_PCI_VGA_REGION_INDEX,
} from './pci-regions.js';
import { vgaPlace } from './pci-vga.js';

/** The range and the buffer of a program's read or write. */
export interface Transfer {
  readonly memory: UserMemory;
  readonly address: bigint;
  readonly count: number;
  readonly position: bigint;
}

/** An interface for single accesses to registers. */
export interface RegisterAccess {
  read(offset: number, size: AccessSize): bigint;
  write(offset: number, size: AccessSize, value: bigint): void;
}

/** A range of registers, with the interface to access it. */
interface Range {
  readonly access: RegisterAccess;
  readonly offset: number;
  readonly count: number;
  /** Bytes that read as ones, and whose writes are ignored. The end is exclusive: if both are equal, there are none. */
  readonly hiddenFrom: number;
  readonly hiddenEnd: number;
  readonly most: AccessSize;
}

/** Buffer for a value. If an access makes the device access it again, the nested access ends before the buffer is used. */
const scratch = new Uint8Array(8);
const scratchView = new DataView(scratch.buffer);

/** `vfio_pci_rw()` for reads. @returns the number of bytes @throws EINVAL | EFAULT | EIO | ENOMEM */
export function pciRead(core: VfioPciCore, transfer: Transfer): number {
  return access(core, transfer, false);
}

/** `vfio_pci_rw()` for writes. @returns the number of bytes @throws EINVAL | EFAULT | EIO */
export function pciWrite(core: VfioPciCore, transfer: Transfer): number {
  return access(core, transfer, true);
}

function access(core: VfioPciCore, { memory, address, count, position }: Transfer, isWrite: boolean): number {
  if (count === 0) return 0;
  const region = Number(position >> VFIO_PCI_OFFSET_SHIFT);
  const offset = Number(BigInt.asUintN(OFFSET_BITS, position));
  if (region >= VFIO_PCI_NUM_REGIONS) throw fail('EINVAL');
  return core.power.awake(() => accessRegion(core, region, { memory, address, count }, offset, isWrite));
}

function accessRegion(
  core: VfioPciCore,
  region: number,
  { memory, address, count }: Omit<Transfer, 'position'>,
  offset: number,
  isWrite: boolean,
): number {
  if (region === VFIO_PCI_CONFIG_REGION_INDEX) {
    const { config } = core;
    return isWrite
      ? config.write(memory, address, count, offset)
      : config.read(memory, address, count, offset);
  }
  if (region === VFIO_PCI_ROM_REGION_INDEX && isWrite) throw fail('EINVAL');
  const range =
    region === VFIO_PCI_VGA_REGION_INDEX
      ? vgaRange(core, offset, count)
      : barRange(core, region, offset, count);
  return isWrite ? writeRange(memory, address, range) : readRange(memory, address, range);
}

const OFFSET_BITS = Number(VFIO_PCI_OFFSET_SHIFT);

/** `vfio_pci_bar_rw()`. @throws EINVAL if the BAR is missing, or beyond its end; ENOMEM if the ROM is missing */
function barRange(core: VfioPciCore, region: number, offset: number, wanted: number): Range {
  const resource = core.pdev.resources[region];
  if (resource === undefined || offset >= resource.length) throw fail('EINVAL');
  const { bar, length } = resource;
  const count = Math.min(wanted, length - offset);
  if (region === PCI_ROM_RESOURCE) {
    const rom = findRom(core.pdev);
    if (rom === undefined) throw fail('ENOMEM');
    return { access: rom.access, offset, count, hiddenFrom: rom.length, hiddenEnd: length, most: 4 };
  }
  const { msix } = core;
  const hasTable = msix?.bar === region;
  return {
    access: new BarAccess(core, bar),
    offset,
    count,
    hiddenFrom: hasTable ? msix.first : 0,
    hiddenEnd: hasTable ? msix.first + msix.length : 0,
    most: 8,
  };
}

/** `vfio_pci_core_ioread*()` and `iowrite*()`. */
class BarAccess implements RegisterAccess {
  constructor(
    private readonly core: VfioPciCore,
    private readonly bar: Bar,
  ) {}

  /** @throws EIO while memory decoding is disabled */
  private check(): void {
    if (!this.bar.isIo && !this.core.isMemoryEnabled) throw fail('EIO');
  }

  read(offset: number, size: AccessSize): bigint {
    this.check();
    return this.core.pdev.hardware.readBar(this.bar, offset, size);
  }

  write(offset: number, size: AccessSize, value: bigint): void {
    this.check();
    this.core.pdev.hardware.writeBar(this.bar, offset, size, value);
  }
}

/** `vfio_pci_vga_rw()`. @throws EINVAL if the function has no VGA, or outside its memory and ports */
function vgaRange(core: VfioPciCore, offset: number, count: number): Range {
  const place = vgaPlace(core, offset);
  if (place === undefined) throw fail('EINVAL');
  const { first, end, access } = place;
  const left = Math.min(count, end - offset);
  return { access, offset: offset - first, count: left, hiddenFrom: 0, hiddenEnd: 0, most: 8 };
}

/** `vfio_pci_core_do_io_rw()`: the size of the next piece; 0 for hidden bytes. */
function nextPiece({ offset, count, hiddenFrom, hiddenEnd, most }: Range, done: number): AccessSize | 0 {
  const at = offset + done;
  const left = count - done;
  const open = at < hiddenFrom ? Math.min(left, hiddenFrom - at) : at >= hiddenEnd ? left : 0;
  return open === 0 ? 0 : accessSize(at, open, most);
}

/** Number of bytes to the end of the hidden ones. */
const hiddenLength = ({ offset, count, hiddenEnd }: Range, done: number): number =>
  Math.min(count - done, hiddenEnd - offset - done);

const behind = (address: bigint, done: number): bigint => (done === 0 ? address : address + BigInt(done));

function readRange(memory: UserMemory, address: bigint, range: Range): number {
  for (let done = 0; done < range.count;) {
    const size = nextPiece(range, done);
    if (size === 0) {
      const length = hiddenLength(range, done);
      memory.write(behind(address, done), new Uint8Array(length).fill(0xff));
      done += length;
      continue;
    }
    putValue(scratchView, 0, size, range.access.read(range.offset + done, size));
    memory.writePart(behind(address, done), scratch, 0, size);
    done += size;
  }
  return range.count;
}

function writeRange(memory: UserMemory, address: bigint, range: Range): number {
  for (let done = 0; done < range.count;) {
    const size = nextPiece(range, done);
    if (size === 0) {
      done += hiddenLength(range, done);
      continue;
    }
    memory.readInto(behind(address, done), size, scratch);
    range.access.write(range.offset + done, size, getValue(scratchView, 0, size));
    done += size;
  }
  return range.count;
}
