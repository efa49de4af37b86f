/**
 * Which system calls of a program stop and ask the supervisor: those that may be about a file of the fake kernel, or that take
 * memory away which the fake kernel has pinned. All others run at full speed.
 */

import { MAP_ANONYMOUS, MAP_FIXED } from '@iommufd/uapi';
import {
  F_ADD_SEALS,
  F_GETFD,
  F_SETFD,
  MADV_DONTNEED,
  MADV_DONTNEED_LOCKED,
  MADV_REMOVE,
  SECCOMP_DATA,
  SECCOMP_RET_ALLOW,
  SECCOMP_RET_USER_NOTIF,
} from '../linux/constants.js';
import type { Machine, Watched } from '../linux/system-calls.js';
import { assemble, type Statement } from './bpf.js';

/** The numbers that the fake kernel's files have in programs. Calls on other numbers are not looked at, but for ioctl. */
export interface FdWindow {
  readonly first: number;
  /** One beyond the last. */
  readonly end: number;
}

/** Beyond what most programs reach on their own, and below the usual limit of 1024. */
export const HIGH_WINDOW: FdWindow = { first: 512, end: 1 << 30 };
/** Every number that a program can get from `open()`: files have the lowest that is free, as Linux gives them. */
export const EVERY_FD: FdWindow = { first: 3, end: 1 << 30 };

export const windowFor = (exactFds: boolean): FdWindow => (exactFds ? EVERY_FD : HIGH_WINDOW);

/** When a call asks: always, or if all of these hold of its arguments. */
type Condition =
  /** The file descriptor is in the window. */
  | { readonly argument: number; readonly is: 'inWindow' }
  | { readonly argument: number; readonly is: 'oneOf' | 'noneOf'; readonly values: readonly number[] }
  | { readonly argument: number; readonly is: 'withBits'; readonly bits: number }
  | { readonly argument: number; readonly is: 'withoutBits'; readonly bits: number }
  | {
      readonly argument: number;
      readonly is: 'masked' | 'notMasked';
      readonly mask: number;
      readonly value: number;
    };

/** Cases of which one is enough; each is a list of conditions. */
type Cases = readonly (readonly Condition[])[];

const always: Cases = [[]];
const otherInWindow = (argument: number): Cases => [[{ argument, is: 'inWindow' }]];
const fdInWindow = otherInWindow(0);

/** `_IOC_TYPE()` of a request of iommufd and VFIO: `';'`. */
const IOC_TYPE_MASK = 0xff00;
const IOMMUFD_TYPE = 0x3b00;
/** `KVMIO` of `linux/kvm.h`. */
const KVM_TYPE = 0xae00;
/** `KVM_SET_DEVICE_ATTR` of `linux/kvm.h`: with KVM_DEV_VFIO_FILE_ADD it is given the fd of a VFIO device. */
export const KVM_SET_DEVICE_ATTR = 0x4018_aee1;
/** `KVM_CREATE_DEVICE`: may give the number of a pseudo device that was closed to another one. */
export const KVM_CREATE_DEVICE = 0xc00c_aee0;

/** When each call asks. */
export const watched: Readonly<Record<Watched, Cases>> = {
  ioctl: [
    [{ argument: 1, is: 'masked', mask: IOC_TYPE_MASK, value: IOMMUFD_TYPE }],
    [{ argument: 1, is: 'oneOf', values: [KVM_SET_DEVICE_ATTR, KVM_CREATE_DEVICE] }],
    // What stands for a file of the fake kernel would answer all others in its own way. KVM's, which are many, are of files of its own.
    [
      { argument: 0, is: 'inWindow' },
      { argument: 1, is: 'notMasked', mask: IOC_TYPE_MASK, value: KVM_TYPE },
    ],
  ],
  read: fdInWindow,
  write: fdInWindow,
  pread64: fdInWindow,
  pwrite64: fdInWindow,
  readv: fdInWindow,
  writev: fdInWindow,
  preadv: fdInWindow,
  pwritev: fdInWindow,
  preadv2: fdInWindow,
  pwritev2: fdInWindow,
  fstat: fdInWindow,
  lseek: fdInWindow,
  // What stands for a file could be copied from and to, and written back.
  sendfile: [...fdInWindow, ...otherInWindow(1)],
  splice: [...fdInWindow, ...otherInWindow(2)],
  tee: [...fdInWindow, ...otherInWindow(1)],
  copy_file_range: [...fdInWindow, ...otherInWindow(2)],
  vmsplice: fdInWindow,
  fsync: fdInWindow,
  fdatasync: fdInWindow,
  readahead: fdInWindow,
  // A copy of a file stays in the window.
  dup: fdInWindow,
  dup2: fdInWindow,
  dup3: fdInWindow,
  fcntl: [
    // Whether it is closed by execve() is the number's. All others are the file's, and what stands for it has its own answers.
    [
      { argument: 0, is: 'inWindow' },
      { argument: 1, is: 'noneOf', values: [F_GETFD, F_SETFD] },
    ],
    // Pages of a file that are pinned keep it from being sealed, whatever its number.
    [{ argument: 1, is: 'oneOf', values: [F_ADD_SEALS] }],
  ],
  recvmsg: always,
  // What takes pages away, or puts others in their place.
  mmap: [
    [{ argument: 3, is: 'withBits', bits: MAP_FIXED }],
    [
      { argument: 3, is: 'withoutBits', bits: MAP_ANONYMOUS },
      { argument: 4, is: 'inWindow' },
    ],
  ],
  munmap: always,
  // Shared memory that is pinned may be cut off the file of any number.
  ftruncate: always,
  fallocate: always,
  mremap: always,
  brk: always,
  madvise: [[{ argument: 2, is: 'oneOf', values: [MADV_DONTNEED, MADV_REMOVE, MADV_DONTNEED_LOCKED] }]],
  process_madvise: [
    [{ argument: 3, is: 'oneOf', values: [MADV_DONTNEED, MADV_REMOVE, MADV_DONTNEED_LOCKED] }],
  ],
  execve: always,
  execveat: always,
  exit_group: always,
  // What cannot be covered, to say so.
  io_uring_setup: always,
  recvmmsg: always,
  pidfd_getfd: always,
  seccomp: always,
  // Paths: of nodes, of sysfs.
  open: always,
  creat: always,
  openat: always,
  openat2: always,
  stat: always,
  lstat: always,
  newfstatat: always,
  statx: always,
  access: always,
  faccessat: always,
  faccessat2: always,
  readlink: always,
  readlinkat: always,
  getxattr: always,
  lgetxattr: always,
  listxattr: always,
  llistxattr: always,
  statfs: always,
};

