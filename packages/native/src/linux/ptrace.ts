/**
 * `ptrace()`, `waitpid()` and `posix_spawn()`, through koffi. All requests for a thread must come from the thread of this process
 * that has attached to it. Source of the numbers: `linux/ptrace.h`, `sys/wait.h`; they are the same on x86-64 and arm64.
 */

import koffi from 'koffi';

export const PTRACE_CONT = 7;
export const PTRACE_DETACH = 17;
export const PTRACE_SYSCALL = 24;
export const PTRACE_GETEVENTMSG = 0x4201;
export const PTRACE_SEIZE = 0x4206;
export const PTRACE_INTERRUPT = 0x4207;
export const PTRACE_LISTEN = 0x4208;
/** From Linux 5.3 on. */
export const PTRACE_GET_SYSCALL_INFO = 0x420e;

/**
 * Options of `PTRACE_SEIZE` (`PTRACE_O_*`). `sysgood` distinguishes stops of system calls from signals. `fork`, `vfork` and
 * `clone` attach to new processes and threads as well.
 */
export const PTRACE_OPTIONS = {
  sysgood: 1,
  fork: 2,
  vfork: 4,
  clone: 8,
  exec: 16,
} as const;

/** Events (`PTRACE_EVENT_*`), in bits 16 and up of the status of a stop. */
export const PTRACE_EVENT = { fork: 1, vfork: 2, clone: 3, exec: 4, stop: 128 } as const;

/** Offsets in `struct ptrace_syscall_info`, up to the arguments of an entry, and a size that is enough for it. */
export const SYSCALL_INFO = { size: 80, op: 0, arch: 4, nr: 24, args: 32, result: 24 } as const;
export const SYSCALL_INFO_ENTRY = 1;
export const SYSCALL_INFO_EXIT = 2;

/** `__WALL` of `linux/wait.h`: children of every kind. */
export const WAIT_ALL = 0x4000_0000;

export const SIGTRAP = 5;
/** SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU: the signals that stop a whole process. */
export const STOP_SIGNALS: ReadonlySet<number> = new Set([19, 20, 21, 22]);

type Bytes = Uint8Array;

/** The signatures of the C functions. They return -1 if they fail. */
export interface Ptrace {
  request(request: number, tid: number, address: number, data: number): number;
  /** A request that fills a buffer. */
  fill(request: number, tid: number, address: number, into: Bytes): number;
  waitpid(pid: number, status: Bytes, options: number): number;
  /**
   * `posix_spawn()`: starts a child of the calling thread that libuv does not know.
   * @param actions `posix_spawn_file_actions_t`
   * @returns 0, or a positive errno
   */
  spawn(pid: Bytes, path: string, actions: Bytes, attributes: null, argv: Bytes, envp: Bytes): number;
  initActions(actions: Bytes): number;
  addDup2(actions: Bytes, from: number, to: number): number;
  destroyActions(actions: Bytes): number;
  socketpair(domain: number, type: number, protocol: number, into: Bytes): number;
}

let known: Ptrace | undefined;

/** Binds the functions at the first call. @throws Error if libc lacks one of them */
export function ptraceCalls(): Ptrace {
  return (known ??= bind());
}

function bind(): Ptrace {
  const lib = koffi.load(null);
  return {
    request: lib.func('long ptrace(int, int, ulong, ulong)') as Ptrace['request'],
    fill: lib.func('long ptrace(int, int, ulong, void *)') as Ptrace['fill'],
    waitpid: lib.func('int waitpid(int, void *, int)') as Ptrace['waitpid'],
    spawn: lib.func(
      'int posix_spawn(void *, const char *, void *, void *, void *, void *)',
    ) as unknown as Ptrace['spawn'],
    initActions: lib.func('int posix_spawn_file_actions_init(void *)') as Ptrace['initActions'],
    addDup2: lib.func('int posix_spawn_file_actions_adddup2(void *, int, int)') as Ptrace['addDup2'],
    destroyActions: lib.func('int posix_spawn_file_actions_destroy(void *)') as Ptrace['destroyActions'],
    socketpair: lib.func('int socketpair(int, int, int, void *)') as Ptrace['socketpair'],
  };
}

/** More than `sizeof(posix_spawn_file_actions_t)`, which is 80 in glibc and musl. */
const ACTIONS_SIZE = 256;

/** Converts strings to the array that `execve()` takes. `pointers` points into `texts`, which the caller must keep reachable. */
function strings(list: readonly string[]): { readonly pointers: Bytes; readonly texts: readonly Bytes[] } {
  const texts = list.map((text) => Buffer.from(`${text}\0`));
  const pointers = Buffer.alloc(8 * (list.length + 1));
  texts.forEach((text, index) => pointers.writeBigUInt64LE(BigInt(koffi.address(text)), 8 * index));
  return { pointers, texts };
}

/**
 * Starts a program that libuv does not know. libuv would mistake its ptrace stops for its end.
 * @param files the descriptors of the program: the number there, and the number here
 * @returns the number of its process, or a negative errno
 */
export function spawnUnknown(
  path: string,
  args: readonly string[],
  files: readonly (readonly [number, number])[],
): number {
  const calls = ptraceCalls();
  const actions = Buffer.alloc(ACTIONS_SIZE);
  calls.initActions(actions);
  for (const [there, here] of files) calls.addDup2(actions, here, there);
  const pid = Buffer.alloc(8);
  const [argv, envp] = [strings([path, ...args]), strings([])];
  const error = calls.spawn(pid, path, actions, null, argv.pointers, envp.pointers);
  calls.destroyActions(actions);
  return error === 0 ? pid.readInt32LE(0) : -error;
}
