import { POLLIN, POLLOUT } from '@iommufd/uapi';
import { fail } from '../errno.js';
import { restorable } from '../lib/restorable.js';
import type { Vma } from './address-space.js';
import { type AccessMode, AnonymousFile } from './file.js';
import { AnonymousMemory } from './memory-object.js';
import type { Task } from './task.js';

/** Requests and flags of `linux/dma-buf.h`. */
const DMA_BUF_IOCTL_SYNC = 0x4008_6200;
const DMA_BUF_SYNC_RW = 3;
const DMA_BUF_SYNC_VALID_FLAGS_MASK = 7n;

/** Called for every change of the memory's state. */
type Importer = (revoked: boolean) => void;

/** Ends an attachment. */
const leaving = restorable('DmaBuf.attach', (importers: Set<Importer>, importer: Importer) => () => {
  importers.delete(importer);
});

/**
 * Device memory as a file. Its exporter may revoke it at any time, and make it available again. It cannot be read, written or
 * mapped. It has no fences, so it is always ready.
 */
export class DmaBuf extends AnonymousFile {
  /** `dmabuffs_dname()` for a dma-buf without a name. */
  override readonly link = '/dmabuf:';
  /** Its pages. They do not belong to a file that MAP_FILE could pin. */
  readonly pages: AnonymousMemory;
  private revoked = false;
  private readonly importers = new Set<Importer>();

  constructor(
    pages: number,
    override readonly mode: AccessMode,
  ) {
    super();
    // The memory is physically contiguous.
    this.pages = new AnonymousMemory(pages, { first: 0, count: pages });
  }

  get isRevoked(): boolean {
    return this.revoked;
  }

  /** Calls `changed` at every change, until the returned function is called. */
  attach(changed: Importer): () => void {
    this.importers.add(changed);
    return leaving(this.importers, changed);
  }

  revoke(revoked: boolean): void {
    this.revoked = revoked;
    for (const changed of [...this.importers]) changed(revoked);
  }

  override ioctl({ memorySpace: memory }: Task, request: number, arg: bigint): number {
    if (request !== DMA_BUF_IOCTL_SYNC) throw fail('ENOTTY');
    const flags = new DataView(memory.read(arg, 8).buffer).getBigUint64(0, true);
    if ((flags & ~DMA_BUF_SYNC_VALID_FLAGS_MASK) !== 0n) throw fail('EINVAL');
    if ((Number(flags) & DMA_BUF_SYNC_RW) === 0) throw fail('EINVAL');
    return 0;
  }

  /** `dma_buf_poll()`: returns only these two bits, unlike most files. */
  override poll(): number {
    return POLLIN | POLLOUT;
  }

  /** Fails, because the exporter does not support mmap(). */
  override mmap(): Vma {
    throw fail('EINVAL');
  }

  protected override release(): void {
    // The last importer releases the memory.
  }
}
