/** Which page an address or an offset of a file has, for pins and for devices, after the program has replaced or removed pages. */

import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { FakeKernel, mockModule } from '@iommufd/fakekernel';
import { O_DIRECTORY, O_NOFOLLOW } from './linux/constants.js';
import { runScript, TestProgram } from './programs/program.testing.js';

afterEach(() => TestProgram.killAll());

/**
 * The start of a program with a domain. `look(address, iova)` returns the number of pins of the page at an address, 0 to 3 or a negative
 * errno, and whether the page is mapped at an IOVA: 0, EINVAL, or EFAULT if there is no page.
 */
const START = `
const [PAGE, IOVA] = [4096, 1 << 24];
const fd = iommu();
const ioas = ioasAlloc(fd);
const { hwpt } = mockDomain(fd, ioas);
const iova = (index) => IOVA + index * PAGE;
const put = (address, text) => at(address, text.length).write(text);
const get = (address, length = 3) => at(address, length).toString('latin1');
const pinsOf = (address) => {
  for (let pins = 0; pins < 4; pins++) {
    const result = checkRefs(fd, PAGE, address, pins);
    if (result === 0) return pins;
    if (result !== -5) return result;
  }
};
const look = (address, where) => [pinsOf(address), checkMap(fd, hwpt, where, PAGE, address)];
const FILE_PAGES = 4;
const newFile = (name = 'file') => {
  const file = c.memfd(name, 2);
  c.ftruncate(file, FILE_PAGES * PAGE);
  return file;
};
const show = (file, flags, pages = FILE_PAGES) => c.mmap(0, pages * PAGE, PROT, flags, file, 0);`;

const [EFAULT, EINVAL] = [-14, -22];
/** Results of `look`. */
const MAPPED = [1, 0];
const OTHER = [0, EINVAL];
const MISSING = [EFAULT, EFAULT];

const run = async (body: string): Promise<unknown> => runScript(new FakeKernel([mockModule]), START + body);

