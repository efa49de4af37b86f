/** The files of a fake machine, looked at as the recorder of the tapes did. */
import type { FakeKernel } from '@iommufd/fakekernel';
import { type FileEntry, filesOf, Errno } from '@iommufd/fakekernel/task';
import type { FoundFile, MachineFiles } from './machine.js';

/** Looks at the files of a kernel. */
export function machineFilesOf(kernel: FakeKernel): MachineFiles {
  /** The write of the other process. */
  let background: { readonly status: number | undefined } = { status: 0 };
  return {
    cat: (path, max) => answer(() => filesOf(kernel).read(path).subarray(0, max)),
    readlink: (path) =>
      answer(() => {
        const text = filesOf(kernel).target(path);
        return { ret: text.length, text };
      }),
    ls: (path) =>
      answer(() => {
        const names = [...filesOf(kernel).list(path)].map(([name, entry]) => name + suffix(entry));
        return { ret: names.length, text: names.sort().join(',') };
      }),
    stat: (path) => answer(() => statusText(kernel, path)),
    put: (path, text) =>
      answer(() => {
        // Who writes waits until it is done.
        const { status } = filesOf(kernel).write(path, text);
        return status === 0 ? text.length : -1;
      }),
    putInBackground: (path, text) =>
      answer(() => {
        background = filesOf(kernel).write(path, text);
        return 0;
      }),
    wait: () => background.status ?? -1,
  };
}

function answer<T>(work: () => T): T | number {
  try {
    return work();
  } catch (error) {
    if (error instanceof Errno) return error.result;
    throw error;
  }
}

function suffix({ kind }: FileEntry): string {
  if (kind === 'directory') return '/';
  return kind === 'link' ? '@' : '';
}

function statusText(kernel: FakeKernel, path: string): FoundFile {
  const { mode, size, major, minor } = filesOf(kernel).status(path);
  return { ret: 0, text: `mode=${mode.toString(8)} size=${size} rdev=${major}:${minor}` };
}
