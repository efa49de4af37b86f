/**
 * The contents of `/sys` and `/dev/vfio` for a program: the files of the fake kernel's machine, merged with those of this machine.
 * {@link Tree.find} looks up a path. The fake kernel answers for its files. For a directory that the program opens, a real directory
 * with the same names is created in a temporary folder, and the host's kernel reads it.
 */

import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import type { FakeKernel } from '@iommufd/fakekernel';
import { fail, type FileEntry, filesOf, type FileTreeStatus } from '@iommufd/fakekernel/task';
import type { FileStatus } from './status.js';

/** Directories that contain entries of both machines. */
const SHARED = [
  '',
  '/dev',
  '/sys',
  '/sys/bus',
  '/sys/bus/pci',
  '/sys/class',
  '/sys/class/misc',
  '/sys/dev',
  '/sys/dev/char',
  '/sys/devices',
  '/sys/devices/virtual',
  '/sys/devices/virtual/misc',
  '/sys/kernel',
  '/sys/module',
];
/** Directories that list devices, drivers and IOMMUs. They contain entries of both machines unless `onlyFake` is set. */
const LISTS = [
  '/dev/vfio',
  '/dev/vfio/devices',
  '/sys/bus/pci/devices',
  '/sys/bus/pci/drivers',
  '/sys/class/iommu',
  '/sys/class/vfio',
  '/sys/class/vfio-dev',
  '/sys/devices/virtual/iommu',
  '/sys/devices/virtual/vfio',
  '/sys/kernel/iommu_groups',
];
/** Root buses, and the nodes of the firmware. */
const SHARED_BELOW_DEVICES = /^\/sys\/devices\/(?:pci[0-9a-f]{4}:[0-9a-f]{2}|LNXSYSTM:00(?:\/.*)?)$/;

/** Paths that are looked up. */
const INSIDE = /^\/(?:sys|dev\/vfio)(?:\/|$)/;

/** The entry of the fake kernel at a path. */
export interface Found {
  /** The path after links were resolved. */
  readonly path: string;
  readonly entry: FileEntry;
}

/** @see {@link Tree.find} */
export class Tree {
  private readonly lists = new Set(LISTS);
  private readonly shared = new Set([...SHARED, ...LISTS]);
  /** The temporary folder for real directories; undefined until the first is opened. */
  private root: string | undefined;
  private readonly inodes = new Map<string, number>();
  /** Paths that programs have opened with O_PATH. The index of a path is the name of its file in {@link NAMES}. */
  private readonly names: string[] = [];
  /** The same files, by the {@link keyOf} of the file of this process that stands for each. */
  readonly named = new Map<string, Named>();

  /** @param onlyFake true to leave out the devices of this machine */
  constructor(
    private readonly kernel: FakeKernel,
    private readonly onlyFake: boolean,
  ) {}

  /** Converts a path to the program's view: a path inside the temporary folder becomes the path of the tree. */
  meant(path: string): string {
    const { root } = this;
    if (root === undefined || (path !== root && !path.startsWith(`${root}/`))) return path;
    const inside = path.slice(root.length);
    const [, index, rest = ''] = NAMED.exec(inside) ?? [];
    return index === undefined ? inside : `${this.names[Number(index)] ?? ''}${rest}`;
  }

  /**
   * Looks up a path.
   * @param path an absolute path, as {@link meant} returns it
   * @param follow true to follow a link at its end
   * @returns undefined if the host's kernel must answer for the path
   * @throws ENOENT if the path does not exist in a directory of the fake kernel; ELOOP
   */
  find(path: string, follow: boolean): Found | undefined {
    if (!INSIDE.test(posix.normalize(path))) return undefined;
    const { entry, path: place } = filesOf(this.kernel).walk(path, follow);
    if (entry !== undefined) return { entry, path: place };
    if (this.isShared(place)) return undefined;
    throw fail('ENOENT');
  }

