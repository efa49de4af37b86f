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

/** Called for every change. */
type Importer = (revoked: boolean) => void;

/** Ends an attachment. */
const leaving = restorable('DmaBuf.attach', (importers: Set<Importer>, importer: Importer) => () => {
  importers.delete(importer);
});

/**
 * Memory of a device as a file. Its exporter may take it away at any time, and give it back. It cannot be read, written
 * or mapped, and has no fences, so that it is always ready.
 */
export class DmaBuf extends AnonymousFile {
  /** `dmabuffs_dname()`, of one without a name. */
  override readonly link = '/dmabuf:';
  /** Its pages; they are no file's that MAP_FILE could pin. */
  readonly pages: AnonymousMemory;
  private revoked = false;
  private readonly importers = new Set<Importer>();

  constructor(
    pages: number,
    override readonly mode: AccessMode,
  ) {
    super();
    // It is physically in one piece.
    this.pages = new AnonymousMemory(pages, { first: 0, count: pages });
  }

  get isRevoked(): boolean {
    return this.revoked;
  }

  /** Calls `changed` at every change until the function that it returns is called. */
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

  /** `dma_buf_poll()`: only these two bits, unlike most files. */
  override poll(): number {
    return POLLIN | POLLOUT;
  }

  /** Its exporter cannot map it. */
  override mmap(): Vma {
    throw fail('EINVAL');
  }

  protected override release(): void {
    // The memory goes with the last importer.
  }
}
