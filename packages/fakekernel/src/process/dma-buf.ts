import { POLLIN, POLLOUT } from '@iommufd/uapi';
import { fail } from '../errno.js';
import { restorable } from '../lib/restorable.js';
import type { Vma } from './address-space.js';
import { type AccessMode, accessModeOf, AnonymousFile } from './file.js';
import type { Extent } from './memory-object.js';
import type { Task } from './task.js';
import type { UserMemory } from './user-memory.js';
import { userString } from './user-string.js';

/** Flags of `open()`: `asm-generic/fcntl.h`. */
const O_NONBLOCK = 0x800;

/** Requests and flags of `linux/dma-buf.h`. */
const DMA_BUF_IOCTL_SYNC = 0x4008_6200;
const DMA_BUF_SET_NAME_A = 0x4004_6201;
const DMA_BUF_SET_NAME_B = 0x4008_6201;
/** In bytes, including the final 0. */
const DMA_BUF_NAME_LEN = 32;
const DMA_BUF_SYNC_RW = 3;
const DMA_BUF_SYNC_VALID_FLAGS_MASK = 7n;

/** Called for every change of the memory's state. */
type Importer = (revoked: boolean) => void;

/** Ends an attachment. */
const leaving = restorable('DmaBuf.attach', (importers: Set<Importer>, importer: Importer) => () => {
  importers.delete(importer);
});

/**
 * Device memory as a file: `dma_buf_export()`. Its exporter, which is a subclass, may revoke it at any time, and make it available
 * again. It cannot be read, written or mapped. It has no fences, so it is always ready.
 */
export abstract class DmaBuf extends AnonymousFile {
  /** `dmabuffs_dname()`: its name follows, which programs can set. */
  override link = '/dmabuf:';
  override readonly mode: AccessMode;
  private readonly importers = new Set<Importer>();

  /**
   * @param pageCount its size, in pages
   * @param memoryRange its pages if they are one physical range, which is the condition for mapping it into an IOAS; undefined if not.
   *   They do not belong to a file that MAP_FILE could pin
   * @param flags the flags of the new file, as of `open()`; others than the access mode and O_NONBLOCK are ignored
   * @param revoked true if it is revoked from the beginning
   */
  constructor(
    readonly pageCount: number,
    readonly memoryRange: Extent | undefined,
    flags: number,
    private revoked = false,
  ) {
    super();
    this.mode = accessModeOf(flags);
    this.nonBlocking = (flags & O_NONBLOCK) !== 0;
  }

  get isRevoked(): boolean {
    return this.revoked;
  }

  /** Calls `changed` at every change, until the returned function is called. */
  attach(changed: Importer): () => void {
    this.importers.add(changed);
    return leaving(this.importers, changed);
  }

  /** `dma_buf_invalidate_mappings()`: every change reaches the importers, which unmap the memory. */
  revoke(revoked: boolean): void {
    this.revoked = revoked;
    for (const changed of [...this.importers]) changed(revoked);
  }

  /** `dma_buf_ioctl()` of a kernel without CONFIG_SYNC_FILE. */
  override ioctl({ memorySpace: memory }: Task, request: number, arg: bigint): number {
    switch (request) {
      case DMA_BUF_IOCTL_SYNC:
        return this.sync(memory, arg);
      case DMA_BUF_SET_NAME_A:
      case DMA_BUF_SET_NAME_B:
        this.link = `/dmabuf:${userString(memory, arg, DMA_BUF_NAME_LEN)}`;
        return 0;
      default:
        throw fail('ENOTTY');
    }
  }

  /** Does nothing but check its flags, because the exporters do not support access by the CPU. */
  private sync(memory: UserMemory, arg: bigint): number {
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
    // The last importer releases the memory. A subclass whose exporter lists it removes it there.
  }
}
