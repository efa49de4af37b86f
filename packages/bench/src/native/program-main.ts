/**
 * The program that K6 to K9 measure: it is asked, by lines of JSON, to make calls, and says how many milliseconds they took. All that it
 * does are calls of libc through koffi, in a loop.
 */

import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { IOMMU_IOAS_MAP, IOMMU_IOAS_UNMAP, IOMMU_OPTION, iommufd_option_ops } from '@iommufd/uapi';
import koffi from 'koffi';
import type { NativeTask } from './task.js';

const lib = koffi.load(null);
const c = {
  open: lib.func('int open(const char *, int)') as (path: string, flags: number) => number,
  ioctl: lib.func('int ioctl(int, ulong, void *)') as (
    fd: number,
    request: number,
    argument: Buffer,
  ) => number,
  read: lib.func('int64_t read(int, void *, size_t)') as (fd: number, into: Buffer, length: number) => number,
  poll: lib.func('int poll(void *, ulong, int)') as (fds: Buffer, count: number, timeout: number) => number,
  mmap: lib.func('int64_t mmap(int64_t, size_t, int, int, int, int64_t)') as (
    ...args: readonly number[]
  ) => number | bigint,
  prctl: lib.func('int prctl(int, ulong, ulong, ulong, ulong)') as (...args: readonly number[]) => number,
  seccomp: lib.func('long syscall(long, long, long, void *)') as (
    number: number,
    operation: number,
    flags: number,
    argument: Buffer,
  ) => number,
  epollCreate: lib.func('int epoll_create1(int)') as (flags: number) => number,
  epollCtl: lib.func('int epoll_ctl(int, int, int, void *)') as (
    epoll: number,
    operation: number,
    fd: number,
    event: Buffer,
  ) => number,
  epollWait: lib.func('int epoll_wait(int, void *, int, int)') as (
    epoll: number,
    events: Buffer,
    most: number,
    timeout: number,
  ) => number,
};

const O_RDWR = 2;
const TCGETS = 0x5401;
const MIB = 1 << 20;
const IOVA = 1n << 24n;

/** Memory for libc: not of the pool, so that it does not move. */
const memory = (size: number): Buffer => Buffer.alloc(Math.max(size, 4096));

function timed(calls: number, call: () => void): number {
  const start = performance.now();
  for (let i = 0; i < calls; i++) call();
  return performance.now() - start;
}

/** @throws Error if a call did not do what it is measured for */
function must(result: number): number {
  if (result < 0) throw new Error(`a call failed: errno ${koffi.errno()}`);
  return result;
}

const devNull = must(c.open('/dev/null', O_RDWR));
const devZero = must(c.open('/dev/zero', O_RDWR));
const buffer = memory(65536);

/** `/dev/iommu`, an IOAS with a domain of a mock device, and 1 MiB of memory. */
function iommu(): { readonly fd: number; readonly ioas: number; readonly device: number } {
  const fd = must(c.open('/dev/iommu', O_RDWR));
  const struct = memory(128);
  struct.writeUInt32LE(12, 0);
  must(c.ioctl(fd, 0x3b81, struct));
  const ioas = struct.readUInt32LE(8);
  struct.fill(0).writeUInt32LE(72, 0);
  struct.writeUInt32LE(2, 4);
  struct.writeUInt32LE(ioas, 8);
  must(c.ioctl(fd, 0x3ba0, struct));
  return { fd, ioas, device: struct.readUInt32LE(24) };
}

function option(calls: number): number {
  const { fd } = iommu();
  const struct = memory(24);
  struct.writeUInt32LE(24, 0);
  struct.writeUInt16LE(iommufd_option_ops.IOMMU_OPTION_OP_GET, 8);
  return timed(calls, () => must(c.ioctl(fd, IOMMU_OPTION.request, struct)));
}

/** A request of iommufd on a file that does not know it. */
function request(calls: number): number {
  const struct = memory(24);
  struct.writeUInt32LE(24, 0);
  struct.writeUInt16LE(iommufd_option_ops.IOMMU_OPTION_OP_GET, 8);
  return timed(calls, () => void c.ioctl(devNull, IOMMU_OPTION.request, struct));
}

function mapAndUnmap(calls: number): number {
  const { fd, ioas } = iommu();
  const place = BigInt(c.mmap(0, MIB, 3, 0x22, -1, 0));
  const [map, unmap] = [memory(40), memory(24)];
  map.writeUInt32LE(40, 0);
  map.writeUInt32LE(7, 4);
  map.writeUInt32LE(ioas, 8);
  map.writeBigUInt64LE(place, 16);
  map.writeBigUInt64LE(BigInt(MIB), 24);
  map.writeBigUInt64LE(IOVA, 32);
  return timed(calls, () => {
    unmap.writeUInt32LE(24, 0);
    unmap.writeUInt32LE(ioas, 4);
    unmap.writeBigUInt64LE(IOVA, 8);
    unmap.writeBigUInt64LE(BigInt(MIB), 16);
    must(c.ioctl(fd, IOMMU_IOAS_MAP.request, map));
    must(c.ioctl(fd, IOMMU_IOAS_UNMAP.request, unmap));
  });
}

