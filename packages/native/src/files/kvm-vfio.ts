/**
 * KVM's VFIO pseudo device (`virt/kvm/vfio.c`). A VMM adds the VFIO files of its guest to it. The host's KVM does not know files of
 * the fake kernel, so they are kept here. An added file stays open until it is removed or the pseudo device is closed.
 */

import { fail, type File } from '@iommufd/fakekernel/task';
import type { Libc } from '../linux/libc.js';
import { descriptorsOf, linkOfDescriptor } from '../linux/proc.js';

/** The target of a pseudo device's link in `/proc/PID/fd`. */
const LINK = 'anon_inode:kvm-vfio';

/** True if a descriptor of a process is a pseudo device. */
export const isKvmVfio = (pid: number, fd: number): boolean => linkOfDescriptor(pid, fd) === LINK;

/** A file that was added to a pseudo device. */
interface Given {
  readonly pid: number;
  /** The descriptor of the pseudo device in the process. */
  kvm: number;
  readonly file: File;
  /** A duplicate of the program's descriptor, in this process. */
  readonly held: number;
}

/** The current descriptor of a pseudo device, or of a duplicate that keeps it open; undefined if it has been closed. */
const numberNow = ({ pid, kvm }: Given): number | undefined =>
  isKvmVfio(pid, kvm) ? kvm : descriptorsOf(pid)?.find((fd) => isKvmVfio(pid, fd));

/** The pseudo devices of all programs, with their files. */
export class KvmVfioDevices {
  private readonly given = new Set<Given>();

  constructor(private readonly libc: Libc) {}

  /**
   * KVM_DEV_VFIO_FILE_ADD.
   * @param kvm the descriptor of the pseudo device
   * @param take duplicates the program's descriptor of the file; undefined if it has been closed since
   * @throws EEXIST if the file was already added to this device; EBADF
   */
  add(pid: number, kvm: number, file: File, take: () => number | undefined): void {
    this.look();
    if (this.find(pid, kvm, file) !== undefined) throw fail('EEXIST');
    const held = take();
    if (held === undefined) throw fail('EBADF');
    this.given.add({ pid, kvm, file, held });
  }

  /** KVM_DEV_VFIO_FILE_DEL. @throws ENOENT if the file was not added to this device */
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

  /** True if a pseudo device of another process holds a file. */
  isHeldBeside(pid: number): boolean {
    return [...this.given].some((each) => each.pid !== pid);
  }

  private drop(given: Given): void {
    this.given.delete(given);
    this.libc.close(given.held);
  }

  /** Releases the files of pseudo devices that have been closed, which the host's kernel does not report. */
  look(): void {
    if (this.given.size === 0) return;
    // One lookup for each pseudo device, not for each of its files.
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