/** `__X32_SYSCALL_BIT`: calls with it are of another ABI, which is not covered. */
const X32_SYSCALL_BIT = 0x4000_0000;

/** The filter of a machine, as statements. */
export function filterFor(machine: Machine, window: FdWindow): Statement[] {
  const statements: Statement[] = [
    { op: 'load', offset: SECCOMP_DATA.arch },
    { op: 'equal', value: machine.auditArch, goto: 'known' },
    { op: 'return', value: SECCOMP_RET_ALLOW },
    { op: 'place', name: 'known' },
    { op: 'load', offset: SECCOMP_DATA.nr },
  ];
  if (machine.auditArch === AUDIT_ARCH_X86_64)
    statements.push(
      { op: 'anyOf', value: X32_SYSCALL_BIT, goto: 'x32' },
      { op: 'jump', goto: 'calls' },
      { op: 'place', name: 'x32' },
      { op: 'return', value: SECCOMP_RET_ALLOW },
      { op: 'place', name: 'calls' },
    );
  for (const [name, cases] of Object.entries(watched)) {
    const number = machine.calls[name as Watched];
    if (number === undefined) continue;
    statements.push(
      { op: 'equal', value: number, goto: name },
      { op: 'jump', goto: `not ${name}` },
      { op: 'place', name },
      ...cases.flatMap((conditions, index) => caseOf(`${name} ${index}`, conditions, window)),
      { op: 'return', value: SECCOMP_RET_ALLOW },
      { op: 'place', name: `not ${name}` },
    );
  }
  return [...statements, { op: 'return', value: SECCOMP_RET_ALLOW }];
}

const AUDIT_ARCH_X86_64 = 0xc000_003e;

/** Asks if all conditions hold, and goes on otherwise. */
function caseOf(name: string, conditions: readonly Condition[], window: FdWindow): Statement[] {
  const otherwise = `${name} not`;
  return [
    ...conditions.flatMap((condition, index) =>
      check(condition, window, otherwise, `${name} condition ${index}`),
    ),
    { op: 'return', value: SECCOMP_RET_USER_NOTIF },
    { op: 'place', name: otherwise },
  ];
}

/** Goes on if a condition holds, and to `otherwise` if not. */
function check(condition: Condition, window: FdWindow, otherwise: string, name: string): Statement[] {
  // Only the lower half of an argument: file descriptors, flags and request numbers are of 32 bits.
  const load: Statement = { op: 'load', offset: SECCOMP_DATA.args + 8 * condition.argument };
  const holds = `${name} holds`;
  const unless: Statement[] = [
    { op: 'jump', goto: otherwise },
    { op: 'place', name: holds },
  ];
  switch (condition.is) {
    case 'inWindow':
      return [
        load,
        { op: 'atLeast', value: window.end, goto: otherwise },
        { op: 'atLeast', value: window.first, goto: holds },
        ...unless,
      ];
    case 'oneOf':
      return [
        load,
        ...condition.values.map((value): Statement => ({ op: 'equal', value, goto: holds })),
        ...unless,
      ];
    case 'noneOf':
      return [load, ...condition.values.map((value): Statement => ({ op: 'equal', value, goto: otherwise }))];
    case 'withBits':
      return [load, { op: 'anyOf', value: condition.bits, goto: holds }, ...unless];
    case 'withoutBits':
      return [load, { op: 'anyOf', value: condition.bits, goto: otherwise }];
    case 'masked':
      return [
        load,
        { op: 'and', mask: condition.mask },
        { op: 'equal', value: condition.value, goto: holds },
        ...unless,
      ];
    case 'notMasked':
      return [
        load,
        { op: 'and', mask: condition.mask },
        { op: 'equal', value: condition.value, goto: otherwise },
      ];
  }
}

/** The same as bytes for `seccomp()`. */
export function filterBytes(machine: Machine, window: FdWindow): Uint8Array {
  return assemble(filterFor(machine, window));
}
