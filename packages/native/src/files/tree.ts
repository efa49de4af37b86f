/**
 * What a program finds in `/sys` and `/dev/vfio`: the files of the fake kernel's machine, and beside them those of this machine.
 * {@link Tree.find} says what is at a path. Files of the fake are answered from its kernel; a directory that the program opens is
 * a real one, made anew each time with the same names, so that the host's kernel reads it.
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

/** Directories that the machine has as well: what is not the fake's there is the machine's. */
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
/** Those of them in which devices, drivers and IOMMUs are listed. */
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
/** A root bus, and the nodes of the firmware. */
const SHARED_BELOW_DEVICES = /^\/sys\/devices\/(?:pci[0-9a-f]{4}:[0-9a-f]{2}|LNXSYSTM:00(?:\/.*)?)$/;

/** Paths that are looked up. */
const INSIDE = /^\/(?:sys|dev\/vfio)(?:\/|$)/;

/** What the fake kernel has at a path. */
export interface Found {
  /** The path without links on the way. */
  readonly path: string;
  readonly entry: FileEntry;
}

/** @see {@link Tree.find} */
export class Tree {
  private readonly lists = new Set(LISTS);
  private readonly shared = new Set([...SHARED, ...LISTS]);
  /** Where directories are made; undefined until the first is opened. */
  private root: string | undefined;
  private readonly inodes = new Map<string, number>();
  /** What programs have named with O_PATH: where each path is in {@link NAMES}. */
  private readonly names: string[] = [];
  /** The same, by the file of this process that stands for it: {@link keyOf}. */
  readonly named = new Map<string, Named>();

  /** @param onlyFake leaves out the devices of the machine */
  constructor(
    private readonly kernel: FakeKernel,
    private readonly onlyFake: boolean,
  ) {}

  /** A path as the program means it: one through a directory that was opened leads to that of the tree. */
  meant(path: string): string {
    const { root } = this;
    if (root === undefined || (path !== root && !path.startsWith(`${root}/`))) return path;
    const inside = path.slice(root.length);
    const [, index, rest = ''] = NAMED.exec(inside) ?? [];
    return index === undefined ? inside : `${this.names[Number(index)] ?? ''}${rest}`;
  }

  /**
   * What is at a path.
   * @param path as of {@link meant}, absolute
   * @param follow a link at its end
   * @returns undefined if it is for the host to say
   * @throws ENOENT if there is nothing where the fake has the directory; ELOOP
   */
  find(path: string, follow: boolean): Found | undefined {
    if (!INSIDE.test(posix.normalize(path))) return undefined;
    const { entry, path: place } = filesOf(this.kernel).walk(path, follow);
    if (entry !== undefined) return { entry, path: place };
    if (this.isShared(place)) return undefined;
    throw fail('ENOENT');
  }

  /** Is what the fake has not got in a directory the machine's? */
  private isShared(path: string): boolean {
    if (this.onlyFake && this.lists.has(path)) return false;
    return this.shared.has(path) || SHARED_BELOW_DEVICES.test(path);
  }

  status({ path }: Found): FileTreeStatus {
    return filesOf(this.kernel).status(path, false);
  }

  /** The inode of a path: its own, as long as the tree is there. */
  inode({ path }: Found): number {
    const known = this.inodes.get(path) ?? this.inodes.size + 1;
    this.inodes.set(path, known);
    return known;
  }

  /** What a link says. @throws EINVAL for what is no link */
  target({ path }: Found): string {
    return filesOf(this.kernel).target(path);
  }

  /**
   * A file in this process that stands for what a path names, for a program that only wants to name it. Each path has one, and
   * keeps it.
   * @returns its path here
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

  /** Has something been made in this process that stands for files of the tree? */
  get isMade(): boolean {
    return this.root !== undefined;
  }

  private rootHere(): string {
    return (this.root ??= mkdtempSync(join(tmpdir(), 'iommufd-')));
  }

  /** What a path in this process stands for. @returns undefined if it is nothing of the tree */
  stoodFor(path: string): string | undefined {
    const meant = this.meant(path);
    return meant === path ? undefined : meant;
  }

  /** Makes a directory in this process. @returns its path here */
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

  /** The names in a directory, and what each is. */
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

  /** Removes what was made. */
  remove(): void {
    if (this.root !== undefined) rmSync(this.root, { recursive: true, force: true });
    this.root = undefined;
    this.names.length = 0;
    this.named.clear();
  }
}

/** What a program has named with O_PATH. */
export interface Named {
  readonly path: string;
  /** As it was then. */
  readonly status: FileStatus;
}

/** Where what stands for named files is, beside `/sys` and `/dev`. */
const NAMES = 'names';
const NAMED = /^\/names\/(\d+)(\/.*)?$/;

/** What stands in a directory here. A device node needs privileges to be made. */
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
