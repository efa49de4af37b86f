/**
 * The process that `@iommufd/native` starts for a program. It installs the program's filter in itself, passes the filter's listener
 * to the supervisor, and executes the program. It is JavaScript, so that it also runs from the sources.
 *
 * Descriptor 3 is a socket to the supervisor. All messages are lines:
 * 1. The supervisor sends the plan in JSON (`Plan` in `launch.ts`). The launcher answers `ready`.
 * 2. The supervisor sends `go`. The launcher installs the filter and answers `listener FD`.
 * 3. The supervisor sends `go`. The launcher executes the program, which closes the socket.
 * At any step the launcher answers `failed STATUS MESSAGE` and ends if it cannot do its part.
 *
 * The plan of a tracer has no filter. Step 2 is left out, and the program survives the death of the tracer.
 */

import { readSync } from 'node:fs';
import koffi from 'koffi';

const CONTROL = 3;
const [F_DUPFD_CLOEXEC, F_SETFD, F_GETFD, FD_CLOEXEC] = [1030, 2, 1, 1];
const PR_SET_PDEATHSIG = 1;
const PR_SET_NO_NEW_PRIVS = 38;
const [SIGKILL, SIGPIPE, SIGXFSZ] = [9, 13, 25];
const SECCOMP_SET_MODE_FILTER = 1;
const RLIMIT_NOFILE = 7;
const [ENOENT, EACCES, ENOTDIR] = [2, 13, 20];

const lib = koffi.load(null);
const c = {
  fcntl: lib.func('int fcntl(int, int, long)'),
  dup2: lib.func('int dup2(int, int)'),
  prctl: lib.func('int prctl(int, ulong, ulong, ulong, ulong)'),
  signal: lib.func('void *signal(int, void *)'),
  setrlimit: lib.func('int setrlimit(int, void *)'),
  syscall: lib.func('long syscall(long, long, long, void *)'),
  execve: lib.func('int execve(const char *, void *, void *)'),
  send: lib.func('int64_t send(int, void *, size_t, int)'),
  recv: lib.func('int64_t recv(int, void *, size_t, int)'),
  getppid: lib.func('int getppid()'),
  exit: lib.func('void _exit(int)'),
};

let control = CONTROL;

function receive() {
  const chunks = [];
  const chunk = Buffer.alloc(65536);
  for (;;) {
    const length = readSync(control, chunk, 0, chunk.length, null);
    if (length === 0) c.exit(125);
    chunks.push(Buffer.from(chunk.subarray(0, length)));
    if (chunk[length - 1] === 0x0a) return JSON.parse(Buffer.concat(chunks).toString());
  }
}

/**
 * Sends a line to the supervisor. Every function that is called under the filter must have been called before, because koffi's
 * lookup of a function may open files.
 */
function say(line) {
  const bytes = Buffer.from(`${line}\n`);
  return c.send(control, bytes, bytes.length, 0);
}

function fail(status, what) {
  say(`failed ${status} ${what}`);
  c.exit(status);
}

/** Converts strings to the array that execve() takes. `pointers` points into `texts`. */
function strings(list) {
  const texts = list.map((text) => Buffer.from(`${text}\0`));
  const pointers = Buffer.alloc(8 * (list.length + 1));
  texts.forEach((text, index) => pointers.writeBigUInt64LE(BigInt(koffi.address(text)), 8 * index));
  return { pointers, texts };
}

const plan = receive();

// A program without a supervisor must not continue.
const isFiltered = plan.filter !== undefined;
if (isFiltered) {
  c.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (c.getppid() !== plan.supervisor) c.exit(125);
}

// Moves inherited files to the program's descriptors. All other files of this process are closed by execve(). The files are first
// copied to higher descriptors, because one file's target may be another file's source.
const above = 1 + Math.max(CONTROL + plan.inherited.length, ...plan.inherited.map(([to]) => to));
const aside = (fd) => c.fcntl(fd, F_DUPFD_CLOEXEC, above);
control = aside(CONTROL);
if (control < 0) c.exit(125);
const copies = plan.inherited.map(([to, from]) => [to, aside(from)]);
for (let fd = CONTROL; fd <= CONTROL + plan.inherited.length; fd++) c.fcntl(fd, F_SETFD, FD_CLOEXEC);
for (const [to, from] of copies) {
  if (from < 0 || c.dup2(from, to) < 0)
    fail(125, `descriptor ${to} cannot be inherited: errno ${koffi.errno()}`);
}
for (const fd of [0, 1, 2]) if (c.fcntl(fd, F_GETFD, 0) >= 0) c.fcntl(fd, F_SETFD, 0);

// Node ignores these signals, and the program would inherit that.
for (const signal of [SIGPIPE, SIGXFSZ]) c.signal(signal, null);
const limit = Buffer.alloc(16);
limit.writeBigUInt64LE(BigInt(plan.openFiles[0]), 0);
limit.writeBigUInt64LE(BigInt(plan.openFiles[1]), 8);
c.setrlimit(RLIMIT_NOFILE, limit);

const filter = Buffer.from(plan.filter ?? '', 'base64');
const program = Buffer.alloc(16);
program.writeUInt16LE(filter.length / 8, 0);
program.writeBigUInt64LE(BigInt(koffi.address(filter)), 8);
const argv = strings(plan.argv);
const envp = strings(plan.env);
const answer = Buffer.alloc(3);

// Looks up execve() and errno() before the filter exists, by a call that fails.
c.execve('', argv.pointers, envp.pointers);
koffi.errno();
say('ready');
if (c.recv(control, answer, 3, 0) !== 3) c.exit(125);

if (isFiltered) {
  if (c.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) !== 0)
    fail(125, `PR_SET_NO_NEW_PRIVS: errno ${koffi.errno()}`);
  const listener = c.syscall(plan.seccomp, SECCOMP_SET_MODE_FILTER, plan.filterFlags, program);
  if (listener < 0) fail(125, `seccomp(): errno ${koffi.errno()}`);
  say(`listener ${listener}`);
  if (c.recv(control, answer, 3, 0) !== 3) c.exit(125);
}

// The exit status is a shell's: 127 if the program was not found, 126 if it cannot be executed.
let error = ENOENT;
for (const path of plan.paths) {
  c.execve(path, argv.pointers, envp.pointers);
  const errno = koffi.errno();
  if (errno !== ENOENT && errno !== ENOTDIR) error = errno;
  if (errno !== ENOENT && errno !== ENOTDIR && errno !== EACCES) break;
}
fail(error === ENOENT ? 127 : 126, `errno ${error}`);
