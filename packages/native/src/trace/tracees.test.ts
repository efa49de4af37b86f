/** New processes whose creator is killed before its fork event is reported. The tests define the order of stops and ends. */

import { describe, expect, test } from '@jest/globals';
import {
  PTRACE_EVENT,
  PTRACE_SYSCALL,
  type Ptrace,
  SYSCALL_INFO,
  SYSCALL_INFO_ENTRY,
} from '../linux/ptrace.js';
import { Tracees, type TraceeObserver } from './tracees.js';

const ARCH = 0xc000_003e;
const FORK = 57;
/** A call by int 0x80. */
const ARCH_32 = 0x4000_0003;
const FORK_32 = 2;
const GETPID = 39;
/** A number above the maximum of processes, so that no such process exists. */
const [FIRST, SECOND] = [5_000_001, 5_000_002];
/** An existing process, so that `/proc` contains its threads. */
const CHILD = process.pid;

/** The next result of `waitpid()`. */
interface Happening {
  readonly tid: number;
  readonly status: number;
  /** The call that it stops at. */
  readonly call?: number;
  /** Its architecture. */
  readonly arch?: number;
  /** The message of the event: the number of the new process. */
  readonly made?: number;
}

const enters = (tid: number, call: number, arch = ARCH): Happening => ({
  tid,
  status: (0x85 << 8) | 0x7f,
  call,
  arch,
});
const appears = (tid: number): Happening => ({ tid, status: (PTRACE_EVENT.stop << 16) | (5 << 8) | 0x7f });
const forks = (tid: number, made: number): Happening => ({
  tid,
  status: (PTRACE_EVENT.fork << 16) | (5 << 8) | 0x7f,
  made,
});
const isKilled = (tid: number): Happening => ({ tid, status: 9 });

function play(...happenings: readonly Happening[]): string[] {
  const seen: string[] = [];
  let now: Happening | undefined;
  const never = (): never => {
    throw new Error('not called here');
  };
  const calls: Ptrace = {
    request: (request, tid) => {
      if (request === PTRACE_SYSCALL && tid === CHILD) seen.push('the child goes on');
      return 0;
    },
    fill: (_request, _tid, _address, into) => {
      const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
      if (now?.made !== undefined) view.setBigUint64(0, BigInt(now.made), true);
      else {
        view.setUint8(SYSCALL_INFO.op, SYSCALL_INFO_ENTRY);
        view.setUint32(SYSCALL_INFO.arch, now?.arch ?? ARCH, true);
        view.setBigUint64(SYSCALL_INFO.nr, BigInt(now?.call ?? 0), true);
      }
      return 0;
    },
    waitpid: (_pid, status) => {
      now = happenings[next++];
      if (now === undefined) return never();
      new DataView(status.buffer, status.byteOffset).setUint32(0, now.status, true);
      return now.tid;
    },
    spawn: never,
    initActions: never,
    addDup2: never,
    destroyActions: never,
    socketpair: never,
  };
  let next = 0;
  const observer: TraceeObserver<never> = {
    entered: () => undefined,
    left: never,
    forked: ({ pid }, made) => seen.push(`${made === CHILD ? 'the child' : made} is made by ${pid}`),
    orphaned: (pid) => seen.push(`${pid === CHILD ? 'the child' : pid} is an orphan`),
    executed: never,
    lost: never,
    ended: (pid) => seen.push(`${pid} has ended`),
  };
  const tracees = new Tracees({ auditArch: ARCH, forks: [FORK] }, observer, calls);
  tracees.attachLauncher(FIRST);
  tracees.attachLauncher(SECOND);
  while (next < happenings.length) tracees.step();
  return seen;
}

const GOES_ON = 'the child goes on';

describe('a new process', () => {
  test('continues after the event of its creator, in either order of their stops', () => {
    const told = [`the child is made by ${FIRST}`, GOES_ON];
    expect(play(enters(FIRST, FORK), appears(CHILD), forks(FIRST, CHILD))).toEqual(told);
    expect(play(enters(FIRST, FORK), forks(FIRST, CHILD), appears(CHILD))).toEqual(told);
  });

  test('stays stopped while the event of its creator may come', () => {
    expect(play(enters(FIRST, FORK), appears(CHILD), enters(SECOND, GETPID))).toEqual([]);
  });

  test('stays stopped while a call of another architecture may have created it', () => {
    const made = [enters(FIRST, FORK_32, ARCH_32), enters(SECOND, FORK), appears(CHILD), isKilled(SECOND)];
    expect(play(...made)).toEqual([`${SECOND} has ended`]);
    expect(play(...made, forks(FIRST, CHILD))).toEqual([
      `${SECOND} has ended`,
      `the child is made by ${FIRST}`,
      GOES_ON,
    ]);
  });

  test('continues when its creator is killed', () => {
    const killed = [enters(FIRST, FORK), enters(SECOND, GETPID), appears(CHILD), isKilled(FIRST)];
    expect(play(...killed)).toEqual([`the child is made by ${FIRST}`, GOES_ON, `${FIRST} has ended`]);
  });

  test('continues when its creator was killed before its first stop', () => {
    const killed = [enters(FIRST, FORK), enters(SECOND, GETPID), isKilled(FIRST), appears(CHILD)];
    expect(play(...killed)).toEqual([`${FIRST} has ended`, 'the child is an orphan', GOES_ON]);
  });

  test('waits for another thread that may have created it', () => {
    const both = [enters(FIRST, FORK), enters(SECOND, FORK), appears(CHILD), isKilled(FIRST)];
    expect(play(...both)).toEqual([`${FIRST} has ended`]);
    expect(play(...both, forks(SECOND, 5_000_003))).toEqual([
      `${FIRST} has ended`,
      `5000003 is made by ${SECOND}`,
      'the child is an orphan',
      GOES_ON,
    ]);
  });
});
