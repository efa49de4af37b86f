/**
 * The supervisor's end of a filter. It receives the system calls that wait for an answer, one after another, in the event loop.
 * The rest of the loop (promises, timers, the test that plays the hardware) runs between them.
 */

import { POLLIN } from '@iommufd/uapi';
import {
  SECCOMP_ADDFD_FLAG_SETFD,
  SECCOMP_IOCTL_NOTIF_ADDFD,
  SECCOMP_IOCTL_NOTIF_ID_VALID,
  SECCOMP_IOCTL_NOTIF_RECV,
  SECCOMP_IOCTL_NOTIF_SEND,
  SECCOMP_IOCTL_NOTIF_SET_FLAGS,
  SECCOMP_NOTIF,
  SECCOMP_NOTIF_ADDFD,
  SECCOMP_NOTIF_RESP,
  SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP,
  SECCOMP_USER_NOTIF_FLAG_CONTINUE,
} from './linux/constants.js';
import { errno, type Libc } from './linux/libc.js';
import { watch, type Watch } from './linux/watch.js';

/** A system call that waits for its answer. */
export interface Notification {
  readonly id: bigint;
  /** The calling thread. */
  readonly tid: number;
  /** The number of the call. */
  readonly call: number;
  /** Its six arguments, 64 bits each. */
  readonly args: readonly bigint[];
}

/**
 * The result of a call. `continue`: the kernel executes it. A number: it returns this value or negative errno. `later`: the caller
 * waits until {@link Listener.respond} is called.
 */
export type Answer = 'continue' | 'later' | number | bigint;

/** A file that a program gets. */
export interface AddedFile {
  /** Its descriptor in this process. */
  readonly fd: number;
  /** Its descriptor in the program. Default: the lowest free one. */
  readonly at?: number | undefined;
  readonly closeOnExec: boolean;
}

/** Answers the calls of one filter. It closes its file when the last process under the filter has ended. */
export class Listener {
  private readonly notification = Buffer.alloc(SECCOMP_NOTIF.size);
  private readonly response = Buffer.alloc(SECCOMP_NOTIF_RESP.size);
  private readonly added = Buffer.alloc(SECCOMP_NOTIF_ADDFD.size);
  private readonly valid = Buffer.alloc(8);
  private readonly polled = Buffer.alloc(8);
  private readonly handle: Watch;
  private open = true;

