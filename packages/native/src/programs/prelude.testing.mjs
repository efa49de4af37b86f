/**
 * The library of the tests' programs: raw system calls through koffi, and structs. A program gets it as `p`, and prints its result as
 * one line of JSON.
 */

import koffi from 'koffi';
import { readFileSync, writeSync } from 'node:fs';

const lib = koffi.load(null);
const f = (definition) => lib.func(definition);
/** Converts libc's -1 to a negative errno. */
const checked =
  (call) =>
  (...args) => {
    const result = call(...args);
    return Number(result) === -1 ? -koffi.errno() : result;
  };

/** The last argument of mremap() is optional. */
const withTarget =
  (call) =>
  (address, length, newLength, flags, target = 0) =>
    call(address, length, newLength, flags, target);

export const O_RDWR = 2;
export const O_CLOEXEC = 0o2000000;
export const O_NONBLOCK = 0o4000;
export const PROT = 3;
export const [MAP_SHARED, MAP_PRIVATE, MAP_FIXED, MAP_ANONYMOUS] = [1, 2, 0x10, 0x20];

export const c = {
  open: checked(f('int open(const char *, int, uint)')),
  readlinkat: checked(f('int64_t readlinkat(int, const char *, void *, size_t)')),
  openat: checked(f('int openat(int, const char *, int, uint)')),
  close: checked(f('int close(int)')),
  ioctl: checked(f('int ioctl(int, ulong, void *)')),
  ioctlAt: checked(f('int ioctl(int, ulong, ulong)')),
  read: checked(f('int64_t read(int, void *, size_t)')),
  readAt: checked(f('int64_t read(int, ulong, size_t)')),
  write: checked(f('int64_t write(int, void *, size_t)')),
  pread: checked(f('int64_t pread64(int, void *, size_t, int64_t)')),
  pwrite: checked(f('int64_t pwrite64(int, void *, size_t, int64_t)')),
  readv: checked(f('int64_t readv(int, void *, int)')),
  writev: checked(f('int64_t writev(int, void *, int)')),
  dup: checked(f('int dup(int)')),
  dup2: checked(f('int dup2(int, int)')),
  fcntl: checked(f('int fcntl(int, int, long)')),
  poll: checked(f('int poll(void *, ulong, int)')),
  pipe: checked(f('int pipe(void *)')),
  mmap: checked(f('intptr_t mmap64(intptr_t, size_t, int, int, int, int64_t)')),
  munmap: checked(f('int munmap(intptr_t, size_t)')),
  mremap: withTarget(checked(f('intptr_t mremap(intptr_t, size_t, size_t, int, intptr_t)'))),
  mprotect: checked(f('int mprotect(intptr_t, size_t, int)')),
  mlock: checked(f('int mlock(intptr_t, size_t)')),
  madvise: checked(f('int madvise(intptr_t, size_t, int)')),
  eventfd: checked(f('int eventfd(uint, int)')),
  memfd: checked(f('int memfd_create(const char *, uint)')),
  creat: checked(f('int creat(const char *, uint)')),
  lseek: checked(f('int64_t lseek64(int, int64_t, int)')),
  fallocate: checked(f('int fallocate64(int, int, int64_t, int64_t)')),
  ftruncate: checked(f('int ftruncate64(int, int64_t)')),
  fchmod: checked(f('int fchmod(int, uint)')),
  setfsuid: f('int setfsuid(uint)'),
  truncate: checked(f('int truncate64(const char *, int64_t)')),
  shmget: checked(f('int shmget(int, size_t, int)')),
  shmat: checked(f('intptr_t shmat(int, intptr_t, int)')),
  shmdt: checked(f('int shmdt(intptr_t)')),
  shmctl: checked(f('int shmctl(int, int, void *)')),
  epoll_create: checked(f('int epoll_create1(int)')),
  epoll_ctl: checked(f('int epoll_ctl(int, int, int, void *)')),
  epoll_wait: checked(f('int epoll_wait(int, void *, int, int)')),
  socketpair: checked(f('int socketpair(int, int, int, void *)')),
  sendmsg: checked(f('int64_t sendmsg(int, void *, int)')),
  recvmsg: checked(f('int64_t recvmsg(int, void *, int)')),
  waitpid: checked(f('int waitpid(int, void *, int)')),
  exit: f('void _exit(int)'),
  execv: checked(f('int execv(const char *, void *)')),
  syscall: checked(f('long syscall(long, long, long, long, long)')),
  seccomp: checked(f('long syscall(long, long, long, void *)')),
  sigaction: checked(f('int sigaction(int, void *, void *)')),
  setrlimit: checked(f('int setrlimit(int, void *)')),
  timer_create: checked(f('int timer_create(int, void *, void *)')),
  timer_settime: checked(f('int timer_settime(intptr_t, int, void *, void *)')),
  pthread_sigmask: checked(f('int pthread_sigmask(int, void *, void *)')),
  kill: checked(f('int kill(int, int)')),
  getpid: f('int getpid()'),
  splice: checked(f('int64_t splice(int, void *, int, void *, size_t, uint)')),
  sendfile: checked(f('int64_t sendfile64(int, int, void *, size_t)')),
  tee: checked(f('int64_t tee(int, int, size_t, uint)')),
  vmsplice: checked(f('int64_t vmsplice(int, void *, size_t, uint)')),
  copy_file_range: checked(f('int64_t copy_file_range(int, void *, int, void *, size_t, uint)')),
  fsync: checked(f('int fsync(int)')),
  fdatasync: checked(f('int fdatasync(int)')),
  readahead: checked(f('int64_t readahead(int, int64_t, size_t)')),
  unshare: checked(f('int unshare(int)')),
  process_madvise: checked(f('long syscall(long, int, void *, size_t, int, uint)')),
  getxattr: checked(f('int64_t getxattr(const char *, const char *, void *, size_t)')),
  getxattrAt: checked(f('int64_t getxattr(const char *, ulong, ulong, size_t)')),
  listxattr: checked(f('int64_t listxattr(const char *, void *, size_t)')),
  llistxattr: checked(f('int64_t llistxattr(const char *, void *, size_t)')),
  prctl: checked(f('int prctl(int, ulong, ulong, ulong, ulong)')),
};

