import type { File } from './file.js';

/** The file descriptors of a process as the kernel uses them. */
export interface FileTable {
  /**
   * Gives a file a number that is free; if `make` throws, the number is free again.
   * @param closeOnExec is it closed when another program is run? It is if this is left out
   * @throws EMFILE
   */
  open(make: (fd: number) => File, closeOnExec?: boolean): number;

  /** The file of a number, which stays the table's. A file that is not this kernel's is one as well. */
  find(fd: number): File | undefined;

  /** The file of a number. @throws EBADF */
  get(fd: number): File;

  /** FIOCLEX and FIONCLEX: is a number closed when another program is run? */
  setCloseOnExec(fd: number, on: boolean): void;

  /** How many files of this kernel are open. */
  readonly openCount: number;
}
