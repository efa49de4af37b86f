/**
 * A tree of files as programs see them in `/sys` and `/dev`: directories, links, attributes that are read and written whole, and
 * device nodes. Nothing is kept: a directory lists what there is when it is looked at. {@link FileTree} has the operations.
 */
import { fail } from '../errno.js';
import { ascii } from '../lib/ascii.js';

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
}

/** A write that is done. */
export const DONE: Writing = { status: 0 };

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

/** A tree. Paths are absolute; failures are thrown as `Errno`. */
export class FileTree {
  constructor(private readonly root: Directory) {}

  /** Reads a file. @throws ENOENT; EISDIR; EACCES for one that is only written */
  read(path: string): Uint8Array {
    const entry = this.find(path, true);
    if (entry.kind === 'directory') throw fail('EISDIR');
    if (entry.kind !== 'attribute' || entry.read === undefined) throw fail('EACCES');
    return entry.read();
  }

  /** Writes to a file. @throws ENOENT; EACCES; what the attribute refuses */
  write(path: string, text: string): Writing {
    const entry = this.find(path, true);
    if (entry.kind !== 'attribute' || entry.write === undefined) throw fail('EACCES');
    return entry.write(text);
  }

  /** The target of a link. @throws ENOENT; EINVAL for what is no link */
  target(path: string): string {
    const place = this.resolve(path, false);
    if (place.entry.kind !== 'link') throw fail('EINVAL');
    return relative(place.parent, place.entry.to);
  }

  /** The entries of a directory. @throws ENOENT | ENOTDIR */
  list(path: string): ReadonlyMap<string, Entry> {
    const entry = this.find(path, true);
    if (entry.kind !== 'directory') throw fail('ENOTDIR');
    return entry.entries();
  }

  /** What is at a path, after the links on the way and the last. @throws ENOENT */
  status(path: string): Status {
    const entry = this.find(path, true);
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

  private find(path: string, follow: boolean): Entry {
    return this.resolve(path, follow).entry;
  }

  /** Walks a path. @throws ENOENT; ELOOP for too many links */
  private resolve(
    path: string,
    follow: boolean,
    links = 0,
  ): { readonly entry: Entry; readonly parent: string } {
    if (links > MOST_LINKS) throw fail('ELOOP');
    const names = path.split('/').filter((name) => name !== '' && name !== '.');
    let entry: Entry = this.root;
    let parent = '';
    for (const [i, name] of names.entries()) {
      if (entry.kind !== 'directory') throw fail('ENOENT');
      const next = entry.entries().get(name);
      if (next === undefined) throw fail('ENOENT');
      const isLast = i + 1 === names.length;
      if (next.kind === 'link' && (!isLast || follow))
        return this.resolve([next.to, ...names.slice(i + 1)].join('/'), follow, links + 1);
      if (isLast) return { entry: next, parent };
      entry = next;
      parent = `${parent}/${name}`;
    }
    return { entry, parent };
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
