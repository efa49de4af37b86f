/**
 * The seccomp filter of a program. It selects the system calls that stop and notify the supervisor (SECCOMP_RET_USER_NOTIF): those
 * that may use a file of the fake kernel, and those that may free or replace memory that the fake kernel has pinned. All others run
 * at full speed.
 */

import { MAP_ANONYMOUS, MAP_FIXED } from '@iommufd/uapi';
import {
  F_ADD_SEALS,
  F_GETFD,
  F_SETFD,
  MADV_DONTNEED,
  MADV_DONTNEED_LOCKED,
  MADV_FREE,
  MADV_GUARD_INSTALL,
  MADV_REMOVE,
  SECCOMP_DATA,
  SECCOMP_RET_ALLOW,
  SECCOMP_RET_USER_NOTIF,
} from '../linux/constants.js';
import type { Machine, Watched } from '../linux/system-calls.js';
import { assemble, type Statement } from './bpf.js';

/**
 * The range of file descriptors that the fake kernel's files have in programs. Most calls on other descriptors do not notify:
 * {@link watched} lists the exceptions.
 */
export interface FdWindow {
  readonly first: number;
  /** One beyond the last. */
  readonly end: number;
}

/** Above the descriptors that most programs use, and below the usual limit of 1024. */
export const HIGH_WINDOW: FdWindow = { first: 512, end: 1 << 30 };
/** All descriptors but the standard ones: a file gets the lowest free number, as on Linux. */
export const EVERY_FD: FdWindow = { first: 3, end: 1 << 30 };

export const windowFor = (exactFds: boolean): FdWindow => (exactFds ? EVERY_FD : HIGH_WINDOW);

/** Advice of `madvise()` that frees pages. */
const FREEING = [MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_DONTNEED_LOCKED, MADV_GUARD_INSTALL];

/** A condition on an argument of a call. */
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

/** When a call notifies: if all conditions of one case hold. */
type Cases = readonly (readonly Condition[])[];

const always: Cases = [[]];
const otherInWindow = (argument: number): Cases => [[{ argument, is: 'inWindow' }]];
const fdInWindow = otherInWindow(0);

/** The bits of `_IOC_TYPE()`, and its value in requests of iommufd and VFIO: `';'`. */
const IOC_TYPE_MASK = 0xff00;
const IOMMUFD_TYPE = 0x3b00;
/** `KVMIO` of `linux/kvm.h`. */
const KVM_TYPE = 0xae00;
/** `KVM_SET_DEVICE_ATTR` of `linux/kvm.h`: with KVM_DEV_VFIO_FILE_ADD, its argument is the fd of a VFIO device. */
export const KVM_SET_DEVICE_ATTR = 0x4018_aee1;
/** `KVM_CREATE_DEVICE`: the new pseudo device may get the descriptor of one that was closed. */
export const KVM_CREATE_DEVICE = 0xc00c_aee0;

