import { fail } from '../errno.js';
import { File } from './file.js';
import type { FileTable } from './file-table.js';

/** The default soft limit of RLIMIT_NOFILE. */
export const MOST_FILES = 1024;

/** A file that the fake kernel does not model. */
export class ForeignFile extends File {
  protected override release(): void {
    // It has no resources.
  }
}

/** The file descriptors of a process of this program. A new file gets the lowest free descriptor. */
export class FdTable implements FileTable {
  /** A slot may be reserved before its file exists. */
  private readonly slots: (File | 'taken' | undefined)[] = [];

  private readonly closedOnExec = new Set<number>();

  /**
   * Like {@link FileTable.open}, with a lower bound for the descriptor.
   * @param from the lowest acceptable descriptor
   * @throws EMFILE
   */
  open(make: (fd: number) => File, closeOnExec = true, from = 0): number {
    const fd = this.reserve(from);
    try {
      this.slots[fd] = make(fd);
    } catch (cause) {
      this.slots[fd] = undefined;
      throw cause;
    }
    if (closeOnExec) this.closedOnExec.add(fd);
    return fd;
  }

  private reserve(from: number): number {
    this.growTo(from);
    let fd = this.slots.indexOf(undefined, from);
    if (fd === -1) fd = this.slots.length;
    if (fd >= MOST_FILES) throw fail('EMFILE');
    this.slots[fd] = 'taken';
    return fd;
  }

  /** Extends the array, because indexOf() finds only elements that exist. */
  private growTo(length: number): void {
    while (this.slots.length < Math.min(length, MOST_FILES)) this.slots.push(undefined);
  }

  /**
   * Installs a file at a given descriptor. A file that is open there is closed.
   * @param file the file; its reference passes to the table
   * @throws EBADF if the descriptor is out of range
   */
  install(fd: number, file: File, closeOnExec: boolean): void {
    if (!Number.isInteger(fd) || fd < 0 || fd >= MOST_FILES) throw fail('EBADF');
    this.growTo(fd);
    const old = this.find(fd);
    this.slots[fd] = file;
    this.setCloseOnExec(fd, closeOnExec);
    old?.put();
  }

  /** Reserves a descriptor for a file that the fake kernel does not model. */
  occupy(fd: number): void {
    this.install(fd, new ForeignFile(), false);
  }

  setCloseOnExec(fd: number, on: boolean): void {
    if (on) this.closedOnExec.add(fd);
    else this.closedOnExec.delete(fd);
  }

  /** Closes the close-on-exec files. */
  exec(): void {
    for (const fd of [...this.closedOnExec]) this.close(fd);
  }

  find(fd: number): File | undefined {
    const file = this.slots[fd];
    return file === 'taken' ? undefined : file;
  }

  get(fd: number): File {
    const file = this.find(fd);
    if (file === undefined) throw fail('EBADF');
    return file;
  }

  /** @throws EBADF */
  close(fd: number): void {
    const file = this.get(fd);
    this.slots[fd] = undefined;
    this.closedOnExec.delete(fd);
    file.put();
  }

  get openCount(): number {
    return this.slots.filter((slot) => slot instanceof File && !(slot instanceof ForeignFile)).length;
  }

  closeAll(): void {
    for (let fd = 0; fd < this.slots.length; fd++) if (this.find(fd) !== undefined) this.close(fd);
    this.slots.length = 0;
  }
}
