/**
 * VFIO_DEVICE_FEATURE_DMA_BUF: parts of a BAR as a file, by which iommufd maps the BAR for the DMA of other devices. Linux's
 * `drivers/vfio/pci/vfio_pci_dmabuf.c`. The BAR belongs to the device: whenever its memory is not decoded, or it is reset or
 * closed, VFIO revokes the files.
 */
import { vfio_device_feature_dma_buf, vfio_device_feature_flags, vfio_region_dma_range } from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import type { PciResource } from '../pci/pci-dev.js';
import { DmaBuf } from '../process/dma-buf.js';
import { allocate } from '../process/failure-points.js';
import type { Extent } from '../process/memory-object.js';
import { PAGE, PAGE_SIZE, ULONG_MAX } from '../process/page.js';
import type { Task } from '../process/task.js';
import { checkFeature, type Feature } from './check-feature.js';
import type { VfioPciCore } from './pci-core.js';
import { BarMemory } from './pci-mmap.js';
import { VFIO_PCI_ROM_REGION_INDEX } from './pci-regions.js';

/** Number of bytes before the ranges. */
const HEADER = 16;
const RANGE = vfio_region_dma_range.byteLength;
/** `KMALLOC_MAX_SIZE`: the largest allocation, in bytes. */
const MOST_BYTES = 4 << 20;
/** `DMA_IOVA_USE_SWIOTLB`: a size with this bit is invalid. */
const TOO_LONG = 1n << 63n;
/** From `asm-generic/fcntl.h`. */
const O_CLOEXEC = 0x80000;

/** A part of a region, in bytes. */
interface Range {
  readonly offset: bigint;
  readonly length: bigint;
}

/** Parts of a BAR as a file: `struct vfio_pci_dma_buf`. */
export class VfioDmaBuf extends DmaBuf {
  /** The open device; undefined once it was closed, after which the file stays revoked. */
  exporter: PciDmaBufs | undefined;

  constructor(
    exporter: PciDmaBufs,
    pages: number,
    range: Extent | undefined,
    flags: number,
    revoked: boolean,
  ) {
    super(pages, range, flags, revoked);
    this.exporter = exporter;
  }

  protected override release(): void {
    this.exporter?.remove(this);
  }
}

/** The dma-bufs of an open device. */
export class PciDmaBufs {
  private readonly files = new Set<VfioDmaBuf>();

  constructor(private readonly core: VfioPciCore) {}

  /** `vfio_pci_core_feature_dma_buf()`. @returns the descriptor of the new file, or 0 if the request only probes for the feature */
  create({ memorySpace: memory, files }: Task, feature: Feature): number {
    if (!checkFeature(feature, vfio_device_feature_flags.VFIO_DEVICE_FEATURE_GET, HEADER)) return 0;
    const cmd = view(vfio_device_feature_dma_buf, memory.read(feature.data, HEADER));
    const { nr_ranges: count, open_flags: flags, region_index: region } = cmd;
    if (count === 0 || cmd.flags !== 0) throw fail('EINVAL');
    const resource = region < VFIO_PCI_ROM_REGION_INDEX ? this.core.pdev.resources[region] : undefined;
    if (resource === undefined) throw fail('ENODEV');
    if (count * RANGE > MOST_BYTES) throw fail('ENOMEM');
    allocate('memdup_array_user()');
    const ranges = rangesIn(memory.read(feature.data + BigInt(HEADER), count * RANGE));
    const pages = checkedPages(ranges);
    allocate('vfio_pci_core_feature_dma_buf()');
    if (resource.bar.isIo) throw fail('EINVAL');
    checkWithin(resource, ranges);
    allocate('dma_buf_export()');
    const [first] = ranges;
    const range = first === undefined || count > 1 ? undefined : this.extent(resource, first);
    return files.open(
      () => {
        const file = new VfioDmaBuf(this, pages, range, flags, !this.core.isMemoryEnabled);
        this.files.add(file);
        return file;
      },
      (flags & O_CLOEXEC) !== 0,
    );
  }

  private extent({ bar }: PciResource, { offset, length }: Range): Extent {
    const object = new BarMemory(this.core, bar);
    return { object, index: Number(offset) / PAGE_SIZE, count: Number(length) / PAGE_SIZE };
  }

  /** @internal */
  remove(file: VfioDmaBuf): void {
    this.files.delete(file);
  }

  /** `vfio_pci_dma_buf_move()`: mappings end here, and the files cannot be mapped until {@link restore}. */
  revoke(): void {
    for (const file of this.files) if (!file.isRevoked) file.revoke(true);
  }

  /** `vfio_pci_dma_buf_move()` after what revoked them: the files can be mapped again, if memory is decoded. */
  restore(): void {
    if (!this.core.isMemoryEnabled) return;
    for (const file of this.files) if (file.isRevoked) file.revoke(false);
  }

  /** Does something during which the BARs cannot be reached. */
  whileRevoked(work: () => void): void {
    this.revoke();
    try {
      work();
    } finally {
      this.restore();
    }
  }

  /** `vfio_pci_dma_buf_cleanup()`: the device is closed. Its files stay revoked. */
  close(): void {
    this.revoke();
    for (const file of this.files) file.exporter = undefined;
    this.files.clear();
  }
}

function rangesIn(bytes: Uint8Array): Range[] {
  return Array.from({ length: bytes.length / RANGE }, (_, i) => {
    const { offset, length } = view(vfio_region_dma_range, bytes.subarray(i * RANGE, (i + 1) * RANGE));
    return { offset, length };
  });
}

/** `validate_dmabuf_input()`. @returns the sum of their lengths, in pages @throws EINVAL */
function checkedPages(ranges: readonly Range[]): number {
  let total = 0n;
  for (const { offset, length } of ranges) {
    if (length === 0n || offset % PAGE !== 0n || length % PAGE !== 0n) throw fail('EINVAL');
    total += length;
    if (total > ULONG_MAX) throw fail('EINVAL');
  }
  if ((total & TOO_LONG) !== 0n) throw fail('EINVAL');
  return Number(total / PAGE);
}

/** `vfio_pci_core_fill_phys_vec()`. @throws EOVERFLOW if a physical address wraps; EINVAL beyond the end of the BAR */
function checkWithin({ start, length: size }: PciResource, ranges: readonly Range[]): void {
  for (const { offset, length } of ranges) {
    const end = start + offset + length;
    if (end > ULONG_MAX) throw fail('EOVERFLOW');
    if (end > start + BigInt(size)) throw fail('EINVAL');
  }
}