/** When each call notifies. */
export const watched: Readonly<Record<Watched, Cases>> = {
  ioctl: [
    [{ argument: 1, is: 'masked', mask: IOC_TYPE_MASK, value: IOMMUFD_TYPE }],
    [{ argument: 1, is: 'oneOf', values: [KVM_SET_DEVICE_ATTR, KVM_CREATE_DEVICE] }],
    // All other requests on a stand-in, which would answer in its own way. KVM's are left out: they are many, and only KVM's own
    // files take them.
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
  // Linux would copy the contents of a stand-in, or write them back.
  sendfile: [...fdInWindow, ...otherInWindow(1)],
  splice: [...fdInWindow, ...otherInWindow(2)],
  tee: [...fdInWindow, ...otherInWindow(1)],
  copy_file_range: [...fdInWindow, ...otherInWindow(2)],
  vmsplice: fdInWindow,
  fsync: fdInWindow,
  fdatasync: fdInWindow,
  readahead: fdInWindow,
  // The copy of a descriptor must stay in the window.
  dup: fdInWindow,
  dup2: fdInWindow,
  dup3: fdInWindow,
  fcntl: [
    // Close-on-exec belongs to the descriptor. All other commands concern the file, and a stand-in would answer in its own way.
    [
      { argument: 0, is: 'inWindow' },
      { argument: 1, is: 'noneOf', values: [F_GETFD, F_SETFD] },
    ],
    // Pinned pages prevent seals on a memory file, which may have any descriptor.
    [{ argument: 1, is: 'oneOf', values: [F_ADD_SEALS] }],
  ],
  recvmsg: always,
  // Calls that free pages or replace them.
  mmap: [
    [{ argument: 3, is: 'withBits', bits: MAP_FIXED }],
    [
      { argument: 3, is: 'withoutBits', bits: MAP_ANONYMOUS },
      { argument: 4, is: 'inWindow' },
    ],
  ],
  munmap: always,
  // These may free pinned shared memory through a file with any descriptor.
  ftruncate: always,
  fallocate: always,
  mremap: always,
  // `brk()` is not stopped: it has no errors, so a signal that interrupts it would corrupt the heap of the program.
  shmdt: always,
  madvise: [[{ argument: 2, is: 'oneOf', values: FREEING }]],
  process_madvise: [[{ argument: 3, is: 'oneOf', values: FREEING }]],
  execve: always,
  execveat: always,
  exit_group: always,
  // Calls that the supervisor does not support and reports as such.
  io_uring_setup: always,
  recvmmsg: always,
  pidfd_getfd: always,
  seccomp: always,
  // Paths, which may name a node or a file of sysfs.
  open: always,
  creat: always,
  openat: always,
  openat2: always,
  truncate: always,
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

/** `__X32_SYSCALL_BIT`: calls with it use the x32 ABI, which is not supported. */
const X32_SYSCALL_BIT = 0x4000_0000;

/** Builds the filter for a machine. */
export function filterFor(machine: Machine, window: FdWindow): Statement[] {
  const statements: Statement[] = [
    { op: 'load', offset: SECCOMP_DATA.arch },
    { op: 'equal', value: machine.auditArch, goto: 'known' },
    { op: 'return', value: SECCOMP_RET_ALLOW },
    { op: 'label', name: 'known' },
    { op: 'load', offset: SECCOMP_DATA.nr },
  ];
  if (machine.auditArch === AUDIT_ARCH_X86_64)
    statements.push(
      { op: 'anyOf', value: X32_SYSCALL_BIT, goto: 'x32' },
      { op: 'jump', goto: 'calls' },
      { op: 'label', name: 'x32' },
      { op: 'return', value: SECCOMP_RET_ALLOW },
      { op: 'label', name: 'calls' },
    );
  for (const [name, cases] of Object.entries(watched)) {
    const number = machine.calls[name as Watched];
    if (number === undefined) continue;
    statements.push(
      { op: 'equal', value: number, goto: name },
      { op: 'jump', goto: `not ${name}` },
      { op: 'label', name },
      ...cases.flatMap((conditions, index) => caseOf(`${name} ${index}`, conditions, window)),
      { op: 'return', value: SECCOMP_RET_ALLOW },
      { op: 'label', name: `not ${name}` },
    );
  }
  return [...statements, { op: 'return', value: SECCOMP_RET_ALLOW }];
}

const AUDIT_ARCH_X86_64 = 0xc000_003e;

/** Notifies if all conditions hold. Otherwise the next statement runs. */
function caseOf(name: string, conditions: readonly Condition[], window: FdWindow): Statement[] {
  const otherwise = `${name} not`;
  return [
    ...conditions.flatMap((condition, index) =>
      check(condition, window, otherwise, `${name} condition ${index}`),
    ),
    { op: 'return', value: SECCOMP_RET_USER_NOTIF },
    { op: 'label', name: otherwise },
  ];
}

/** Falls through if a condition holds, and jumps to `otherwise` if it does not. */
function check(condition: Condition, window: FdWindow, otherwise: string, name: string): Statement[] {
  // Only the lower half of an argument: file descriptors, flags and request numbers have 32 bits.
  const load: Statement = { op: 'load', offset: SECCOMP_DATA.args + 8 * condition.argument };
  const holds = `${name} holds`;
  const unless: Statement[] = [
    { op: 'jump', goto: otherwise },
    { op: 'label', name: holds },
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

/** Builds the filter for a machine, encoded for `seccomp()`. */
export function filterBytes(machine: Machine, window: FdWindow): Uint8Array {
  return assemble(filterFor(machine, window));
}
