import { fail } from '../errno.js';
import { File } from './file.js';

/** How many files a process may have open (RLIMIT_NOFILE's usual soft limit). */
const MOST_FILES = 1024;

/** A file that is no business of this kernel's. */
class ForeignFile extends File {
  protected override release(): void {
    // It holds nothing.
  }
}

/** The file descriptors of a process. The lowest free number is always the next one. */
export class FdTable {
  /** A number may be taken before its file is there. */
  private readonly slots: (File | 'taken' | undefined)[] = [];

  private readonly closedOnExec = new Set<number>();

  /**
   * Gives a new file the lowest free number; if `make` throws, the number is free again.
   * @throws EMFILE
   */
  open(make: (fd: number) => File, closeOnExec = true): number {
    const fd = this.reserve();
    try {
      this.slots[fd] = make(fd);
    } catch (cause) {
      this.slots[fd] = undefined;
      throw cause;
    }
    if (closeOnExec) this.closedOnExec.add(fd);
    return fd;
  }

  private reserve(): number {
    let fd = this.slots.indexOf(undefined);
    if (fd === -1) fd = this.slots.length;
    if (fd >= MOST_FILES) throw fail('EMFILE');
    this.slots[fd] = 'taken';
    return fd;
  }

  /** Takes a certain number for something that is no file of this kernel. */
  occupy(fd: number): void {
    while (this.slots.length < fd) this.slots.push(undefined);
    this.slots[fd] = new ForeignFile();
  }

  /** FIOCLEX and FIONCLEX: is a number closed when another program is run? */
  setCloseOnExec(fd: number, on: boolean): void {
    if (on) this.closedOnExec.add(fd);
    else this.closedOnExec.delete(fd);
  }

  /** Closes what another program is not to have. */
  exec(): void {
    for (const fd of [...this.closedOnExec]) this.close(fd);
  }

  /** The file of a number, which stays the table's. */
  find(fd: number): File | undefined {
    const file = this.slots[fd];
    return file === 'taken' ? undefined : file;
  }

  /** The file of a number. @throws EBADF */
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

  /** How many files of this kernel are open. */
  get openCount(): number {
    return this.slots.filter((slot) => slot instanceof File && !(slot instanceof ForeignFile)).length;
  }

  closeAll(): void {
    for (let fd = 0; fd < this.slots.length; fd++) if (this.find(fd) !== undefined) this.close(fd);
    this.slots.length = 0;
  }
}