describe('a page of a file', () => {
  test('that replaces a pinned one is another page', async () => {
    const result = await run(`
      const file = newFile();
      const place = show(file, MAP_SHARED);
      put(place, 'old');
      const mapped = ioasMapFile(fd, ioas, file, 0, 2 * PAGE, iova(0));
      const pinned = look(place, iova(0));
      c.ftruncate(file, 0);
      const gone = look(place, iova(0));
      c.ftruncate(file, FILE_PAGES * PAGE);
      const renewed = look(place, iova(0));
      ioasMap(fd, ioas, place, PAGE, iova(16));
      const again = [look(place, iova(16)), look(place, iova(0)), look(place + 2 * PAGE, iova(0))];
      c.fallocate(file, 3, 0, PAGE);
      const hole = [look(place, iova(16)), look(place, iova(0))];
      ioasUnmap(fd, ioas, iova(0), 2 * PAGE);
      const byFile = ioasMapFile(fd, ioas, file, 0, 2 * PAGE, iova(0));
      report({ mapped, pinned, gone, renewed, again, hole, byFile, last: [0, 1].map((i) => look(place + i * PAGE, iova(i))) });`);
    expect(result).toEqual({
      mapped: 0,
      pinned: MAPPED,
      gone: MISSING,
      renewed: OTHER,
      again: [MAPPED, [1, EINVAL], OTHER],
      hole: [OTHER, OTHER],
      byFile: 0,
      last: [MAPPED, MAPPED],
    });
  });

  test('stays as it is for the device that pinned it, and the new page is the program’s', async () => {
    const result = await run(`
      const file = newFile();
      const place = show(file, MAP_SHARED);
      put(place, 'old');
      const access = testCmd(fd, 5, ioas, 0).bytes.readUInt32LE(16);
      const buffer = memory(PAGE);
      ioasMapFile(fd, ioas, file, 0, PAGE, iova(0));
      c.ftruncate(file, 0);
      c.ftruncate(file, FILE_PAGES * PAGE);
      put(place, 'new');
      const read = (where) => testCmd(fd, 8, access, where, 3, buffer).result || get(buffer);
      const before = [get(place), read(iova(0))];
      put(buffer, 'dev');
      testCmd(fd, 8, access, iova(0), 3, buffer, 1);
      report({ before, after: [get(place), read(iova(0))] });`);
    expect(result).toEqual({ before: ['new', 'old'], after: ['new', 'dev'] });
  });

  test('keeps its contents for devices when it is removed, also if the file ends within it', async () => {
    const result = await run(`
      const file = newFile();
      const place = show(file, MAP_SHARED);
      for (let i = 0; i < FILE_PAGES; i++) put(place + i * PAGE, 'abcd'[i].repeat(PAGE));
      c.ftruncate(file, 2 * PAGE - 100);
      ioasMap(fd, ioas, place, 2 * PAGE, iova(0));
      const access = testCmd(fd, 5, ioas, 0).bytes.readUInt32LE(16);
      const buffer = memory(2 * PAGE);
      // MOCK_ACCESS_RW_SLOW_PATH reads the pinned pages.
      const read = () => {
        testCmd(fd, 8, access, iova(0), 2 * PAGE, buffer, 4);
        return [0, PAGE - 1, PAGE, 2 * PAGE - 101, 2 * PAGE - 100].map((offset) => get(buffer + offset, 1));
      };
      const there = read();
      c.ftruncate(file, 0);
      report([there, read()]);`);
    const CONTENTS = ['a', 'a', 'b', 'b', '\0'];
    expect(result).toEqual([CONTENTS, CONTENTS]);
  });

  test('has bytes behind the end of its file, which do not change the size of the file', async () => {
    const result = await run(`
      const file = newFile();
      const place = show(file, MAP_SHARED);
      c.ftruncate(file, PAGE + 100);
      const access = testCmd(fd, 5, ioas, 0).bytes.readUInt32LE(16);
      const buffer = memory(PAGE);
      ioasMap(fd, ioas, place, 2 * PAGE, iova(0));
      // MOCK_ACCESS_RW_SLOW_PATH, and MOCK_ACCESS_RW_WRITE: of several pages, the pinned ones are used.
      const used = (flags) => testCmd(fd, 8, access, iova(0) + PAGE - 1, PAGE, buffer, 4 | flags).result;
      put(place + PAGE + 90, 'program'.repeat(5));
      const seen = [used(0), get(buffer + 91, 20)];
      put(buffer + 91, 'device'.repeat(5));
      seen.push(used(1), get(place + PAGE + 90, 20), c.lseek(file, 0, 2) - PAGE);
      // What mappings have written there becomes zero, although the size stays the same.
      seen.push(c.ftruncate(file, PAGE + 100), used(0), get(buffer + 91, 20));
      report(seen);`);
    const [program, device] = ['program'.repeat(5).slice(0, 20), 'device'.repeat(5).slice(0, 20)];
    expect(result).toEqual([0, program, 0, device, 100, 0, 0, device.slice(0, 10) + '\0'.repeat(10)]);
  });

  test('stays the same if the program may not write to the file, or may not open it in this way', async () => {
    const folder = mkdtempSync('/dev/shm/pages-');
    const [path, link] = [join(folder, 'file'), join(folder, 'link')];
    try {
      chmodSync(folder, 0o755);
      symlinkSync(path, link);
      const result = await run(`
        const path = ${JSON.stringify(path)};
        const link = ${JSON.stringify(link)};
        const file = c.open(path, 0o102, 0o400);
        c.ftruncate(file, PAGE);
        const place = show(file, MAP_SHARED, 1);
        ioasMap(fd, ioas, place, PAGE, iova(0));
        // For root; for another user it changes nothing.
        c.setfsuid(65534);
        const forbidden = [c.truncate(path, 0), c.open(path, 0o1001, 0), ...look(place, iova(0))];
        c.setfsuid(0);
        c.fchmod(file, 0o600);
        const refused = [c.open(path, ${0o1001 | O_DIRECTORY}, 0), c.open(link, ${0o1001 | O_NOFOLLOW}, 0), ...look(place, iova(0))];
        c.open(link, 0o1001, 0);
        report({ forbidden, refused, gone: look(place, iova(0)) });`);
      const [EACCES, ENOTDIR, ELOOP] = [-13, -20, -40];
      expect(result).toEqual({
        forbidden: [EACCES, EACCES, ...MAPPED],
        refused: [ENOTDIR, ELOOP, ...MAPPED],
        gone: MISSING,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('is replaced by truncate() and O_TRUNC of a path, and not if they fail', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pages-'));
    try {
      const result = await run(`
        const file = newFile();
        const link = '/proc/self/fd/' + file;
        const place = show(file, MAP_SHARED);
        const path = ${JSON.stringify(join(folder, 'file'))};
        const onDisk = c.open(path, 0o102, 0o600);
        c.ftruncate(onDisk, FILE_PAGES * PAGE);
        const own = show(onDisk, MAP_PRIVATE);
        const map = () => [ioasUnmap(fd, ioas, 0, -1), ioasMap(fd, ioas, place, PAGE, iova(0)), ioasMap(fd, ioas, own, PAGE, iova(1))];
        const both = () => [look(place, iova(0)), look(own, iova(1))];
        map();
        c.truncate(link, PAGE + 1);
        c.truncate(path, PAGE);
        const outside = [...both(), c.open(path, 0o302, 0), ...both()];
        c.truncate(link, 0);
        c.truncate(path, 1);
        const partial = both();
        c.ftruncate(file, FILE_PAGES * PAGE);
        map();
        c.open(link, 0o1001, 0);
        c.open(path, 0o1001, 0);
        const gone = both();
        c.ftruncate(file, FILE_PAGES * PAGE);
        c.ftruncate(onDisk, FILE_PAGES * PAGE);
        map();
        c.fcntl(file, 1033, 2);
        const sealed = [c.truncate(link, 0), c.open(link, 0o1001, 0), ...both()];
        report({ outside, partial, gone, sealed, device: c.truncate('/dev/iommu', 0) });`);
      const [EPERM, EEXIST] = [-1, -17];
      expect(result).toEqual({
        outside: [MAPPED, MAPPED, EEXIST, MAPPED, MAPPED],
        partial: [MISSING, MAPPED],
        gone: [MISSING, MISSING],
        sealed: [EPERM, EPERM, MAPPED, MAPPED],
        device: EINVAL,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('that was pinned and lost does not prevent seals', async () => {
    const result = await run(`
      const file = newFile();
      ioasMapFile(fd, ioas, file, 0, PAGE, iova(0));
      const pinned = c.fcntl(file, 1033, 8);
      c.fallocate(file, 3, 0, PAGE);
      report({ pinned, lost: c.fcntl(file, 1033, 8) });`);
    expect(result).toEqual({ pinned: -16, lost: 0 });
  });
});

describe('a private mapping of a file', () => {
  test('has the file’s page until it is written or pinned for long', async () => {
    const result = await run(`
      const file = newFile();
      const own = show(file, MAP_PRIVATE);
      ioasMapFile(fd, ioas, file, 0, FILE_PAGES * PAGE, iova(0));
      const shared = look(own, iova(0));
      put(own, 'own');
      const written = look(own, iova(0));
      ioasMap(fd, ioas, own + PAGE, PAGE, iova(16));
      report({ shared, written, pinned: [look(own + PAGE, iova(16)), look(own + PAGE, iova(1))], next: look(own + 2 * PAGE, iova(2)) });`);
    expect(result).toEqual({ shared: MAPPED, written: OTHER, pinned: [MAPPED, [1, EINVAL]], next: MAPPED });
  });

  test('has no pages behind the end of the file', async () => {
    const result = await run(`
      const file = newFile();
      c.ftruncate(file, PAGE + 1);
      const own = show(file, MAP_PRIVATE);
      report({
        pages: [0, 1, 2].map((index) => pinsOf(own + index * PAGE)),
        range: [checkRefs(fd, 2 * PAGE, own, 0), checkRefs(fd, 3 * PAGE, own, 0)],
        mapped: [ioasMap(fd, ioas, own, 3 * PAGE, iova(0)), ioasMap(fd, ioas, own, 2 * PAGE, iova(0))],
      });`);
    expect(result).toEqual({ pages: [0, 0, EFAULT], range: [0, EFAULT], mapped: [EFAULT, 0] });
  });

  test('loses its copies by ftruncate(), and keeps them if the file gets a hole', async () => {
    const result = await run(`
      const file = newFile();
      const own = show(file, MAP_PRIVATE);
      for (const index of [0, 1]) put(own + index * PAGE, 'own');
      ioasMap(fd, ioas, own, 2 * PAGE, iova(0));
      c.fallocate(file, 3, 0, FILE_PAGES * PAGE);
      const hole = [look(own, iova(0)), get(own)];
      c.ftruncate(file, PAGE);
      const cut = [look(own, iova(0)), look(own + PAGE, iova(1))];
      c.ftruncate(file, FILE_PAGES * PAGE);
      const grown = [look(own + PAGE, iova(1)), get(own + PAGE)];
      ioasMap(fd, ioas, own + PAGE, PAGE, iova(16));
      report({ hole, cut, grown, again: look(own + PAGE, iova(16)) });`);
    expect(result).toEqual({
      hole: [MAPPED, 'own'],
      cut: [MAPPED, MISSING],
      grown: [OTHER, '\0\0\0'],
      again: MAPPED,
    });
  });
});

describe('private memory', () => {
  test('stays in place if it is pinned when MADV_FREE would free it later', async () => {
    const result = await run(`
      const [FREE, PAGEOUT] = [8, 21];
      const place = memory(3 * PAGE);
      put(place, 'own');
      ioasMap(fd, ioas, place, PAGE, iova(0));
      const freed = [c.madvise(place, 2 * PAGE, FREE), c.madvise(place, 2 * PAGE, PAGEOUT)];
      const after = [get(place), look(place, iova(0))];
      c.munmap(place + PAGE, PAGE);
      const gap = c.madvise(place, 3 * PAGE, FREE);
      const file = newFile();
      c.mmap(place + PAGE, PAGE, PROT, MAP_PRIVATE | MAP_FIXED, file, 0);
      report({ freed, after, gap, file: c.madvise(place, 2 * PAGE, FREE), unaligned: c.madvise(place + 1, PAGE, FREE) });`);
    expect(result).toEqual({
      freed: [0, 0],
      after: ['own', MAPPED],
      gap: -12,
      file: EINVAL,
      unaligned: EINVAL,
    });
  });

  test('that was pinned when a guard region was installed is replaced, and guards cannot be pinned', async () => {
    const result = await run(`
      const [INSTALL, REMOVE] = [102, 103];
      const place = memory(2 * PAGE);
      ioasMap(fd, ioas, place, 2 * PAGE, iova(0));
      const installed = c.madvise(place, PAGE, INSTALL);
      const guarded = [look(place, iova(0)), ioasMap(fd, ioas, place, PAGE, iova(16)), look(place + PAGE, iova(1))];
      c.madvise(place, PAGE, REMOVE);
      const file = newFile();
      const shared = show(file, MAP_SHARED);
      ioasMap(fd, ioas, shared, PAGE, iova(32));
      c.madvise(shared, PAGE, INSTALL);
      const hidden = look(shared, iova(32));
      c.madvise(shared, PAGE, REMOVE);
      report({ installed, guarded, removed: look(place, iova(0)), shared: [hidden, look(shared, iova(32))] });`);
    // Linux before 6.13 has no guard regions.
    const isOld = (result as { readonly installed: number }).installed === EINVAL;
    expect(result).toEqual(
      isOld
        ? { installed: EINVAL, guarded: [MAPPED, 0, MAPPED], removed: [2, 0], shared: [MAPPED, MAPPED] }
        : { installed: 0, guarded: [MISSING, EFAULT, MAPPED], removed: OTHER, shared: [MISSING, MAPPED] },
    );
  });

  test('that is write-only can be pinned for reading once it is in the page table', async () => {
    const result = await run(`
      const place = memory(2 * PAGE);
      put(place, 'own');
      c.mprotect(place, 2 * PAGE, 2);
      // IOMMU_IOAS_MAP_FIXED_IOVA and _READABLE
      const map = (address, where) => call(fd, 0x85, 40, 5, ioas, 0, BigInt(address), BigInt(PAGE), BigInt(where)).result;
      const mapped = [map(place, iova(0)), map(place + PAGE, iova(1))];
      report({ mapped, look: [look(place, iova(0)), look(place + PAGE, iova(1))] });`);
    expect(result).toEqual({ mapped: [0, EFAULT], look: [MAPPED, MISSING] });
  });

  test('of a stack grows by the kernel’s copies, and not by pins', async () => {
    const result = await run(`
      const GROWSDOWN = 0x100;
      const room = memory(2048 * PAGE);
      c.munmap(room, 2048 * PAGE);
      const stack = c.mmap(room + 1024 * PAGE, PAGE, PROT, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | GROWSDOWN, -1, 0);
      const below = stack - 8 * PAGE;
      const pinned = ioasMap(fd, ioas, below, PAGE, iova(0));
      const copied = c.ioctlAt(fd, 0x3b81, below);
      report({ pinned, copied, then: ioasMap(fd, ioas, below, PAGE, iova(0)), tooFar: c.ioctlAt(fd, 0x3b81, 1 << 16) });`);
    expect(result).toEqual({ pinned: EFAULT, copied: EINVAL, then: 0, tooFar: EFAULT });
  });
});

test('shared memory without a file keeps its pages under MADV_DONTNEED, and loses them by MADV_REMOVE', async () => {
  const result = await run(`
    const [DONTNEED, REMOVE] = [4, 9];
    const place = memory(2 * PAGE, MAP_SHARED);
    put(place, 'own');
    ioasMap(fd, ioas, place, 2 * PAGE, iova(0));
    const dropped = [c.madvise(place, PAGE, DONTNEED), look(place, iova(0)), get(place)];
    const removed = [c.madvise(place, PAGE, REMOVE), look(place, iova(0)), get(place)];
    report({ dropped, removed, other: look(place + PAGE, iova(1)) });`);
  expect(result).toEqual({ dropped: [0, MAPPED, 'own'], removed: [0, OTHER, '\0\0\0'], other: MAPPED });
});

test('a segment of shmget() is the same memory wherever it is attached', async () => {
  const result = await run(`
    const [PRIVATE, CREATE, REMOVE] = [0, 0o1600, 0];
    const id = c.shmget(PRIVATE, PAGE, CREATE);
    const [one, other] = [c.shmat(id, 0, 0), c.shmat(id, 0, 0)];
    c.shmctl(id, REMOVE, null);
    const mapped = ioasMap(fd, ioas, one, PAGE, iova(0));
    put(one, 'shm');
    const both = [look(one, iova(0)), look(other, iova(0))];
    c.shmdt(one);
    const left = [look(other, iova(0)), get(other)];
    report({ mapped, both, left, detached: c.shmdt(other) });`);
  expect(result).toEqual({ mapped: 0, both: [MAPPED, MAPPED], left: [MAPPED, 'shm'], detached: 0 });
});

test('a segment of shmget() keeps its contents for devices after shmdt(), also if it has several mappings', async () => {
  const result = await run(`
    const [PRIVATE, CREATE, REMOVE] = [0, 0o1600, 0];
    const id = c.shmget(PRIVATE, 3 * PAGE, CREATE);
    const place = c.shmat(id, 0, 0);
    c.shmctl(id, REMOVE, null);
    const mapped = ioasMap(fd, ioas, place, 3 * PAGE, iova(0));
    for (const i of [0, 1, 2]) put(place + i * PAGE, 'abc'[i].repeat(PAGE));
    c.mprotect(place + PAGE, PAGE, 1);
    const access = testCmd(fd, 5, ioas, 0).bytes.readUInt32LE(16);
    const buffer = memory(PAGE);
    // MOCK_ACCESS_RW_SLOW_PATH: of several pages, the pinned ones are read.
    const read = (index) => [testCmd(fd, 8, access, iova(index) - 1, 2, buffer, 4).result, get(buffer, 2)];
    report([mapped, c.shmdt(place), read(1), read(2)]);`);
  expect(result).toEqual([0, 0, [0, 'ab'], [0, 'bc']]);
});
