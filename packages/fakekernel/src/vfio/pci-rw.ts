/**
 * `pread()` and `pwrite()` of a PCI device: Linux's `vfio_pci_rdwr.c`. Registers are accessed in the largest aligned pieces that
 * fit; the MSI-X table reads as ones and is not written.
 */
import { fail } from '../errno.js';
import type { Bar } from '../hardware/pci/bar.js';
import { PCI_ROM_RESOURCE } from '../hardware/pci/registers.js';
import { type AccessSize, accessSize, getValue, putValue } from '../process/device-memory.js';
import type { UserMemory } from '../process/user-memory.js';
import type { VfioPciCore } from './pci-core.js';
import { findRom } from './pci-rom.js';
import {
  VFIO_PCI_CONFIG_REGION_INDEX,
  VFIO_PCI_NUM_REGIONS,
  VFIO_PCI_OFFSET_SHIFT,
  VFIO_PCI_ROM_REGION_INDEX,
  VFIO_PCI_VGA_REGION_INDEX,
} from './pci-regions.js';
import { vgaPlace } from './pci-vga.js';

/** Where a program reads or writes. */
export interface Transfer {
  readonly memory: UserMemory;
  readonly address: bigint;
  readonly count: number;
  readonly position: bigint;
}

/** One access to registers. */
export interface RegisterAccess {
  read(offset: number, size: AccessSize): bigint;
  write(offset: number, size: AccessSize, value: bigint): void;
}

/** A range of registers, and how it is accessed. */
interface Range extends RegisterAccess {
  readonly offset: number;
  readonly count: number;
  /** Bytes that read as ones and are not written, end exclusive. */
  readonly hidden?: readonly [first: number, end: number];
  readonly most?: AccessSize;
}

/** `vfio_pci_rw()`, reading. @returns the number of bytes @throws EINVAL | EFAULT | EIO | ENOMEM */
export function pciRead(core: VfioPciCore, transfer: Transfer): number {
  return access(core, transfer, false);
}

/** `vfio_pci_rw()`, writing. @returns the number of bytes @throws EINVAL | EFAULT | EIO */
export function pciWrite(core: VfioPciCore, transfer: Transfer): number {
  return access(core, transfer, true);
}

function access(core: VfioPciCore, { memory, address, count, position }: Transfer, isWrite: boolean): number {
  if (count === 0) return 0;
  const region = Number(position >> VFIO_PCI_OFFSET_SHIFT);
  const offset = Number(position & ((1n << VFIO_PCI_OFFSET_SHIFT) - 1n));
  if (region >= VFIO_PCI_NUM_REGIONS) throw fail('EINVAL');
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

/** `vfio_pci_bar_rw()`. @throws EINVAL without such a BAR, or beyond its end; ENOMEM for a ROM that is not there */
function barRange(core: VfioPciCore, region: number, offset: number, count: number): Range {
  const resource = core.pdev.resources[region];
  if (resource === undefined || offset >= resource.length) throw fail('EINVAL');
  const { bar, length } = resource;
  const range = { ...accessOf(core, bar), offset, count: Math.min(count, length - offset) };
  if (region === PCI_ROM_RESOURCE) {
    const rom = findRom(core.pdev);
    if (rom === undefined) throw fail('ENOMEM');
    return { ...range, ...rom.access, hidden: [rom.length, length], most: 4 };
  }
  const { msix } = core;
  return msix?.bar === region ? { ...range, hidden: [msix.first, msix.first + msix.length] } : range;
}

/** `vfio_pci_core_ioread*()` and `iowrite*()`. @throws EIO while memory is off */
function accessOf(core: VfioPciCore, bar: Bar): RegisterAccess {
  const { hardware } = core.pdev;
  const check = (): void => {
    if (!bar.isIo && !core.isMemoryEnabled) throw fail('EIO');
  };
  return {
    read: (offset, size) => {
      check();
      return hardware.readBar(bar, offset, size);
    },
    write: (offset, size, value) => {
      check();
      hardware.writeBar(bar, offset, size, value);
    },
  };
}

/** `vfio_pci_vga_rw()`. @throws EINVAL without VGA, or outside its memory and ports */
function vgaRange(core: VfioPciCore, offset: number, count: number): Range {
  const place = vgaPlace(core, offset);
  if (place === undefined) throw fail('EINVAL');
  const { first, end, access: registers } = place;
  return { ...registers, offset: offset - first, count: Math.min(count, end - offset) };
}

/** `vfio_pci_core_do_io_rw()`: calls `each` for the pieces. */
function pieces(
  { offset, count, hidden = [0, 0], most }: Range,
  each: (at: number, size: AccessSize, done: number) => void,
  skip: (length: number, done: number) => void,
): number {
  const [first, end] = hidden;
  for (let done = 0; done < count;) {
    const at = offset + done;
    const left = count - done;
    const open = at < first ? Math.min(left, first - at) : at >= end ? left : 0;
    if (open > 0) {
      const size = accessSize(at, open, most);
      each(at, size, done);
      done += size;
    } else {
      const length = Math.min(left, end - at);
      skip(length, done);
      done += length;
    }
  }
  return count;
}

function readRange(memory: UserMemory, address: bigint, range: Range): number {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  return pieces(
    range,
    (at, size, done) => {
      putValue(view, 0, size, range.read(at, size));
      memory.write(address + BigInt(done), bytes.subarray(0, size));
    },
    (length, done) => memory.write(address + BigInt(done), new Uint8Array(length).fill(0xff)),
  );
}

function writeRange(memory: UserMemory, address: bigint, range: Range): number {
  return pieces(
    range,
    (at, size, done) => {
      const bytes = new Uint8Array(8);
      bytes.set(memory.read(address + BigInt(done), size));
      range.write(at, size, getValue(new DataView(bytes.buffer), 0, size));
    },
    () => undefined,
  );
}
