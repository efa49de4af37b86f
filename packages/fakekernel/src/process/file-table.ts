import type { File } from './file.js';

/** The file descriptors of a process, as the kernel uses them. */
export interface FileTable {
  /**
   * Opens a file at a free descriptor. If `make` throws, the descriptor is free again.
   * @param closeOnExec true if an exec closes it. Default: true
   * @throws EMFILE
   */
  open(make: (fd: number) => File, closeOnExec?: boolean): number;

  /** The file of a descriptor, without a new reference. Files that the kernel does not model are returned too. */
  find(fd: number): File | undefined;

  /** The file of a descriptor. @throws EBADF */
  get(fd: number): File;

  /** FIOCLEX and FIONCLEX: sets whether an exec closes a descriptor. */
  setCloseOnExec(fd: number, on: boolean): void;

  /** Number of open files of this kernel. */
  readonly openCount: number;
}