  /**
   * @param answer returns the answer to a call; an error that it throws ends the listener
   * @param ended called once at the end, with the error if `answer` threw one
   */
  constructor(
    private readonly libc: Libc,
    private readonly fd: number,
    private readonly answer: (notification: Notification) => Answer,
    private readonly ended: (cause?: unknown) => void,
  ) {
    // Caller and supervisor run in turns, which is fastest on one processor. Kernels before 6.6 fail with EINVAL and are slower.
    libc.ioctlValue(fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
    this.polled.writeInt32LE(fd, 0);
    this.polled.writeInt16LE(POLLIN, 4);
    this.handle = watch(fd, { readable: true, disconnect: true }, (disconnect) => this.drain(!disconnect));
  }

  /** Answers all waiting calls, up to a limit that lets the event loop run. */
  private drain(isReadable: boolean): void {
    for (let i = 0; i < MAX_PER_TURN && this.open; i++) {
      // Receiving would block if no call waits.
      if (!(isReadable && i === 0) && !this.hasCall()) return;
      try {
        this.next();
      } catch (cause) {
        this.close(cause);
      }
    }
  }

  /**
   * Answers calls until a file of this process is readable, or the last process under the filter has ended.
   * @returns false in the second case
   */
  answerUntil(fd: number): boolean {
    const both = Buffer.alloc(16);
    both.writeInt32LE(this.fd, 0);
    both.writeInt16LE(POLLIN, 4);
    both.writeInt32LE(fd, 8);
    both.writeInt16LE(POLLIN, 12);
    while (this.open) {
      both.writeInt16LE(0, 6);
      both.writeInt16LE(0, 14);
      if (this.libc.poll(both, 2, -1) <= 0) continue;
      if ((both.readInt16LE(14) & POLLIN) !== 0) return true;
      this.drain((both.readInt16LE(6) & POLLIN) !== 0);
    }
    return false;
  }

  /** True if a call waits. Closes the listener if the last process under the filter has ended. */
  private hasCall(): boolean {
    this.polled.writeInt16LE(0, 6);
    if (this.libc.poll(this.polled, 1, 0) <= 0) return false;
    const isReadable = (this.polled.readInt16LE(6) & POLLIN) !== 0;
    if (!isReadable) this.close();
    return isReadable;
  }

  private next(): void {
    const { notification } = this;
    notification.fill(0);
    // It fails if the caller has been killed meanwhile.
    if (this.libc.ioctl(this.fd, SECCOMP_IOCTL_NOTIF_RECV, notification) < 0) return;
    const id = notification.readBigUInt64LE(SECCOMP_NOTIF.id);
    const args: bigint[] = [];
    for (let i = 0; i < 6; i++) args.push(notification.readBigUInt64LE(SECCOMP_NOTIF.args + 8 * i));
    const answer = this.answer({
      id,
      tid: notification.readUInt32LE(SECCOMP_NOTIF.pid),
      call: notification.readInt32LE(SECCOMP_NOTIF.nr),
      args,
    });
    this.respond(id, answer);
  }

  /** Answers a call. ENOENT is ignored: the caller has been killed meanwhile. */
  respond(id: bigint, answer: Answer): void {
    if (answer === 'later' || !this.open) return;
    const { response } = this;
    const value = answer === 'continue' ? 0n : BigInt(answer);
    const failed = value < 0n && value >= -4095n;
    response.writeBigUInt64LE(id, SECCOMP_NOTIF_RESP.id);
    response.writeBigInt64LE(failed ? 0n : BigInt.asIntN(64, value), SECCOMP_NOTIF_RESP.val);
    response.writeInt32LE(failed ? Number(value) : 0, SECCOMP_NOTIF_RESP.error);
    response.writeUInt32LE(
      answer === 'continue' ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0,
      SECCOMP_NOTIF_RESP.flags,
    );
    this.request(SECCOMP_IOCTL_NOTIF_SEND, response);
  }

  /** True if the caller still waits. Otherwise its thread ID may belong to another thread by now. */
  isWaiting(id: bigint): boolean {
    this.valid.writeBigUInt64LE(id, 0);
    return this.request(SECCOMP_IOCTL_NOTIF_ID_VALID, this.valid) === 0;
  }

  /**
   * Adds a file to the caller's process. The call is answered separately, because a signal that interrupts
   * SECCOMP_ADDFD_FLAG_SEND before the caller has its file answers the call with 0.
   * @returns the file's descriptor there, or a negative errno
   */
  addFile(id: bigint, { fd, at, closeOnExec }: AddedFile): number {
    const { added } = this;
    added.writeBigUInt64LE(id, SECCOMP_NOTIF_ADDFD.id);
    added.writeUInt32LE(at === undefined ? 0 : SECCOMP_ADDFD_FLAG_SETFD, SECCOMP_NOTIF_ADDFD.flags);
    added.writeUInt32LE(fd, SECCOMP_NOTIF_ADDFD.srcfd);
    added.writeUInt32LE(at ?? 0, SECCOMP_NOTIF_ADDFD.newfd);
    added.writeUInt32LE(closeOnExec ? 0o2000000 : 0, SECCOMP_NOTIF_ADDFD.newfdFlags);
    const number = this.request(SECCOMP_IOCTL_NOTIF_ADDFD, added);
    return number < 0 ? -errno() : number;
  }

  /**
   * Makes a request, again after EINTR. Requests wait for the filter's lock, and a signal of this process interrupts the wait, even
   * one with SA_RESTART.
   */
  private request(request: number, argument: Buffer): number {
    for (;;) {
      const result = this.libc.ioctl(this.fd, request, argument);
      if (result >= 0 || errno() !== EINTR) return result;
    }
  }

  /** Stops answering. Calls that wait now or are made later fail with ENOSYS. */
  close(cause?: unknown): void {
    if (!this.open) return;
    this.open = false;
    this.handle.close();
    this.libc.close(this.fd);
    this.ended(cause);
  }
}

const EINTR = 4;
/** The most calls that one turn of the event loop answers. */
const MAX_PER_TURN = 64;
