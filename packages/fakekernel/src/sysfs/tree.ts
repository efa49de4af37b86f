/**
 * A tree of files as programs see them in `/sys` and `/dev`: directories, links, attributes that are read and written whole, and
 * device nodes. Nothing is kept: a directory lists what there is when it is looked at. {@link FileTree} has the operations.
 */
import { fail } from '../errno.js';
import { ascii } from '../lib/ascii.js';
import type { File } from '../process/file.js';

/** A directory. */
export interface Directory {
  readonly kind: 'directory';
  /** What is in it now, by name. */
  entries(): ReadonlyMap<string, Entry>;
}

/** A link to another path of the tree. It is shown relative to where it is, as sysfs does. */
export interface Link {
  readonly kind: 'link';
  readonly to: string;
}

/** A file of sysfs. */
export interface Attribute {
  readonly kind: 'attribute';
  /** In bytes, as `stat()` shows it: a page, unless it is a binary attribute. */
  readonly size: number;
  /** Undefined for one that can only be written: reading is EACCES. */
  readonly read?: () => Uint8Array;
  /** Undefined for one that can only be read. */
  readonly write?: (text: string) => Writing;
  /** Its permissions, if they do not follow. */
  readonly mode?: number;
  /** Opens it, if it can be written through a descriptor. */
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

/** A write that may wait for something: unbinding a driver waits until a device is closed. */
export interface Writing {
  /** Undefined while it waits; 0 when it is done. */
  readonly status: number | undefined;
  /** Calls `work` when it is done, at once if it is. */
  whenDone(work: () => void): void;
}

/** A write that is done. */
export const DONE: Writing = { status: 0, whenDone: (work) => work() };

/** What `stat()` says. */
export interface Status {
  /** Type and permissions. */
  readonly mode: number;
  readonly size: number;
  /** Of a device node. */
  readonly major: number;
  readonly minor: number;
}

const PAGE = 4096;
const MOST_LINKS = 40;

export const directory = (entries: () => Iterable<readonly [string, Entry]>): Directory => ({
  kind: 'directory',
  entries: () => new Map(entries()),
});

/** A directory whose entries are always there. */
export const dir = (entries: Readonly<Record<string, Entry>>): Directory =>
  directory(() => Object.entries(entries));

export const link = (to: string): Link => ({ kind: 'link', to });

/** A line of text. */
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

/** Where a path leads. */
export interface Place {
  /** What is there; undefined for nothing. */
  readonly entry: Entry | undefined;
  /** Its path without links on the way. If nothing is there, that of the last directory on the way. */
  readonly path: string;
}

/** A tree. Paths are absolute; failures are thrown as `Errno`. */
export class FileTree {
  constructor(private readonly root: Directory) {}

  /** Reads a file. @throws ENOENT; EISDIR; EACCES for one that is only written */
  read(path: string): Uint8Array {
    const { entry } = this.find(path, true);
    if (entry.kind === 'directory') throw fail('EISDIR');
    if (entry.kind !== 'attribute' || entry.read === undefined) throw fail('EACCES');
    return entry.read();
  }

  /** Writes to a file. @throws ENOENT; EACCES; what the attribute refuses */
  write(path: string, text: string): Writing {
    const { entry } = this.find(path, true);
    if (entry.kind !== 'attribute' || entry.write === undefined) throw fail('EACCES');
    return entry.write(text);
  }

  /** The target of a link. @throws ENOENT; EINVAL for what is no link */
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

  /** What is at a path, after the links on the way. @param follow the last one as well @throws ENOENT */
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

  private find(path: string, follow: boolean): Place & { readonly entry: Entry } {
    const { entry, path: place } = this.walk(path, follow);
    if (entry === undefined) throw fail('ENOENT');
    return { entry, path: place };
  }

  /** Walks a path: `path_lookupat()`. @param follow a link at its end as well @throws ELOOP for too many links */
  walk(path: string, follow: boolean, links = 0): Place {
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

/** `kernfs_get_target_path()`: a path as it is seen from a directory. It is named even where the way goes through it. */
function relative(from: string, to: string): string {
  const [a, b] = [from.split('/').slice(1), to.split('/').slice(1)];
  let common = 0;
  while (common < Math.min(a.length, b.length - 1) && a[common] === b[common]) common++;
  return [...a.slice(common).map(() => '..'), ...b.slice(common)].join('/');
}
