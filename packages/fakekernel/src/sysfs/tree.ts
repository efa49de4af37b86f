/**
 * A tree of files as programs see them in `/sys` and `/dev`: directories, links, attributes that are read and written as a whole,
 * and device nodes. The tree stores no state: a directory computes its entries when it is read. {@link FileTree} has the
 * operations.
 */
import { fail } from '../errno.js';
import { ascii } from '../lib/ascii.js';
import type { File } from '../process/file.js';

/** A directory. */
export interface Directory {
  readonly kind: 'directory';
  /** Its current entries, by name. */
  entries(): ReadonlyMap<string, Entry>;
}

/** A link to another path of the tree. Like in sysfs, its target is relative to its directory. */
export interface Link {
  readonly kind: 'link';
  readonly to: string;
}

/** A file of sysfs. */
export interface Attribute {
  readonly kind: 'attribute';
  /** Size in bytes for `stat()`: a page, unless it is a binary attribute. */
  readonly size: number;
  /** True for `struct bin_attribute`: a write at or beyond `size` fails with EFBIG. */
  readonly isBinary?: true;
  /** Undefined if it is write-only: reading it fails with EACCES. */
  readonly read?: () => Uint8Array;
  /** Undefined if it is read-only. {@link writeAttribute} calls it, never with an empty text. */
  readonly write?: (text: string) => Writing;
  /** Its permissions. Default: derived from `read` and `write`. */
  readonly mode?: number;
  /** Opens it, if it can be written through a file descriptor. */
  readonly open?: () => File;
}

/** A device node. */
export interface Node {
  readonly kind: 'node';
  readonly mode: number;
  readonly major: number;
  readonly minor: number;
}

export type Entry = Directory | Link | Attribute | Node;

/** A write that may have to wait: unbinding a driver waits until the device is closed. */
export interface Writing {
  /** Undefined while it waits; 0 when it is done. */
  readonly status: number | undefined;
  /** Calls `work` when it is done, or at once if it is already done. */
  whenDone(work: () => void): void;
}

/** A write that is already done. */
export const DONE: Writing = { status: 0, whenDone: (work) => work() };

/**
 * Writes to an attribute: `sysfs_kf_write()`, and `sysfs_kf_bin_write()` if it is binary. The attribute receives the whole text; a
 * binary one reports no bytes beyond its size. An empty write does nothing.
 * @returns the write, and the number of bytes that the system call returns
 * @throws EACCES if it is read-only; EFBIG at or beyond the end of a binary attribute; Errno of the attribute
 */
export function writeAttribute(
  { write, isBinary, size }: Attribute,
  text: string,
  position: bigint,
): { readonly writing: Writing; readonly count: number } {
  if (write === undefined) throw fail('EACCES');
  const left = isBinary === true ? BigInt(size) - position : undefined;
  if (left !== undefined && left <= 0n) throw fail('EFBIG');
  if (text === '') return { writing: DONE, count: 0 };
  const count = left !== undefined && left < BigInt(text.length) ? Number(left) : text.length;
  return { writing: write(text), count };
}

/** The result of `stat()`. */
export interface Status {
  /** File type and permissions. */
  readonly mode: number;
  readonly size: number;
  /** Major and minor number of a device node. */
  readonly major: number;
  readonly minor: number;
}

const PAGE = 4096;
const MOST_LINKS = 40;

export const directory = (entries: () => Iterable<readonly [string, Entry]>): Directory => ({
  kind: 'directory',
  entries: () => new Map(entries()),
});

/** A directory whose entries do not change. */
export const dir = (entries: Readonly<Record<string, Entry>>): Directory =>
  directory(() => Object.entries(entries));

export const link = (to: string): Link => ({ kind: 'link', to });

/** An attribute with a line of text. */
export const line = (text: () => string | number): Attribute => ({
  kind: 'attribute',
  size: PAGE,
  read: () => ascii(`${text()}\n`),
});

/** An attribute that can only be written. */
export const command = (write: (text: string) => Writing): Attribute => ({
  kind: 'attribute',
  size: PAGE,
  write,
});

/** The result of looking up a path. */
export interface Lookup {
  /** The entry; undefined if it does not exist. */
  readonly entry: Entry | undefined;
  /** Its path with all links resolved. If the entry does not exist, the path of the last directory that was reached. */
  readonly path: string;
}

