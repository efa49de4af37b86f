import { PAGE_SIZE } from '@iommufd/fakekernel/task';
import { O_CLOEXEC, O_RDONLY, O_RDWR } from '../linux/constants.js';
import { type Libc, must } from '../linux/libc.js';
import { readInChunks, SCRATCH, scratch, scratched, writeInChunks } from './transfer.js';

// The upper halves of entries of `/proc/PID/pagemap`.
const PM_PRESENT = 1 << 31;
const PM_SWAP = 1 << 30;
/** A page of a file or of shared memory. */
const PM_FILE = 1 << 29;
/** A page in a guard region. */
const PM_GUARD_REGION = 1 << 26;

/**
 * Accesses the memory of a process through `/proc/PID/mem`, which ignores the protection of pages, as pins do. It is bound to the
 * program that the process runs now. After the end of the process or an exec it is no longer live.
 */
export class ProcessMemory {
  private fd: number;
  /** The descriptor of `/proc/PID/pagemap`. Bound to the same program: opened later by its PID, it might be another one's. */
  private pagemap: number;
  private readonly probe = Buffer.alloc(1);

  /** @throws SystemError if the process may not be traced, or has ended */
  constructor(
    private readonly libc: Libc,
    pid: number,
  ) {
    this.fd = must(
      `opening the memory of process ${pid}`,
      libc.open(`/proc/${pid}/mem`, O_RDWR | O_CLOEXEC, 0),
    );
    try {
      this.pagemap = must(
        `opening the page map of process ${pid}`,
        libc.open(`/proc/${pid}/pagemap`, O_RDONLY | O_CLOEXEC, 0),
      );
    } catch (cause) {
      libc.close(this.fd);
      throw cause;
    }
  }

  /** True until the program ends. The first page is never mapped, so a read of it fails. Without any memory it returns 0. */
  get isLive(): boolean {
    return this.fd >= 0 && this.libc.pread(this.fd, this.probe, 1, 0) !== 0;
  }

  /** @returns the number of bytes read, up to the first that cannot be read */
  read(address: number, into: Uint8Array): number {
    const { libc, fd } = this;
    return readInChunks((buffer, count, at) => libc.pread(fd, buffer, count, at), address, into);
  }

  /** @returns the bytes up to the first that cannot be read */
  readSome(address: number, length: number): Uint8Array {
    if (length <= SCRATCH) return scratched(Math.max(0, this.libc.pread(this.fd, scratch, length, address)));
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, this.read(address, bytes));
  }

  /** @returns the number of bytes written, up to the first that cannot be written */
  write(address: number, bytes: Uint8Array): number {
    const { libc, fd } = this;
    return writeInChunks((buffer, count, at) => libc.pwrite(fd, buffer, count, at), address, bytes);
  }

  /**
   * Finds the pages of a private file mapping that have been copied by copy-on-write.
   * @returns for each page, true if it is a copy
   */
  copiedPages(address: number, count: number): readonly boolean[] {
    const copied: boolean[] = [];
    for (const flags of this.pageFlags(address, count))
      copied.push((flags & (PM_PRESENT | PM_SWAP)) !== 0 && (flags & PM_FILE) === 0);
    return copied;
  }

  /** The number of pages from an address to the first in a guard region, at most `count`. Before Linux 6.15 guards are not found. */
  unguarded(address: number, count: number): number {
    return this.pagesUntil(address, count, (flags) => (flags & PM_GUARD_REGION) !== 0);
  }

  /** The number of pages from an address to the first that is not in the page table, at most `count`. */
  present(address: number, count: number): number {
    return this.pagesUntil(address, count, (flags) => (flags & PM_PRESENT) === 0);
  }

  private pagesUntil(address: number, count: number, isEnd: (flags: number) => boolean): number {
    let found = 0;
    for (const flags of this.pageFlags(address, count)) {
      if (isEnd(flags)) return found;
      found++;
    }
    return count;
  }

  /** The upper halves of the entries of pages in `/proc/PID/pagemap`, as long as the process exists. */
  private *pageFlags(address: number, count: number): Generator<number> {
    const { libc } = this;
    for (let done = 0; done < count;) {
      const length = Math.min(SCRATCH, (count - done) * 8);
      const got = libc.pread(this.pagemap, scratch, length, (address / PAGE_SIZE + done) * 8);
      if (got <= 0) return;
      // The buffer may be used before the next entry is asked for.
      const entries = scratched(got);
      const view = new DataView(entries.buffer, entries.byteOffset, got);
      for (let at = 4; at < got; at += 8) yield view.getUint32(at, true);
      done += got / 8;
    }
  }

  /** Closes it. All later accesses fail. */
  close(): void {
    this.libc.close(this.pagemap);
    this.pagemap = -1;
    this.libc.close(this.fd);
    this.fd = -1;
  }
}