export const addressOf = (buffer) => BigInt(koffi.address(buffer));

/** Executes another program. @returns a negative errno, only if it fails */
export function execute(path) {
  const text = Buffer.alloc(256);
  text.write(path);
  const pointers = Buffer.alloc(128);
  pointers.writeBigUInt64LE(addressOf(text), 0);
  return c.execv(path, pointers);
}

const posixSpawn = f('int posix_spawn(void *, const char *, void *, void *, void *, void *)');

/** Starts a program as with `vfork()`: the child shares memory with this process until its exec. @returns its process number */
export function spawn(path, args) {
  const texts = [path, ...args].map((text) => Buffer.from(`${text}\0`));
  const pointers = Buffer.alloc(8 * (texts.length + 1));
  texts.forEach((text, index) => pointers.writeBigUInt64LE(addressOf(text), 8 * index));
  const pid = Buffer.alloc(128);
  return posixSpawn(pid, path, null, null, pointers, Buffer.alloc(128)) === 0 ? pid.readInt32LE(0) : -1;
}

/** Memory at an address, in place. */
export const at = (address, length) => Buffer.from(koffi.view(BigInt(address), length));

/** Prints the result of the program. */
export const report = (result) => {
  const text = JSON.stringify(result, (_, value) => (typeof value === 'bigint' ? Number(value) : value));
  writeSync(1, `${text}\n`);
};

/** A struct of words of 32 or 64 bits: numbers and bigints. */
export function struct(...fields) {
  const size = fields.reduce((sum, field) => sum + (typeof field === 'bigint' ? 8 : 4), 0);
  // Not from Node's pool, so that it has its own page and a fixed address.
  const bytes = Buffer.alloc(Math.max(size, 128)).subarray(0, size);
  let offset = 0;
  for (const field of fields) {
    if (typeof field === 'bigint') offset = bytes.writeBigUInt64LE(BigInt.asUintN(64, field), offset);
    else offset = bytes.writeUInt32LE(field >>> 0, offset);
  }
  return bytes;
}

const request = (number) => 0x3b00 + number;

/** Makes an ioctl. @returns its result, and the struct after the call */
export function call(fd, number, ...fields) {
  const bytes = struct(...fields);
  return { result: c.ioctl(fd, request(number), bytes), bytes };
}

export const iommu = () => c.open('/dev/iommu', O_RDWR | O_CLOEXEC, 0);
export const destroy = (fd, id) => call(fd, 0x80, 8, id).result;
export const ioasAlloc = (fd) => call(fd, 0x81, 12, 0, 0).bytes.readUInt32LE(8);
/** Readable, writable and at a fixed IOVA. */
export const ioasMap = (fd, ioas, address, length, iova) =>
  call(fd, 0x85, 40, 7, ioas, 0, BigInt(address), BigInt(length), BigInt(iova)).result;
export const ioasMapFile = (fd, ioas, memfd, start, length, iova) =>
  call(fd, 0x8f, 40, 7, ioas, memfd, BigInt(start), BigInt(length), BigInt(iova)).result;
