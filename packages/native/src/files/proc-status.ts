/**
 * `/proc/PID/status` of a process whose memory the fake kernel has pinned. Pinned pages count in `VmPin`, and those that count against
 * the limit in `VmLck`, as for pages that Linux pins. Also the paths of fault injection in `/proc/PID`.
 */

import { readFileSync } from 'node:fs';
import { PAGE_SIZE } from '@iommufd/fakekernel/task';
import type { NativeTask } from '../native-task.js';

const KIB = PAGE_SIZE / 1024;

/** Parses the path of a status. @returns the number of the process, 0 for `self`; undefined for other paths */
export function statusPath(path: string): number | undefined {
  const [, who] = /^\/proc\/(self|thread-self|\d+)\/status$/.exec(path) ?? [];
  return who === undefined ? undefined : Number(who) || 0;
}

/** A fault injection file of a thread. */
export interface FaultPath {
  readonly tid: number;
  /** The process, or one of its threads, that the path names before the thread. */
  readonly of: number;
  readonly name: 'fail-nth' | 'make-it-fail';
}

/** Parses the path of one. @param tid the thread of `thread-self` @param pid the process of `self` */
export function faultPath(path: string, tid: number, pid: number): FaultPath | undefined {
  const [, who, thread, name] =
    /^\/proc\/(self|thread-self|\d+)(?:\/task\/(\d+))?\/(fail-nth|make-it-fail)$/.exec(path) ?? [];
  if (name !== 'fail-nth' && name !== 'make-it-fail') return undefined;
  const of = who === 'thread-self' ? tid : who === 'self' ? pid : Number(who);
  return { tid: thread === undefined ? of : Number(thread), of, name };
}

/** The text of the status, with the pages that the fake kernel counts; undefined if these are 0, or the process has ended. */
export function statusText({
  pid,
  memorySpace: { pinnedPages, lockedPages },
}: NativeTask): string | undefined {
  if (pinnedPages === 0 && lockedPages.count === 0) return undefined;
  const add = (text: string, name: string, pages: number): string =>
    text.replace(
      new RegExp(`^(${name}:\\t) *(\\d+)`, 'm'),
      // `SEQ_PUT_DEC()`: an unsigned number, in eight columns or more.
      (_, head: string, kib: string) =>
        head + String(BigInt.asUintN(64, BigInt(kib) + BigInt(pages * KIB))).padStart(8),
    );
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'latin1');
    return add(add(text, 'VmPin', pinnedPages), 'VmLck', lockedPages.count);
  } catch {
    return undefined;
  }
}
