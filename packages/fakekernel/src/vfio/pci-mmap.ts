/** `mmap()` of BARs: `vfio_pci_core_mmap()` of Linux's `vfio_pci_core.c`. */
import { fail } from '../errno.js';
import type { Bar } from '../hardware/pci/bar.js';
import type { Vma, VmaWatcher } from '../process/address-space.js';
import { type AccessSize, DeviceMemory } from '../process/device-memory.js';
import type { File, Mappable } from '../process/file.js';
import type { Block } from '../process/memory-object.js';
import { PAGE_SIZE } from '../process/page.js';
import type { VfioPciCore } from './pci-core.js';
import { VFIO_PCI_OFFSET_SHIFT, VFIO_PCI_ROM_REGION_INDEX } from './pci-regions.js';

/**
 * The memory of a BAR in mappings. It can be accessed while memory decoding is enabled; mappings stay the same when that changes.
 */
export class BarMemory extends DeviceMemory {
  override readonly hasBlocks = true;
  readonly pageCount: number;

  constructor(
    private readonly core: VfioPciCore,
    private readonly bar: Bar,
  ) {
    super();
    this.pageCount = Math.ceil(bar.size / PAGE_SIZE);
  }

  override get isReachable(): boolean {
    return this.core.isMappingReachable;
  }

  /** A BAR is one physical range, and aligned to its size. */
  override block(): Block {
    return { first: 0, count: this.pageCount };
  }

  override load(byte: number, size: AccessSize): bigint {
    return byte < this.bar.size
      ? this.core.pdev.hardware.readBar(this.bar, byte, size)
      : BigInt.asUintN(8 * size, -1n);
  }

  override store(byte: number, size: AccessSize, value: bigint): void {
    if (byte < this.bar.size) this.core.pdev.hardware.writeBar(this.bar, byte, size, value);
  }

  override inPlace(byte: number, length: number): Uint8Array {
    const { memory } = this.bar;
    if (memory === undefined || !this.bar.isMemory(byte, length))
      throw new RangeError('registers of a device are there: load() and store() reach them');
    return memory.inPlace(byte, length);
  }
}

/** The file that holds the memory of a BAR, for programs whose accesses are not seen: they map this file. */
export interface BarHome {
  readonly file: File;
  mappings: number;
}

/** The largest BAR whose memory can be in such a file, in bytes. */
const MOST_AT_HOME = 1 << 30;

/**
 * Maps a part of a BAR.
 * @throws EINVAL for a private mapping, for a region that cannot be mapped, or beyond its last page; ENODEV if another open file
 *   of the device holds its memory, for a program whose accesses are not seen
 */
export function mapBar(
  core: VfioPciCore,
  file: File,
  length: number,
  prot: number,
  shared: boolean,
  offset: bigint,
): Vma {
  const region = Number(offset >> VFIO_PCI_OFFSET_SHIFT);
  const first = Number(offset & ((1n << VFIO_PCI_OFFSET_SHIFT) - 1n));
  if (!shared || region >= VFIO_PCI_ROM_REGION_INDEX || !canMap(core, region, file.mappable))
    throw fail('EINVAL');
  const resource = core.pdev.resources[region];
  if (resource === undefined) throw fail('EINVAL');
  const whole = Math.ceil(resource.length / PAGE_SIZE) * PAGE_SIZE;
  if (first + length > whole) throw fail('EINVAL');
  const watcher = file.mappable.seesAccesses ? undefined : mappingOf(core, resource.bar, file, region);
  const object = new BarMemory(core, resource.bar);
  return { object, index: first / PAGE_SIZE, prot, io: true, ...(watcher !== undefined && { watcher }) };
}

/** Moves the memory of a BAR to a file, for a mapping of it. @throws ENODEV if programs map it in another file */
function mappingOf({ barHomes }: VfioPciCore, bar: Bar, file: File, region: number): VmaWatcher {
  const known = barHomes.get(bar);
  if (known !== undefined && known.file !== file && known.mappings > 0) throw fail('ENODEV');
  const home = known?.file === file ? known : { file, mappings: 0 };
  if (home !== known) {
    const offset = BigInt(region) << VFIO_PCI_OFFSET_SHIFT;
    bar.moveTo(file.mappable.pages(offset, Math.ceil(bar.size / PAGE_SIZE)));
    barHomes.set(bar, home);
  }
  return {
    opened: () => void home.mappings++,
    closed: () => void home.mappings--,
  };
}

/**
 * `vfio_pci_probe_mmaps()`: memory BARs of whole pages, and smaller ones at the start of a page that contains nothing else. I/O
 * ports have no pages. Registers can only be mapped if each access is seen; on Linux the hardware handles them.
 */
export function canMap({ pdev, mapsRegisters }: VfioPciCore, region: number, mappable: Mappable): boolean {
  const resource = pdev.resources[region];
  if (resource === undefined || resource.bar.isIo) return false;
  const { bar } = resource;
  const isPlain = bar.isMemory(0, bar.size) && bar.size <= MOST_AT_HOME;
  if (!(mappable.seesAccesses && mapsRegisters) && !isPlain) return false;
  if (resource.length >= PAGE_SIZE) return true;
  const { start, length } = resource;
  if (start % BigInt(PAGE_SIZE) !== 0n) return false;
  const end = start + BigInt(PAGE_SIZE);
  return !pdev.resources.some(
    (other) =>
      other !== undefined &&
      other !== resource &&
      !other.bar.isIo &&
      other.start >= start + BigInt(length) &&
      other.start < end,
  );
}
