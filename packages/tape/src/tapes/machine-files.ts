/** Reads the files of a fake machine as the recorder of the tapes did on the real one. */
import type { FakeKernel } from '@iommufd/fakekernel';
import { type FileEntry, filesOf, Errno } from '@iommufd/fakekernel/task';
import type { FoundFile, MachineFiles } from './machine.js';

/** Device numbers with a range of minors. */
const span = (major: number, first: number, last = first): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => `${major}:${first + i}`);

/** Links that the recorded machine has and the fake kernel lacks: its terminals, memory devices, clocks and test drivers. */
const OTHER_LINKS: Readonly<Record<string, readonly string[]>> = {
  '/sys/class/iommu': ['iommufd_selftest_iommu.0'],
  '/sys/class/misc': ['cpu_dma_latency', 'vga_arbiter'],
  '/sys/dev/char': [
    ...[3, 5, 7, 8, 9, 11].flatMap((minor) => span(1, minor)),
    ...span(2, 0, 255),
    ...span(3, 0, 255),
    ...span(4, 0, 67),
    ...span(5, 0, 2),
    ...[0, 64, 128].flatMap((minor) => span(7, minor, minor + 1)),
    ...span(10, 256),
    ...span(10, 258),
    ...span(254, 1),
  ],
};

/** Files that the recorded machine has and the fake kernel lacks. */
const OTHER_FILES: Readonly<Record<string, string>> = {
  '/proc/misc': '258 cpu_dma_latency\n196 vfio\n257 iommu\n256 vga_arbiter\n',
};

/** The last write by another process. Its status is undefined while it runs. */
export interface Background {
  write: { readonly status: number | undefined };
}

/** Creates the access to the files of a kernel. @param background a write that may still run, of the machine that this one continues */
export function machineFilesOf(
  kernel: FakeKernel,
  background: Background = { write: { status: 0 } },
): MachineFiles {
  return {
    cat: (path, max) =>
      answer(() => {
        const other = OTHER_FILES[path];
        return other === undefined
          ? filesOf(kernel).read(path).subarray(0, max)
          : new TextEncoder().encode(other);
      }),
    readlink: (path) =>
      answer(() => {
        const text = filesOf(kernel).target(path);
        return { ret: text.length, text };
      }),
    ls: (path) =>
      answer(() => {
        const found = [...filesOf(kernel).list(path)].map(([name, entry]) => name + suffix(entry));
        const names = [...found, ...(OTHER_LINKS[path] ?? []).map((name) => `${name}@`)];
        return { ret: names.length, text: names.sort().join(',') };
      }),
    stat: (path) => answer(() => statusText(kernel, path)),
    put: (path, text) =>
      answer(() => {
        // A write is synchronous.
        const { status } = filesOf(kernel).write(path, text);
        return status === 0 ? text.length : -1;
      }),
    putInBackground: (path, text) =>
      answer(() => {
        background.write = filesOf(kernel).write(path, text);
        return 0;
      }),
    wait: () => background.write.status ?? -1,
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