export const ioasUnmap = (fd, ioas, iova, length) =>
  call(fd, 0x86, 24, ioas, BigInt(iova), BigInt(length)).result;
/** IOMMU_TEST_CMD: an operation on an object, and up to six words of 64 bits. */
export function testCmd(fd, op, id, ...words) {
  const rest = Array.from({ length: 6 }, (_, index) => BigInt(words[index] ?? 0));
  return call(fd, 0xa0, 72, op, id, 0, ...rest, 0, 0);
}
/** IOMMU_TEST_OP_MD_CHECK_MAP: checks that this program's memory is mapped at an IOVA. */
export const checkMap = (fd, hwpt, iova, length, address) =>
  testCmd(fd, 3, hwpt, iova, length, address).result;
/** IOMMU_TEST_OP_MD_CHECK_REFS. */
export const checkRefs = (fd, length, address, refs) => testCmd(fd, 4, 0, length, address, refs).result;
/** IOMMU_TEST_OP_MOCK_DOMAIN. */
export function mockDomain(fd, ioas) {
  const { result, bytes } = testCmd(fd, 2, ioas);
  return {
    result,
    device: bytes.readUInt32LE(16),
    hwpt: bytes.readUInt32LE(20),
    idev: bytes.readUInt32LE(24),
  };
}
/** A fault queue. */
export function faultQueue(fd) {
  const { result, bytes } = call(fd, 0x8e, 16, 0, 0, 0);
  return { result, id: bytes.readUInt32LE(8), fd: bytes.readUInt32LE(12) };
}
/** Bind of a VFIO device. */
export const bind = (device, fd) => {
  const bytes = struct(24, 0, fd, 0, 0n);
  const result = c.ioctl(device, request(118), bytes);
  return { result, id: bytes.readUInt32LE(12) };
};
export const attach = (device, id) => {
  const bytes = struct(12, 0, id);
  return c.ioctl(device, request(119), bytes);
};

/** Anonymous memory. */
export const memory = (length, flags = MAP_PRIVATE) => c.mmap(0, length, PROT, flags | MAP_ANONYMOUS, -1, 0);

/** `poll()` of one file. @returns its events */
export function poll(fd, events = 5, timeout = 0) {
  const bytes = Buffer.alloc(128);
  bytes.writeInt32LE(fd, 0);
  bytes.writeInt16LE(events, 4);
  c.poll(bytes, 1, timeout);
  return bytes.readInt16LE(6);
}

/** Reports to the test that this point is reached, and waits for a line from it. */
export function meet(name) {
  report({ meet: name });
  const bytes = Buffer.alloc(128);
  return c.read(0, bytes, 1);
}

const forkAsItIs = f('int fork()');
const [MADV_DONTFORK, MADV_DOFORK] = [10, 11];
const isArm = process.arch === 'arm64';

/**
 * V8 does not pass its heap to children (MADV_DONTFORK), so JavaScript could not continue there. A seccomp filter for all threads makes
 * that advice do nothing, and its earlier effects are undone.
 */
function shareHeap() {
  const statement = (code, yes, k) => [
    code & 0xff,
    code >> 8,
    yes,
    0,
    k & 0xff,
    (k >> 8) & 0xff,
    (k >> 16) & 0xff,
    k >>> 24,
  ];
  const filter = Buffer.from(
    [
      [0x20, 0, 0],
      [0x15, 1, isArm ? 233 : 28],
      [0x06, 0, 0x7fff0000],
      [0x20, 0, 16 + 2 * 8],
      [0x15, 1, MADV_DONTFORK],
      [0x06, 0, 0x7fff0000],
      [0x06, 0, 0x00050000],
    ].flatMap((parts) => statement(...parts)),
  );
  const program = struct(filter.length / 8, 0, addressOf(filter));
  c.prctl(38, 1, 0, 0, 0);
  const TSYNC = 1;
  c.seccomp(isArm ? 277 : 317, 1, TSYNC, program);
  const maps = readFileSync('/proc/self/smaps', 'latin1').matchAll(
    /^([0-9a-f]+)-([0-9a-f]+) [^]*?^VmFlags:(.*)$/gm,
  );
  for (const [, start, end, flags] of maps)
    if (/\bdc\b/.test(flags))
      c.madvise(parseInt(start, 16), parseInt(end, 16) - parseInt(start, 16), MADV_DOFORK);
}

let isShared = false;

/** Forks a child that continues in JavaScript. @returns its process number, 0 in the child */
export function fork() {
  if (!isShared) shareHeap();
  isShared = true;
  return forkAsItIs();
}

