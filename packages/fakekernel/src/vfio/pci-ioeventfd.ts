/**
 * VFIO_DEVICE_IOEVENTFD: an eventfd whose signal writes a value to a BAR. `vfio_pci_ioeventfd()` of Linux's `vfio_pci_rdwr.c`.
 */
import { vfio_device_ioeventfd, VFIO_DEVICE_IOEVENTFD_SIZE_MASK } from '@iommufd/uapi';
import { decode } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import { restorable } from '../lib/restorable.js';
import type { AccessSize } from '../process/device-memory.js';
import type { Task } from '../process/task.js';
import type { VfioPciCore } from './pci-core.js';
import { VFIO_PCI_OFFSET_SHIFT, VFIO_PCI_ROM_REGION_INDEX } from './pci-regions.js';
import { Virqfd, type VirqfdWork } from './virqfd.js';

/** `VFIO_PCI_IOEVENTFD_MAX` */
const MOST = 1000;

/** `offsetofend(struct vfio_device_ioeventfd, fd)` */
const MIN_SIZE = 28;

/** The value that is written, and its address. */
interface Ioeventfd {
  readonly bar: number;
  readonly position: number;
  readonly size: AccessSize;
  readonly data: bigint;
  readonly virqfd: Virqfd;
}

/** The ioeventfds of an open device. */
export class PciIoeventfds {
  private readonly all: Ioeventfd[] = [];

  constructor(private readonly core: VfioPciCore) {}

  /** VFIO_DEVICE_IOEVENTFD. @throws EFAULT | EINVAL | EEXIST | ENODEV | ENOSPC | EBADF */
  set({ memorySpace: memory, files }: Task, arg: bigint): number {
    const bytes = new Uint8Array(vfio_device_ioeventfd.byteLength);
    bytes.set(memory.read(arg, MIN_SIZE));
    const { argsz, flags, offset, data, fd } = decode(vfio_device_ioeventfd, bytes);
    const size = sizeOf(flags);
    if (argsz < MIN_SIZE || size === undefined || fd < -1) throw fail('EINVAL');
    const position = Number(offset & ((1n << VFIO_PCI_OFFSET_SHIFT) - 1n));
    const bar = Number(offset >> VFIO_PCI_OFFSET_SHIFT);
    this.checkPlace(bar, position, size);
    const known = this.all.findIndex(
      (each) => each.bar === bar && each.position === position && each.size === size && each.data === data,
    );
    if (known !== -1) {
      if (fd !== -1) throw fail('EEXIST');
      for (const { virqfd } of this.all.splice(known, 1)) virqfd.disable();
      return 0;
    }
    if (fd < 0) throw fail('ENODEV');
    if (this.all.length >= MOST) throw fail('ENOSPC');
    const added: Ioeventfd = { bar, position, size, data, virqfd: new Virqfd() };
    added.virqfd.enable(files, fd, PciIoeventfds.writes(this, added));
    this.all.push(added);
    return 0;
  }

  /** @throws EINVAL unless the whole write is inside a BAR, and outside the MSI-X table */
  private checkPlace(bar: number, position: number, size: number): void {
    const { pdev, msix } = this.core;
    const length = bar < VFIO_PCI_ROM_REGION_INDEX ? (pdev.resources[bar]?.length ?? 0) : 0;
    if (position + size > length) throw fail('EINVAL');
    if (bar !== msix?.bar) return;
    if (position + size > msix.first && position < msix.first + msix.length) throw fail('EINVAL');
  }

  private static readonly writes = restorable(
    'PciIoeventfds.write',
    (all: PciIoeventfds, one: Ioeventfd): VirqfdWork => ({
      handler: () => all.write(one),
      thread: () => undefined,
    }),
  );

  /** `vfio_pci_ioeventfd_handler()`: does not write while memory decoding is disabled. */
  private write({ bar, position, size, data }: Ioeventfd): boolean {
    const resource = this.core.pdev.resources[bar];
    if (resource === undefined) return false;
    if (!resource.bar.isIo && !this.core.isMemoryEnabled) return false;
    this.core.pdev.hardware.writeBar(resource.bar, position, size, BigInt.asUintN(8 * size, data));
    return false;
  }

  /** Called when the device is closed: `vfio_pci_core_disable()`. */
  clear(): void {
    for (const { virqfd } of this.all.splice(0)) virqfd.disable();
  }
}

/** The width, if exactly one flag is set. */
function sizeOf(flags: number): AccessSize | undefined {
  if ((flags & ~VFIO_DEVICE_IOEVENTFD_SIZE_MASK) !== 0) return undefined;
  return flags === 1 || flags === 2 || flags === 4 || flags === 8 ? flags : undefined;
}
