import { PAGE_SIZE } from '@iommufd/fakekernel/task';
import { O_CLOEXEC, O_RDONLY, O_RDWR } from '../linux/constants.js';
import { type Libc, must } from '../linux/libc.js';
import { readInChunks, SCRATCH, scratch, scratched, writeInChunks } from './transfer.js';

// The upper halves of entries of `/proc/PID/pagemap`.
const PM_PRESENT = 1 << 31;
const PM_SWAP = 1 << 30;
/** A page of a file, or shared memory. */
const PM_FILE = 1 << 29;

/**
 * The memory of a process as `/proc/PID/mem` gives it: whatever the protection of a page is, as a pin of it would. It is bound to
 * what the process runs now. When that has ended, or another program has been executed in its place, it is not live.
 */
export class ProcessMemory {
  private fd: number;
  /** Of `/proc/PID/pagemap`, once it was needed. */
  private pagemap = -1;
  private readonly probe = Buffer.alloc(1);

  /** @throws SystemError if the process may not be traced, or has ended */
  constructor(
    private readonly libc: Libc,
    private readonly pid: number,
  ) {
    this.fd = must(
      `opening the memory of process ${pid}`,
      libc.open(`/proc/${pid}/mem`, O_RDWR | O_CLOEXEC, 0),
    );
  }

  /** The first page is never mapped, so that a read of it fails; without any memory it finds the end of the file. */
  get isLive(): boolean {
    return this.fd >= 0 && this.libc.pread(this.fd, this.probe, 1, 0) !== 0;
  }

  /** @returns how many bytes were read, up to the first that is not there */
  read(address: number, into: Uint8Array): number {
    const { libc, fd } = this;
    return readInChunks((buffer, count, at) => libc.pread(fd, buffer, count, at), address, into);
  }

  /** @returns the bytes up to the first that is not there */
  readSome(address: number, length: number): Uint8Array {
    if (length <= SCRATCH) return scratched(Math.max(0, this.libc.pread(this.fd, scratch, length, address)));
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, this.read(address, bytes));
  }

  /** @returns how many bytes were written, likewise */
  write(address: number, bytes: Uint8Array): number {
    const { libc, fd } = this;
    return writeInChunks((buffer, count, at) => libc.pwrite(fd, buffer, count, at), address, bytes);
  }

  /**
   * Which pages of a private mapping of a file the process has a copy of, which it or a pin has written to.
   * @returns a flag for each
   */
  copiedPages(address: number, count: number): readonly boolean[] {
    const { libc } = this;
    if (this.pagemap < 0) this.pagemap = libc.open(`/proc/${this.pid}/pagemap`, O_RDONLY | O_CLOEXEC, 0);
    const copied: boolean[] = [];
    while (copied.length < count) {
      const length = Math.min(SCRATCH, (count - copied.length) * 8);
      const got = libc.pread(this.pagemap, scratch, length, (address / PAGE_SIZE + copied.length) * 8);
      if (got <= 0) break;
      for (let at = 0; at < got; at += 8) {
        const flags = scratch.readUInt32LE(at + 4);
        copied.push((flags & (PM_PRESENT | PM_SWAP)) !== 0 && (flags & PM_FILE) === 0);
      }
    }
    return copied;
  }

  /** From now on nothing is there. */
  close(): void {
    if (this.pagemap >= 0) this.libc.close(this.pagemap);
    this.pagemap = -1;
    this.libc.close(this.fd);
    this.fd = -1;
  }
}