  /** True if a directory also contains this machine's entries. */
  private isShared(path: string): boolean {
    if (this.onlyFake && this.lists.has(path)) return false;
    return this.shared.has(path) || SHARED_BELOW_DEVICES.test(path);
  }

  status({ path }: Found): FileTreeStatus {
    return filesOf(this.kernel).status(path, false);
  }

  /** The inode number of a path. It does not change. */
  inode({ path }: Found): number {
    const known = this.inodes.get(path) ?? this.inodes.size + 1;
    this.inodes.set(path, known);
    return known;
  }

  /** The target of a link. @throws EINVAL if it is not a link */
  target({ path }: Found): string {
    return filesOf(this.kernel).target(path);
  }

  /**
   * Creates the file of this process that a program opens in place of a path with O_PATH. Each path has one such file.
   * @returns the path of the file
   */
  nameHere(path: string): string {
    const directory = join(this.rootHere(), NAMES);
    const known = this.names.indexOf(path);
    if (known >= 0) return join(directory, String(known));
    const here = join(directory, String(this.names.push(path) - 1));
    mkdirSync(directory, { recursive: true });
    make(here, KINDS.node);
    return here;
  }

  /** True if files of this process exist that stand for files of the tree. */
  get isMade(): boolean {
    return this.root !== undefined;
  }

  private rootHere(): string {
    return (this.root ??= mkdtempSync(join(tmpdir(), 'iommufd-')));
  }

  /** The path of the tree that a file of this process stands for; undefined for other files. */
  stoodFor(path: string): string | undefined {
    const meant = this.meant(path);
    return meant === path ? undefined : meant;
  }

  /** Creates or updates a real directory with the entries of a directory of the tree. @returns its path */
  directoryHere(path: string): string {
    const here = join(this.rootHere(), path);
    mkdirSync(here, { recursive: true });
    const wanted = this.contentsOf(path);
    for (const name of readdirSync(here))
      if (kindAt(join(here, name)) !== wanted.get(name))
        rmSync(join(here, name), { recursive: true, force: true });
    for (const [name, kind] of wanted)
      if (kindAt(join(here, name)) === undefined) make(join(here, name), kind);
    return here;
  }

  /** The names in a directory, with their kinds. */
  private contentsOf(path: string): Map<string, string> {
    const files = filesOf(this.kernel);
    const contents = new Map<string, string>();
    for (const [name, { kind }] of files.list(path))
      contents.set(name, kind === 'link' ? linkTo(files.target(`${path}/${name}`)) : KINDS[kind]);
    if (this.isShared(path) && existsSync(path))
      for (const name of readdirSync(path))
        if (!contents.has(name)) contents.set(name, linkTo(`${path}/${name}`));
    return contents;
  }

  /** Removes all files that were created. */
  remove(): void {
    if (this.root !== undefined) rmSync(this.root, { recursive: true, force: true });
    this.root = undefined;
    this.names.length = 0;
    this.named.clear();
  }
}

/** A file of the fake kernel that a program has opened with O_PATH. */
export interface Named {
  readonly path: string;
  /** Its status at that time. */
  readonly status: FileStatus;
}

/** The directory of files that stand for named files, beside `/sys` and `/dev`. */
const NAMES = 'names';
const NAMED = /^\/names\/(\d+)(\/.*)?$/;

/** The kinds of files that are created. Device nodes are plain files, because creating a node requires privileges. */
const KINDS = { directory: 'directory', attribute: 'file', node: 'file' } as const;
const LINK = 'link to ';
const linkTo = (target: string): string => `${LINK}${target}`;

function kindAt(here: string): string | undefined {
  const status = lstatSync(here, { throwIfNoEntry: false });
  if (status?.isSymbolicLink() === true) return linkTo(readlinkSync(here));
  return status && (status.isDirectory() ? KINDS.directory : KINDS.attribute);
}

function make(here: string, kind: string): void {
  if (kind === KINDS.directory) mkdirSync(here);
  else if (kind.startsWith(LINK)) symlinkSync(kind.slice(LINK.length), here);
  else writeFileSync(here, '');
}
