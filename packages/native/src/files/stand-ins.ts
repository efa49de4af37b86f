/**
 * All files of the fake kernel that programs have open. The host's kernel counts the references to their stand-ins. Inotify reports
 * when the last reference is closed, and the file of the fake kernel is closed then.
 */

import { fail, type File } from '@iommufd/fakekernel/task';
import {
  IN_CLOSE,
  IN_OPEN,
  IN_Q_OVERFLOW,
  INOTIFY_EVENT,
  O_CLOEXEC,
  O_NONBLOCK,
} from '../linux/constants.js';
import { isFull, type Libc, must, SystemError } from '../linux/libc.js';
import { watch, type Watch } from '../linux/watch.js';
import { factsOf, keyOf } from '../memory/shared-pages.js';
import { type StandIn, standInFor } from './stand-in.js';

/** An inotify instance. Opens and closes are counted by its events, so no event may be lost. */
interface Group {
  readonly fd: number;
  readonly handle: Watch;
  /** By watch descriptor. */
  readonly entries: Map<number, Entry>;
}

interface Entry {
  readonly standIn: StandIn;
  readonly key: string;
  readonly group: Group;
  /** The watch descriptor in its group. */
  readonly watch: number;
  /** Open file descriptions of programs, each with any number of descriptors and mappings. */
  openings: number;
}

/** The most files of a group. Their opens and closes fit into a queue, which has room for 16384 events by default (`inotify(7)`). */
const MOST_FILES = 4096;
/** Size of the buffer for events of inotify, in bytes. */
const ROOM = 16384;

/** All stand-ins of a fake kernel. */
export class StandIns {
  private readonly byKey = new Map<string, Entry>();
  private readonly byFile = new Map<File, Entry>();
  private readonly buffer = Buffer.alloc(ROOM);
  private readonly groups = new Set<Group>();
  /** Stand-ins that programs may write to through descriptors that are not watched. */
  private readonly written = new Set<StandIn>();

  /** @param released runs after files were closed */
  constructor(
    private readonly libc: Libc,
    private readonly released: () => void,
  ) {}

  /** The number of files that have been closed. */
  closings = 0;

  /** The number of files that programs have open. */
  get size(): number {
    return this.byKey.size;
  }

  /** The file of the fake kernel for a stand-in; undefined for other files. */
  find(found: { readonly device: string; readonly inode: number }): File | undefined {
    return this.byKey.get(keyOf(found))?.standIn.file;
  }

  /** True if a program has a file of this kind open. */
  some(isMeant: (file: File) => boolean): boolean {
    return [...this.byFile.keys()].some(isMeant);
  }

  /** True if a program has this file open, or it is in a message. */
  isOpen(file: File): boolean {
    return this.byFile.has(file);
  }

  /**
   * Opens a file for a program.
   * @param file this takes over the caller's reference, and puts it when the last program has closed the file
   * @param status flags that F_GETFL and F_SETFL know: `O_NONBLOCK`
   * @returns a descriptor of this process, which the caller passes to the program and closes
   * @throws Errno ENFILE if this process has reached its limit of open files
   */
  open(file: File, status = 0): number {
    const known = this.byFile.get(file);
    try {
      return (known ?? this.add(file)).standIn.open(status);
    } catch (cause) {
      const added = this.byFile.get(file);
      if (known === undefined && added !== undefined) this.remove(added);
      if (known === undefined) file.put();
      if (cause instanceof SystemError && isFull(cause)) throw fail('ENFILE');
      throw cause;
    }
  }

  private add(file: File): Entry {
    const group = this.group();
    const standIn = standInFor(this.libc, file);
    try {
      const found = factsOf(this.libc, standIn.fd, '');
      if (found === undefined) throw new Error('a stand-in that was just made has no inode');
      const path = `/proc/self/fd/${standIn.fd}`;
      const watch = must(
        'inotify_add_watch()',
        this.libc.inotifyAddWatch(group.fd, path, IN_OPEN | IN_CLOSE),
      );
      const entry: Entry = { standIn, key: keyOf(found), group, watch, openings: 0 };
      this.byKey.set(entry.key, entry);
      this.byFile.set(file, entry);
      group.entries.set(watch, entry);
      if (standIn.drain !== undefined) this.written.add(standIn);
      return entry;
    } catch (cause) {
      standIn.close();
      throw cause;
    }
  }

  /** A group with room. */
  private group(): Group {
    for (const group of this.groups) if (group.entries.size < MOST_FILES) return group;
    const fd = must('inotify_init1()', this.libc.inotifyInit1(O_NONBLOCK | O_CLOEXEC));
    const handle = watch(fd, { readable: true }, () => this.look());
    // Running programs keep this process running. Open files do not.
    handle.unref();
    const group: Group = { fd, handle, entries: new Map() };
    this.groups.add(group);
    return group;
  }

  /** Closes the files that no program has open any more. */
  look(): void {
    for (const standIn of this.written) standIn.drain?.();
    let some = false;
    for (const group of this.groups) some = this.lookAt(group) || some;
    if (!some) return;
    this.released();
    for (const group of this.groups) if (group.entries.size === 0) this.stop(group);
  }

  /** @returns true if a file was closed */
  private lookAt({ fd, entries }: Group): boolean {
    let some = false;
    for (;;) {
      const length = this.libc.read(fd, this.buffer, ROOM);
      if (length <= 0) return some;
      for (
        let at = 0;
        at < length;
        at += INOTIFY_EVENT.size + this.buffer.readUInt32LE(at + INOTIFY_EVENT.len)
      ) {
        const mask = this.buffer.readUInt32LE(at + INOTIFY_EVENT.mask);
        if ((mask & IN_Q_OVERFLOW) !== 0)
          throw new Error('fs.inotify.max_queued_events is too small: which files were closed is not known');
        const entry = entries.get(this.buffer.readInt32LE(at + INOTIFY_EVENT.wd));
        if (entry === undefined) continue;
        if ((mask & IN_OPEN) !== 0) entry.openings++;
        if ((mask & IN_CLOSE) === 0 || --entry.openings > 0) continue;
        this.closings++;
        this.remove(entry);
        entry.standIn.file.put();
        some = true;
      }
    }
  }

  private remove({ standIn, key, group, watch }: Entry): void {
    this.byKey.delete(key);
    this.byFile.delete(standIn.file);
    group.entries.delete(watch);
    this.written.delete(standIn);
    this.libc.inotifyRmWatch(group.fd, watch);
    standIn.close();
  }

  /** Updates the readiness of all stand-ins. */
  refresh(): void {
    for (const { standIn } of this.byKey.values()) standIn.refresh();
  }

  private stop(group: Group): void {
    this.groups.delete(group);
    group.handle.close();
    this.libc.close(group.fd);
  }
}