/** A file tree. Paths are absolute. Failures are thrown as `Errno`. */
export class FileTree {
  constructor(private readonly root: Directory) {}

  /** Reads a file. @throws ENOENT; EISDIR; EACCES if it is write-only */
  read(path: string): Uint8Array {
    const { entry } = this.find(path, true);
    if (entry.kind === 'directory') throw fail('EISDIR');
    if (entry.kind !== 'attribute' || entry.read === undefined) throw fail('EACCES');
    return entry.read();
  }

  /** Writes to a file. @throws ENOENT; EACCES if it is read-only; Errno of the attribute */
  write(path: string, text: string): Writing {
    const { entry } = this.find(path, true);
    if (entry.kind !== 'attribute') throw fail('EACCES');
    return writeAttribute(entry, text, 0n).writing;
  }

  /** The target of a link. @throws ENOENT; EINVAL if it is not a link */
  target(path: string): string {
    const { entry, path: place } = this.find(path, false);
    if (entry.kind !== 'link') throw fail('EINVAL');
    return relative(place.slice(0, place.lastIndexOf('/')), entry.to);
  }

  /** The entries of a directory. @throws ENOENT | ENOTDIR */
  list(path: string): ReadonlyMap<string, Entry> {
    const { entry } = this.find(path, true);
    if (entry.kind !== 'directory') throw fail('ENOTDIR');
    return entry.entries();
  }

  /** The status of a path, after resolving links. @param follow true to resolve a link at its end too @throws ENOENT */
  status(path: string, follow = true): Status {
    const { entry } = this.find(path, follow);
    const plain = { size: 0, major: 0, minor: 0 };
    switch (entry.kind) {
      case 'directory':
        return { ...plain, mode: 0o040755 };
      case 'link':
        return { ...plain, mode: 0o120777 };
      case 'node':
        return { ...plain, mode: 0o020000 | entry.mode, major: entry.major, minor: entry.minor };
      case 'attribute':
        return { ...plain, mode: 0o100000 | modeOf(entry), size: entry.size };
    }
  }

  private find(path: string, follow: boolean): Lookup & { readonly entry: Entry } {
    const { entry, path: place } = this.walk(path, follow);
    if (entry === undefined) throw fail('ENOENT');
    return { entry, path: place };
  }

  /** Looks up a path: `path_lookupat()`. @param follow true to resolve a link at its end too @throws ELOOP for too many links */
  walk(path: string, follow: boolean, links = 0): Lookup {
    if (links > MOST_LINKS) throw fail('ELOOP');
    const names = path.split('/').filter((name) => name !== '' && name !== '.');
    const above: Directory[] = [];
    const passed: string[] = [];
    const here = (): string => passed.map((name) => `/${name}`).join('');
    let directory = this.root;
    for (const [i, name] of names.entries()) {
      if (name === '..') {
        directory = above.pop() ?? directory;
        passed.pop();
        continue;
      }
      const next = directory.entries().get(name);
      const isLast = i + 1 === names.length;
      if (next?.kind === 'link' && (!isLast || follow))
        return this.walk([next.to, ...names.slice(i + 1)].join('/'), follow, links + 1);
      if (next?.kind !== 'directory')
        return next !== undefined && isLast
          ? { entry: next, path: `${here()}/${name}` }
          : { entry: undefined, path: here() };
      above.push(directory);
      passed.push(name);
      directory = next;
    }
    return { entry: directory, path: here() };
  }
}

function modeOf({ mode, read, write }: Attribute): number {
  if (mode !== undefined) return mode;
  return (read === undefined ? 0 : 0o444) | (write === undefined ? 0 : 0o200);
}

/**
 * `kernfs_get_target_path()`: a path relative to a directory. The last name is always included, even if the directory is below
 * the target.
 */
function relative(from: string, to: string): string {
  const [a, b] = [from.split('/').slice(1), to.split('/').slice(1)];
  let common = 0;
  while (common < Math.min(a.length, b.length - 1) && a[common] === b[common]) common++;
  return [...a.slice(common).map(() => '..'), ...b.slice(common)].join('/');
}