/** Bytes of a record of the mock driver: a header, and the id of the device. */
const RECORD = 12;

/** A queue of events of the first VFIO device, and an epoll that waits for it. */
interface EventQueue {
  readonly queue: number;
  readonly epoll: number;
}

/** The most events that wait. */
const DEPTH = 1 << 17;
let eventQueue: EventQueue | undefined;

function openEvents(): EventQueue {
  const fd = must(c.open('/dev/iommu', O_RDWR));
  const device = must(c.open('/dev/vfio/devices/vfio0', O_RDWR));
  const struct = memory(128);
  const call = (file: number, request: number, words: readonly number[]): void => {
    struct.fill(0);
    words.forEach((value, i) => struct.writeUInt32LE(value, 4 * i));
    must(c.ioctl(file, request, struct));
  };
  call(device, 0x3b76, [24, 0, fd]);
  const idev = struct.readUInt32LE(12);
  call(fd, 0x3b81, [12, 0]);
  const ioas = struct.readUInt32LE(8);
  call(fd, 0x3b89, [48, 1, idev, ioas]);
  const parent = struct.readUInt32LE(16);
  call(fd, 0x3b90, [40, 0, 0xdeadbeef, idev, parent]);
  const viommu = struct.readUInt32LE(20);
  call(fd, 0x3b91, [24, viommu, idev, 0, 0x99]);
  const data = memory(8);
  const address = BigInt(koffi.address(data));
  call(fd, 0x3b89, [
    48,
    0,
    idev,
    viommu,
    0,
    0,
    0xdead,
    8,
    Number(address & 0xffff_ffffn),
    Number(address >> 32n),
  ]);
  call(device, 0x3b77, [12, 0, struct.readUInt32LE(16)]);
  call(fd, 0x3b93, [32, 0, viommu, 0xbeefbeef, DEPTH]);
  const queue = struct.readUInt32LE(24);
  const epoll = must(c.epollCreate(0));
  const event = memory(16);
  event.writeUInt32LE(1, 0);
  must(c.epollCtl(epoll, 1, queue, event));
  return { queue, epoll };
}

/** Reads events. A line says when they may be sent. */
function events(calls: number): number {
  const { queue, epoll } = (eventQueue ??= openEvents());
  const event = memory(16);
  say({ ready: true });
  let [seen, start] = [0, 0];
  while (seen < calls) {
    must(c.epollWait(epoll, event, 1, -1));
    if (start === 0) start = performance.now();
    const length = c.read(queue, buffer, buffer.length);
    if (length > 0) seen += length / RECORD;
  }
  return performance.now() - start;
}

/** Puts a filter in place that asks about one request. @returns its listener */
function listen(): number {
  const statements = [
    [0x20, 0, 0, 0],
    [0x15, 0, 3, process.arch === 'arm64' ? 29 : 16],
    [0x20, 0, 0, 24],
    [0x15, 0, 1, TCGETS],
    [0x06, 0, 0, 0x7fc0_0000],
    [0x06, 0, 0, 0x7fff_0000],
  ];
  const filter = memory(64);
  statements.forEach(([code = 0, yes = 0, no = 0, k = 0], i) => {
    filter.writeUInt16LE(code, 8 * i);
    filter.writeUInt8(yes, 8 * i + 2);
    filter.writeUInt8(no, 8 * i + 3);
    filter.writeUInt32LE(k, 8 * i + 4);
  });
  const program = memory(16);
  program.writeUInt16LE(statements.length, 0);
  program.writeBigUInt64LE(BigInt(koffi.address(filter)), 8);
  must(c.prctl(38, 1, 0, 0, 0));
  return must(c.seccomp(process.arch === 'arm64' ? 277 : 317, 1, (1 << 3) | (1 << 5), program));
}

function run({ what, calls }: NativeTask): number {
  switch (what) {
    case 'request':
      return request(calls);
    case 'ioctl':
      return timed(calls, () => c.ioctl(devNull, TCGETS, buffer));
    case 'option':
      return option(calls);
    case 'map':
      return mapAndUnmap(calls);
    case 'read':
      return timed(calls, () => must(c.read(devZero, buffer, 64)));
    case 'poll': {
      const polled = memory(8);
      polled.writeInt32LE(devZero, 0);
      polled.writeInt16LE(1, 4);
      return timed(calls, () => must(c.poll(polled, 1, 0)));
    }
    case 'mmap':
      return timed(calls, () => c.mmap(0, 4096, 3, 0x22, -1, 0));
    case 'events':
      return events(calls);
    case 'listen':
      say({ listener: listen() });
      // The exit of Node asks TCGETS, and nothing answers when the program that takes notifications has ended.
      input.once('close', () => process.kill(process.pid, 'SIGKILL'));
      return 0;
  }
}

/** Without `process.stdout`, which asks TCGETS when it is first used: with a filter in place nothing would answer. */
function say(answer: object): void {
  writeSync(1, `${JSON.stringify(answer)}\n`);
}

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const milliseconds = run(JSON.parse(line) as NativeTask);
  say({ milliseconds });
});
