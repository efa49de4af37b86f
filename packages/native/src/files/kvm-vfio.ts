/**
 * KVM's pseudo device of VFIO, of the host: a monitor tells it which devices its guest has (`virt/kvm/vfio.c`). The host's KVM does
 * not know files of the fake kernel, so that they are kept here. What it was given stays open until it is taken back, or the
 * pseudo device is closed.
 */

import { fail, type File } from '@iommufd/fakekernel/task';
import type { Libc } from '../linux/libc.js';
import { descriptorsOf, linkOfDescriptor } from '../linux/proc.js';

/** Where the link of such a device in `/proc/PID/fd` leads. */
const LINK = 'anon_inode:kvm-vfio';

/** Is a number of a process such a device? */
export const isKvmVfio = (pid: number, fd: number): boolean => linkOfDescriptor(pid, fd) === LINK;

/** A file that was given to a pseudo device. */
interface Given {
  readonly pid: number;
  /** The number of the pseudo device in the process. */
  kvm: number;
  readonly file: File;
  /** The program's opening of it, in this process. */
  readonly held: number;
}

/** The number of a pseudo device, or that of a copy, which keeps it open; undefined if it has been closed. */
const numberNow = ({ pid, kvm }: Given): number | undefined =>
  isKvmVfio(pid, kvm) ? kvm : descriptorsOf(pid)?.find((fd) => isKvmVfio(pid, fd));

/** The pseudo devices of all programs, with what they were given. */
export class KvmVfioDevices {
  private readonly given = new Set<Given>();

  constructor(private readonly libc: Libc) {}

  /**
   * KVM_DEV_VFIO_FILE_ADD.
   * @param kvm the number of the pseudo device
   * @param take takes the program's opening of the file; undefined if it has been closed since
   * @throws EEXIST if it was given to this device before; EBADF
   */
  add(pid: number, kvm: number, file: File, take: () => number | undefined): void {
    this.look();
    if (this.find(pid, kvm, file) !== undefined) throw fail('EEXIST');
    const held = take();
    if (held === undefined) throw fail('EBADF');
    this.given.add({ pid, kvm, file, held });
  }

  /** KVM_DEV_VFIO_FILE_DEL. @throws ENOENT if it was not given to this device */
  remove(pid: number, kvm: number, file: File): void {
    this.look();
    const given = this.find(pid, kvm, file);
    if (given === undefined) throw fail('ENOENT');
    this.drop(given);
  }

  private find(pid: number, kvm: number, file: File): Given | undefined {
    return [...this.given].find(
      (each) =>
        each.pid === pid &&
        each.file === file &&
        (each.kvm === kvm || this.libc.sameFile(pid, each.kvm, pid, kvm) === 0),
    );
  }

  /** Keeps a pseudo device of another process a file? */
  isHeldBeside(pid: number): boolean {
    return [...this.given].some((each) => each.pid !== pid);
  }

  private drop(given: Given): void {
    this.given.delete(given);
    this.libc.close(given.held);
  }

  /** Lets go of what was given to pseudo devices that have been closed. The host's kernel closes them without a word. */
  look(): void {
    if (this.given.size === 0) return;
    // One look for each pseudo device, however many files it was given.
    const numbers = new Map<string, number | undefined>();
    for (const each of [...this.given]) {
      const key = `${each.pid} ${each.kvm}`;
      if (!numbers.has(key)) numbers.set(key, numberNow(each));
      const now = numbers.get(key);
      if (now === undefined) this.drop(each);
      else each.kvm = now;
    }
  }
}
