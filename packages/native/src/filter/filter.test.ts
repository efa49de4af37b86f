import { describe, expect, test } from '@jest/globals';
import { SECCOMP_RET_ALLOW, SECCOMP_RET_USER_NOTIF } from '../linux/constants.js';
import { type Machine, machines, type Watched } from '../linux/system-calls.js';
import { assemble } from './bpf.js';
import { EVERY_FD, type FdWindow, filterBytes, HIGH_WINDOW } from './filter.js';
import { interpret } from './interpret.testing.js';

const known = Object.entries(machines);

/** Returns true if a call notifies the supervisor. */
function notifies(
  machine: Machine,
  call: Watched | number,
  args: readonly (number | bigint)[] = [],
  window: FdWindow = HIGH_WINDOW,
  arch = machine.auditArch,
): boolean {
  const number = typeof call === 'number' ? call : machine.calls[call];
  if (number === undefined) throw new Error(`${call} is not a call of this machine`);
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, number, true);
  data.setUint32(4, arch, true);
  for (const [index, arg] of args.entries())
    data.setBigUint64(16 + 8 * index, BigInt.asUintN(64, BigInt(arg)), true);
  const answer = interpret(filterBytes(machine, window), new Uint8Array(data.buffer));
  expect([SECCOMP_RET_ALLOW, SECCOMP_RET_USER_NOTIF]).toContain(answer);
  return answer === SECCOMP_RET_USER_NOTIF;
}

describe.each(known)('the filter of %s', (_name, machine) => {
  test('notifies of requests of iommufd and VFIO on any descriptor', () => {
    expect(notifies(machine, 'ioctl', [3, 0x3b80])).toBe(true);
    expect(notifies(machine, 'ioctl', [-1, 0x3b64])).toBe(true);
    expect(notifies(machine, 'ioctl', [3, 0x4018_aee1])).toBe(true);
    expect(notifies(machine, 'ioctl', [3, 0xc00c_aee0])).toBe(true);
    expect(notifies(machine, 'ioctl', [3, 0x5401])).toBe(false);
    const others = [0x541b, 0x5401, 0x4008_6200].map((request) =>
      [511, 512].map((fd) => notifies(machine, 'ioctl', [fd, request])),
    );
    expect(others).toEqual(Array(3).fill([false, true]));
    expect(notifies(machine, 'ioctl', [512, 0xae80])).toBe(false);
    expect(notifies(machine, 'ioctl', [3, 0x3c80])).toBe(false);
  });

  test.each([
    'read',
    'write',
    'pread64',
    'pwrite64',
    'readv',
    'writev',
    'preadv',
    'pwritev',
    'fstat',
    'lseek',
    'dup',
  ] as const)('notifies of %s in the window only', (call) => {
    for (const [fd, expected] of [
      [0, false],
      [511, false],
      [512, true],
      [1024, true],
      [1 << 30, false],
      [-1, false],
    ] as const)
      expect([fd, notifies(machine, call, [fd])]).toEqual([fd, expected]);
    expect(notifies(machine, call, [3], EVERY_FD)).toBe(true);
    expect(notifies(machine, call, [2], EVERY_FD)).toBe(false);
  });

  test('compares only the lower half of a file descriptor, as the kernel does', () => {
    expect(notifies(machine, 'read', [0xffff_ffff_0000_0200n])).toBe(true);
  });

  test('notifies of mappings that replace others or map a file in the window', () => {
    expect(notifies(machine, 'mmap', [0, 4096, 3, 0x22, -1])).toBe(false);
    expect(notifies(machine, 'mmap', [0, 4096, 3, 0x32, -1])).toBe(true);
    expect(notifies(machine, 'mmap', [0, 4096, 3, 0x01, 600])).toBe(true);
    expect(notifies(machine, 'mmap', [0, 4096, 3, 0x22, 600])).toBe(false);
    expect(notifies(machine, 'mmap', [0, 4096, 3, 0x02, 5])).toBe(false);
  });

  test('notifies of advice that frees pages', () => {
    expect([4, 8, 9, 24, 102].every((advice) => notifies(machine, 'madvise', [0, 4096, advice]))).toBe(true);
    expect([0, 3, 14, 15, 103].some((advice) => notifies(machine, 'madvise', [0, 4096, advice]))).toBe(false);
  });

  test('notifies of all commands of fcntl() but close-on-exec in the window, and of F_ADD_SEALS outside', () => {
    const unwatched = [1, 2];
    for (let command = 0; command < 1100; command++)
      expect([command, notifies(machine, 'fcntl', [600, command])]).toEqual([
        command,
        !unwatched.includes(command),
      ]);
    expect([0, 3, 4, 1030, 1034].some((command) => notifies(machine, 'fcntl', [5, command]))).toBe(false);
    expect(notifies(machine, 'fcntl', [5, 1033])).toBe(true);
  });

  test.each([
    'openat',
    'newfstatat',
    'statx',
    'faccessat',
    'readlinkat',
    'munmap',
    'shmdt',
    'truncate',
    'ftruncate',
    'fallocate',
    'mremap',
    'execve',
    'exit_group',
  ] as const)('always notifies of %s', (call) => {
    expect(notifies(machine, call, [0, 0, 0])).toBe(true);
  });

  // A signal can interrupt a call that is stopped. brk() has no errors, so an allocator would take EINTR for the end of the heap.
  test('does not notify of brk()', () => {
    expect(notifies(machine, machine.brk, [0x1000])).toBe(false);
  });

  test('allows every other call, and calls of another machine', () => {
    const numbers = new Set(Object.values(machine.calls));
    for (let number = 0; number < 500; number++)
      if (!numbers.has(number))
        expect([number, notifies(machine, number, [600, 0x3b80])]).toEqual([number, false]);
    expect(notifies(machine, 'ioctl', [3, 0x3b80], HIGH_WINDOW, 0x4000_0003)).toBe(false);
  });
});

test('the filter of x86-64 allows calls of x32', () => {
  const { x64 } = machines;
  if (x64 === undefined) throw new Error('machines has no x64');
  expect(notifies(x64, 0x4000_0000 + 16, [3, 0x3b80])).toBe(false);
});

describe('assemble', () => {
  test('throws RangeError if a jump goes backwards, too far, or to a missing label', () => {
    const back = [{ op: 'label', name: 'a' } as const, { op: 'jump', goto: 'a' } as const];
    expect(() => assemble(back)).toThrow(RangeError);
    expect(() => assemble([{ op: 'equal', value: 1, goto: 'nowhere' }])).toThrow('cannot jump to "nowhere"');
    const filler = Array.from({ length: 256 }, () => ({ op: 'return', value: 0 }) as const);
    const far = [
      { op: 'equal', value: 1, goto: 'end' } as const,
      ...filler,
      { op: 'label', name: 'end' } as const,
    ];
    expect(() => assemble(far)).toThrow(RangeError);
  });
});
