/**
 * All files of the fake kernel that programs have open. The host's kernel counts who has them; here it is noticed when the last
 * reference has gone, which closes the file of the fake kernel.
 */

import type { File } from '@iommufd/fakekernel/task';
import {
  IN_CLOSE,
  IN_OPEN,
  IN_Q_OVERFLOW,
  INOTIFY_EVENT,
  O_CLOEXEC,
  O_NONBLOCK,
} from '../linux/constants.js';
import { type Libc, must } from '../linux/libc.js';
import { watch, type Watch } from '../linux/watch.js';
import { factsOf, keyOf } from '../memory/shared-pages.js';
import { type StandIn, standInFor } from './stand-in.js';

interface Entry {
  readonly standIn: StandIn;
  readonly key: string;
  /** Of its watch. */
  readonly watch: number;
  /** Openings by programs: descriptions of the host's, whatever number of descriptors and mappings each has. */
  openings: number;
}

/** Room for events of inotify. */
const ROOM = 16384;

/** @see {@link StandIn} */
export class StandIns {
  private readonly byKey = new Map<string, Entry>();
  private readonly byFile = new Map<File, Entry>();
  private readonly byWatch = new Map<number, Entry>();
  private readonly buffer = Buffer.alloc(ROOM);
  private notify: { readonly fd: number; readonly handle: Watch } | undefined;

  /** @param released runs after files were closed */
  constructor(
    private readonly libc: Libc,
    private readonly released: () => void,
  ) {}

  /** How often the last opening of a file was closed. */
  closings = 0;

  /** How many files programs have open. */
  get size(): number {
    return this.byKey.size;
  }

  /** The file of the fake kernel that a file of a program is. */
  find(found: { readonly device: string; readonly inode: number }): File | undefined {
    return this.byKey.get(keyOf(found))?.standIn.file;
  }

  /** Does a program have this file, or is it on its way to one? */
  isOpen(file: File): boolean {
    return this.byFile.has(file);
  }

  /**
   * Opens a file for a program.
   * @param file whose reference becomes the programs'; it is put when the last program has closed it
   * @returns a descriptor of this process, for the caller to give away and close
   */
  open(file: File): number {
    const entry = this.byFile.get(file) ?? this.add(file);
    return entry.standIn.open();
  }

  private add(file: File): Entry {
    const standIn = standInFor(this.libc, file);
    const found = factsOf(this.libc, standIn.fd, '');
    if (found === undefined) throw new Error('a stand-in that was just made has no inode');
    const path = `/proc/self/fd/${standIn.fd}`;
    const number = must(
      'inotify_add_watch()',
      this.libc.inotifyAddWatch(this.watcher(), path, IN_OPEN | IN_CLOSE),
    );
    const entry: Entry = { standIn, key: keyOf(found), watch: number, openings: 0 };
    this.byKey.set(entry.key, entry);
    this.byFile.set(file, entry);
    this.byWatch.set(number, entry);
    return entry;
  }

  private watcher(): number {
    if (this.notify === undefined) {
      const fd = must('inotify_init1()', this.libc.inotifyInit1(O_NONBLOCK | O_CLOEXEC));
      const handle = watch(fd, { readable: true }, () => this.look());
      // Programs that run keep this one running; a file that is left open does not.
      handle.unref();
      this.notify = { fd, handle };
    }
    return this.notify.fd;
  }

  /** Closes what no program has any more, as of now. */
  look(): void {
    if (this.notify === undefined) return;
    let some = false;
    for (;;) {
      const length = this.libc.read(this.notify.fd, this.buffer, ROOM);
      if (length <= 0) break;
      for (
        let at = 0;
        at < length;
        at += INOTIFY_EVENT.size + this.buffer.readUInt32LE(at + INOTIFY_EVENT.len)
      ) {
        const mask = this.buffer.readUInt32LE(at + INOTIFY_EVENT.mask);
        if ((mask & IN_Q_OVERFLOW) !== 0) throw new Error('too many files were opened and closed at once');
        const entry = this.byWatch.get(this.buffer.readInt32LE(at + INOTIFY_EVENT.wd));
        if (entry === undefined) continue;
        if ((mask & IN_OPEN) !== 0) entry.openings++;
        if ((mask & IN_CLOSE) === 0 || --entry.openings > 0) continue;
        this.closings++;
        this.remove(entry);
        entry.standIn.file.put();
        some = true;
      }
    }
    if (!some) return;
    this.released();
    if (this.byKey.size === 0) this.stop();
  }

  private remove({ standIn, key, watch }: Entry): void {
    this.byKey.delete(key);
    this.byFile.delete(standIn.file);
    this.byWatch.delete(watch);
    if (this.notify !== undefined) this.libc.inotifyRmWatch(this.notify.fd, watch);
    standIn.close();
  }

  /** Makes what `poll()` says of all of them true. */
  refresh(): void {
    for (const { standIn } of this.byKey.values()) standIn.refresh();
  }

  private stop(): void {
    this.notify?.handle.close();
    if (this.notify !== undefined) this.libc.close(this.notify.fd);
    this.notify = undefined;
  }
}
