/** Memfds of the fake kernel and of the machine's kernel, after the same random calls: what their mappings contain. */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FakeKernel } from '@iommufd/fakekernel';
import { result } from '@iommufd/fakekernel/task';
import { Random } from '@iommufd/testkit';
import { errno, MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE } from '@iommufd/uapi';
import koffi from 'koffi';

const PAGE = 4096;
const PAGES = 4;
const STEPS = 300;
/** Contents are compared at two offsets of each page. */
const OFFSETS = Array.from({ length: 2 * PAGES }, (_, i) => (i * PAGE) / 2);
const RW = PROT_READ | PROT_WRITE;
const TYPES = [MAP_SHARED, MAP_SHARED, MAP_PRIVATE, MAP_PRIVATE];

const lib = koffi.load(null);
const memfd = lib.func('int memfd_create(const char *, uint)') as (name: string, flags: number) => number;
const ftruncate = lib.func('int ftruncate64(int, int64_t)') as (fd: number, size: number) => number;
const fallocate = lib.func('int fallocate64(int, int, int64_t, int64_t)') as (
  fd: number,
  mode: number,
  offset: number,
  length: number,
) => number;
const mmap = lib.func('intptr_t mmap64(intptr_t, size_t, int, int, int, int64_t)') as (
  ...args: readonly number[]
) => number;
const munmap = lib.func('int munmap(intptr_t, size_t)') as (address: number, length: number) => number;

/** `/proc/self/mem`, by which memory beyond the end of a file is an error, and not a signal. */
let memory = -1;
beforeAll(() => {
  memory = openSync('/proc/self/mem', 'r+');
});
afterAll(() => closeSync(memory));

/** A memfd with its mappings. Bytes that cannot be accessed are EFAULT. */
interface Tested {
  ftruncate(size: number): number;
  fallocate(mode: number, offset: number, length: number): number;
  read(map: number, offset: number): number;
  write(map: number, offset: number, value: number): number;
}

function fake(): Tested {
  const process = new FakeKernel().spawn();
  const fd = process.memfd(0);
  const maps = TYPES.map((type) => process.mmap(0n, PAGES * PAGE, RW, type, fd, 0n));
  const at = (map: number, offset: number): bigint => (maps[map] ?? 0n) + BigInt(offset);
  return {
    ftruncate: (size) => process.ftruncate(fd, size),
    fallocate: (mode, offset, length) => process.fallocate(fd, mode, offset, length),
    read: (map, offset) => result(() => process.memorySpace.read(at(map, offset), 1)[0] ?? -1),
    write: (map, offset, value) =>
      result(() => {
        process.memorySpace.write(at(map, offset), Uint8Array.of(value));
        return 0;
      }),
  };
}

function real(): Tested & { close(): void } {
  const fd = memfd('tested', 1);
  const maps = TYPES.map((type) => mmap(0, PAGES * PAGE, RW, type, fd, 0));
  const byte = Buffer.alloc(1);
  const accessed = (perform: () => number, value: () => number): number => {
    try {
      return perform() === 1 ? value() : -errno.EFAULT;
    } catch {
      return -errno.EFAULT;
    }
  };
  return {
    ftruncate: (size) => ftruncate(fd, size),
    fallocate: (mode, offset, length) => fallocate(fd, mode, offset, length),
    read: (map, offset) =>
      accessed(
        () => readSync(memory, byte, 0, 1, (maps[map] ?? 0) + offset),
        () => byte.readUInt8(),
      ),
    write: (map, offset, value) => {
      byte.writeUInt8(value);
      return accessed(
        () => writeSync(memory, byte, 0, 1, (maps[map] ?? 0) + offset),
        () => 0,
      );
    },
    close: () => {
      for (const map of maps) munmap(map, PAGES * PAGE);
      closeSync(fd);
    },
  };
}

const contents = (tested: Tested): readonly number[][] =>
  TYPES.map((_, map) => OFFSETS.map((offset) => tested.read(map, offset)));

test('a file that gets its own size loses what was written beyond its end, and keeps it if it is allocated', () => {
  const [ours, linux] = [fake(), real()];
  const seen = [ours, linux].map((tested) => [
    tested.ftruncate(100),
    tested.write(0, PAGE / 2, 7),
    tested.fallocate(0, 0, 100),
    tested.read(1, PAGE / 2),
    tested.ftruncate(100),
    tested.read(1, PAGE / 2),
  ]);
  linux.close();
  expect(seen[0]).toEqual([0, 0, 0, 7, 0, 0]);
  expect(seen[1]).toEqual(seen[0]);
});

test.each([1, 2, 3, 4])('seed %i', (seed) => {
  const random = new Random(seed);
  const [ours, linux] = [fake(), real()];
  const done: string[] = [];
  let size = 0;
  const both = (name: string, call: (tested: Tested) => number): void => {
    done.push(name);
    const [our, its] = [call(ours), call(linux)];
    expect({ done, results: our, seen: contents(ours) }).toEqual({
      done,
      results: its,
      seen: contents(linux),
    });
  };
  for (let i = 0; i < STEPS; i++) {
    const at = random.below(PAGES * PAGE);
    const length = 1 + random.below(2 * PAGE);
    switch (random.below(5)) {
      case 0:
        both(`ftruncate ${at}`, (tested) => tested.ftruncate(at));
        size = at;
        break;
      case 1: {
        // FALLOC_FL_KEEP_SIZE and FALLOC_FL_PUNCH_HOLE are 1 and 2.
        const mode = random.pick([0, 1, 3, 3, 3]);
        both(`fallocate ${mode} ${at} ${length}`, (tested) => tested.fallocate(mode, at, length));
        if (mode === 0) size = Math.max(size, at + length);
        break;
      }
      default: {
        const map = random.below(TYPES.length);
        const offset = random.pick(OFFSETS);
        // What becomes of bytes of the last page beyond the end of the file depends on the version of Linux.
        if (offset >= size && offset < Math.ceil(size / PAGE) * PAGE) break;
        both(`write ${map} ${offset}`, (tested) => tested.write(map, offset, 1 + (i % 255)));
      }
    }
  }
  linux.close();
});