/** Waits for a child. @returns its exit status, or the negative number of the signal that ended it */
export function statusOf(pid) {
  const status = Buffer.alloc(128);
  c.waitpid(pid, status, 0);
  const word = status.readInt32LE(0);
  return (word & 0x7f) === 0 ? word >> 8 : -(word & 0x7f);
}

/** Runs in a child process. @returns its exit status, or the negative number of the signal that ended it */
export function inChild(work) {
  const pid = fork();
  if (pid === 0) {
    let status = 99;
    try {
      status = work() ?? 0;
    } finally {
      c.exit(status);
    }
  }
  return statusOf(pid);
}

function message(control) {
  const [data, iov, header] = [Buffer.alloc(128), Buffer.alloc(128), Buffer.alloc(128)];
  iov.writeBigUInt64LE(addressOf(data), 0);
  iov.writeBigUInt64LE(1n, 8);
  header.writeBigUInt64LE(addressOf(iov), 16);
  header.writeBigUInt64LE(1n, 24);
  header.writeBigUInt64LE(addressOf(control), 32);
  header.writeBigUInt64LE(24n, 40);
  return { header, data, iov, control };
}

/** Creates two connected sockets. */
export function sockets() {
  const pair = Buffer.alloc(128);
  c.socketpair(1, 1, 0, pair);
  return [pair.readInt32LE(0), pair.readInt32LE(4)];
}

/** Sends a file, with one byte. */
export function sendFd(socket, fd) {
  const control = Buffer.alloc(128);
  control.writeBigUInt64LE(20n, 0);
  control.writeInt32LE(1, 8);
  control.writeInt32LE(1, 12);
  control.writeInt32LE(fd, 16);
  const { header, data } = message(control);
  data[0] = 7;
  return c.sendmsg(socket, header, 0);
}

/** Receives a file. @returns its descriptor, or a negative errno */
export function receiveFd(socket, flags = 0) {
  const control = Buffer.alloc(128);
  const { header, data } = message(control);
  const result = c.recvmsg(socket, header, flags);
  if (result < 0) return result;
  if (result !== 1 || data[0] !== 7 || control.readBigUInt64LE(0) !== 20n) return -1000;
  return control.readInt32LE(16);
}

/** Calls `readv` or `writev` with parts of a buffer. */
export function vectored(call, fd, buffer, lengths) {
  const iov = Buffer.alloc(Math.max(128, lengths.length * 16));
  let at = addressOf(buffer);
  for (const [index, length] of lengths.entries()) {
    iov.writeBigUInt64LE(at, index * 16);
    iov.writeBigUInt64LE(BigInt(length), index * 16 + 8);
    at += BigInt(length);
  }
  return call(fd, iov, lengths.length);
}

/** Adds a file to an epoll. */
export function epollAdd(epoll, fd, events) {
  const event = Buffer.alloc(128);
  event.writeUInt32LE(events >>> 0, 0);
  return c.epoll_ctl(epoll, 1, fd, event);
}

/** Reads the ready events of an epoll. @returns the bits of the first event, or 0 */
export function epollWait(epoll, timeout = 0) {
  const events = Buffer.alloc(256);
  return c.epoll_wait(epoll, events, 8, timeout) > 0 ? events.readUInt32LE(0) : 0;
}

/** Creates a mock device with a nested page table of a virtual IOMMU, virtual ID 0x99 and an event queue. */
export function eventQueue(fd, depth = 64) {
  const ioas = ioasAlloc(fd);
  const { device, idev } = mockDomain(fd, ioas);
  const parent = call(fd, 0x89, 48, 1, idev, ioas, 0, 0, 0, 0, 0n, 0, 0).bytes.readUInt32LE(16);
  const viommu = call(fd, 0x90, 40, 0, 0xdeadbeef, idev, parent, 0, 0, 0, 0n).bytes.readUInt32LE(20);
  const data = struct(0, 0);
  const nested = call(
    fd,
    0x89,
    48,
    0,
    idev,
    viommu,
    0,
    0,
    0xdead,
    8,
    addressOf(data),
    0,
    0,
  ).bytes.readUInt32LE(16);
  call(fd, 0x91, 24, viommu, idev, 0, 0x99n);
  testCmd(fd, 10, device, nested);
  const { result, bytes } = call(fd, 0x93, 32, 0, viommu, 0xbeefbeef, depth, 0, 0, 0);
  return { result, idev, viommu, queue: bytes.readUInt32LE(20), file: bytes.readUInt32LE(24) };
}
/** IOMMU_TEST_OP_TRIGGER_VEVENT: the device reports an event. */
export const triggerEvent = (fd, idev) => testCmd(fd, 17, 0, idev).result;
