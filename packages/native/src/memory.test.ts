import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { FakeKernel, MockDevice, mockModule } from '@iommufd/fakekernel';
import { boot, readTapes, replay } from '@iommufd/tape';
import { platform } from './platform.js';
import { runScript, TestProgram } from './programs/program.testing.js';

afterEach(() => TestProgram.killAll());

const IOVA = 1 << 24;

/** The start of a program with a device: `fd`, `ioas`, and `device`, which is attached to it. */
const WITH_DEVICE = `
const fd = iommu();
const ioas = ioasAlloc(fd);
const device = c.open('/dev/vfio/devices/vfio0', O_RDWR, 0);
bind(device, fd);
attach(device, ioas);
const IOVA = ${IOVA};
const page = (index) => IOVA + index * 4096;`;

function machine(): { readonly kernel: FakeKernel; readonly device: MockDevice } {
  const kernel = new FakeKernel([mockModule]);
  const device = new MockDevice();
  kernel.plug(device);
  return { kernel, device };
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
async function readText({ dma }: MockDevice, iova: number, length: number): Promise<string> {
  return Buffer.from(await dma.read(BigInt(iova), length)).toString();
}

/** The number of huge pages of 2 MiB that an administrator has reserved on this machine. */
const freeHugePages = Number(
  /^HugePages_Free: *(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0,
);
const withHugePages = freeHugePages >= 3 ? test : test.skip;

/** Helpers for memory in huge and ordinary pages: MAP_HUGETLB and MFD_HUGETLB. `dirtyOf` counts the pages that one byte makes dirty. */
const HUGE_PAGES = `
const HUGE = 2 << 20;
const fd = iommu();
const ioas = ioasAlloc(fd);
const { idev } = mockDomain(fd, ioas);
const file = c.memfd('huge', 4);
c.ftruncate(file, 2 * HUGE);
const places = {
  shared: c.mmap(0, 2 * HUGE, PROT, MAP_SHARED, file, 0) + HUGE,
  own: c.mmap(0, HUGE, PROT, MAP_PRIVATE | MAP_ANONYMOUS | 0x40000, -1, 0),
  small: memory(HUGE),
};
const IOVA = ${IOVA};
const hwpt = call(fd, 0x89, 48, 2, idev, ioas, 0, 0, 0, 0, 0n, 0, 0).bytes.readUInt32LE(16);
call(fd, 0x8b, 16, 1, hwpt, 0);
const bitmap = Buffer.alloc(4096).subarray(0, 64);
const dirtyPages = () => {
  bitmap.fill(0);
  const { result } = call(fd, 0x8c, 48, hwpt, 0, 0, BigInt(IOVA), BigInt(HUGE), 4096n, addressOf(bitmap));
  return result < 0 ? result : [...bitmap].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
};
const dirtyOf = (place) => {
  ioasMap(fd, ioas, place, HUGE, IOVA);
  bitmap.fill(0);
  bitmap[0] = 1 << 5;
  testCmd(fd, 13, hwpt, 0, IOVA, HUGE, 4096, addressOf(bitmap));
  const pages = dirtyPages();
  ioasUnmap(fd, ioas, IOVA, HUGE);
  return pages;
};`;

describe('memory of a program', () => {
  test('that is pinned prevents seals against writes on its memfd', async () => {
    const { kernel } = machine();
    const result = await runScript(
      kernel,
      `${WITH_DEVICE}
       const [ADD_SEALS, GET_SEALS, SEAL_SHRINK, SEAL_WRITE, SEAL_EXEC] = [1033, 1034, 2, 8, 0x20];
       const file = c.memfd('guest', 2);
       c.ftruncate(file, 8192);
       const mapped = ioasMapFile(fd, ioas, file, 0, 8192, page(0));
       const readOnly = c.open('/proc/self/fd/' + file, 0, 0);
       const pinned = [c.fcntl(file, ADD_SEALS, SEAL_SHRINK), c.fcntl(file, ADD_SEALS, SEAL_WRITE), c.fcntl(readOnly, ADD_SEALS, SEAL_WRITE),
         c.fcntl(file, ADD_SEALS, SEAL_EXEC), c.fcntl(file, ADD_SEALS, SEAL_WRITE | 0x100), c.fcntl(file, GET_SEALS, 0)];
       const unmapped = ioasUnmap(fd, ioas, page(0), 8192);
       report({ mapped, pinned, unmapped, free: c.fcntl(file, ADD_SEALS, SEAL_WRITE) });`,
    );
    const [EBUSY, EPERM, EINVAL] = [-16, -1, -22];
    expect(result).toEqual({ mapped: 0, pinned: [0, EBUSY, EPERM, EBUSY, EINVAL, 2], unmapped: 0, free: 0 });
  });

  test('of the kernel is mapped at a valid address, and cannot grow', async () => {
    const { kernel } = machine();
    const result = await runScript(
      kernel,
      `const [NOREPLACE, MAYMOVE, DONTUNMAP] = [0x100000, 1, 4];
       const fd = iommu();
       const ioas = ioasAlloc(fd);
       const { idev } = mockDomain(fd, ioas);
       const parent = call(fd, 0x89, 48, 1, idev, ioas, 0, 0, 0, 0, 0n, 0, 0).bytes.readUInt32LE(16);
       const data = struct(0x1234, 0, 0n, 0n);
       call(fd, 0x90, 40, 0, 0xdeadbeef, idev, parent, 0, 24, 0, addressOf(data));
       const [offset, length] = [Number(data.readBigUInt64LE(8)), Number(data.readBigUInt64LE(16))];
       const taken = memory(length);
       const map = (address, flags, at, prot = 3) => Number(c.mmap(address, length, prot, flags, fd, at));
       const refused = [
         map(taken, MAP_PRIVATE | NOREPLACE, offset + 4096),
         map(taken, MAP_SHARED | NOREPLACE, offset, 7),
         map(taken + 1, MAP_SHARED | MAP_FIXED, offset + 4096),
         map(-4096, MAP_SHARED | MAP_FIXED, offset + 4096),
       ];
       c.munmap(taken, length);
       const place = map(taken, MAP_SHARED | NOREPLACE, offset);
       const remap = (from, to, flags) => Number(c.mremap(place, from, to, flags));
       refused.push(remap(length, 2 * length, 0), remap(length, 2 * length, MAYMOVE), remap(0, length, MAYMOVE),
         remap(length, length, MAYMOVE | DONTUNMAP), remap(length, 2 * length, 8));
       report({ refused, placed: place === taken, shrunk: remap(length, 4096, 0) === place });`,
    );
    const [ENOMEM, EFAULT, EEXIST, EINVAL] = [-12, -14, -17, -22];
    expect(result).toEqual({
      refused: [EEXIST, EEXIST, EINVAL, ENOMEM, EFAULT, EFAULT, EFAULT, EINVAL, EINVAL],
      placed: true,
      shrunk: true,
    });
  });

  test('stays shared with devices if mremap() fails with EINVAL', async () => {
    const { kernel, device } = machine();
    const program = await TestProgram.start(
      kernel,
      `${WITH_DEVICE}
       const place = memory(2 * 4096);
       for (let i = 0; i < 2; i++) at(place + i * 4096, 4).write('old' + i);
       ioasMap(fd, ioas, place, 2 * 4096, IOVA);
       const results = [Number(c.mremap(place, 8192, 0, 0)), Number(c.mremap(place, 8192, 4096, 8))];
       meet('refused');
       report({ results, now: [0, 1].map((i) => at(place + i * 4096, 4).toString('latin1')) });`,
    );
    await program.meet('refused');
    for (let i = 0; i < 2; i++) await device.dma.write(BigInt(IOVA + i * 4096), bytes(`new${i}`));
    program.goOn();
    expect(await program.result()).toEqual({ results: [-22, -22], now: ['new0', 'new1'] });
  });

  test.each([
    ['shrinks or stays', 'c.mremap(place, 8192, 4096, 1)', 0],
    ['may grow', 'c.mremap(place, 8192, 12288, 1)', 1],
    ['has a target', 'c.mremap(place, 8192, 8192, 3, memory(8192))', 1],
    ['is mapped twice', 'c.mremap(place, 8192, 8192, 5)', 1],
  ])('leads to a notice if mremap() may move it: it %s', async (_name, call, count) => {
    const notices: string[] = [];
    const result = await runScript(
      machine().kernel,
      `${WITH_DEVICE}
       const place = memory(8192);
       ioasMap(fd, ioas, place, 8192, IOVA);
       report(Number(${call}) > 0);`,
      { onNotice: (what) => void notices.push(what) },
    );
    expect(result).toBe(true);
    expect(notices).toEqual(
      Array(count).fill(
        'mremap() may move memory that is mapped for devices: they go on with the old address',
      ),
    );
  });

  test('that is a private file mapping no longer changes with the file once it is pinned, even for reads', async () => {
    const { kernel } = machine();
    const result = await runScript(
      kernel,
      `${WITH_DEVICE}
       const file = c.memfd('guest', 0);
       c.ftruncate(file, 3 * 4096);
       const all = c.mmap(0, 4 * 4096, 3, MAP_PRIVATE, file, 0);
       const readOnly = c.mmap(0, 3 * 4096, 1, MAP_PRIVATE, file, 0);
       const READABLE = 5;
       const map = (place, count, index) => call(fd, 0x85, 40, READABLE, ioas, 0, BigInt(place), BigInt(count * 4096), BigInt(page(index))).result;
       at(all, 1)[0] = 1;
       const mapped = [map(all, 2, 0), map(readOnly + 4096, 1, 2), ioasMap(fd, ioas, all, 4096, page(3)), map(all + 2 * 4096, 2, 4)];
       for (let i = 0; i < 3; i++) c.pwrite(file, Buffer.from([9]), 1, i * 4096);
       const seen = (place) => [0, 1, 2].map((i) => at(place + i * 4096, 1)[0]);
       report({ mapped, seen: [seen(all), seen(readOnly)] });`,
    );
    expect(result).toEqual({
      mapped: [0, 0, 0, -14],
      seen: [
        [1, 0, 0],
        [9, 0, 9],
      ],
    });
  });

  test('stays shared with devices if madvise() drops nothing', async () => {
    const { kernel, device } = machine();
    const program = await TestProgram.start(
      kernel,
      `${WITH_DEVICE}
       const [DONTNEED, REMOVE, DONTNEED_LOCKED] = [4, 9, 24];
       const place = memory(4 * 4096);
       c.mlock(place + 4096, 2 * 4096);
       for (let i = 0; i < 4; i++) at(place + i * 4096, 4).write('old' + i);
       ioasMap(fd, ioas, place, 4 * 4096, IOVA);
       const results = [c.madvise(place, 4096, REMOVE), c.madvise(place + 4096, 8192, DONTNEED),
         c.madvise(place + 8192, 4096, DONTNEED_LOCKED), c.madvise(place + 8192, 8192, DONTNEED)];
       meet('dropped');
       report({ results, now: [0, 1, 2, 3].map((i) => at(place + i * 4096, 4).toString('latin1')) });`,
    );
    await program.meet('dropped');
    for (let i = 0; i < 4; i++) {
      expect(await readText(device, IOVA + i * 4096, 4)).toBe(`old${i}`);
      await device.dma.write(BigInt(IOVA + i * 4096), bytes(`new${i}`));
    }
    program.goOn();
    const EINVAL = -22;
    expect(await program.result()).toEqual({
      results: [EINVAL, EINVAL, 0, EINVAL],
      now: ['new0', 'new1', '\0\0\0\0', 'new3'],
    });
    expect(kernel.leftOver()).toEqual([]);
  });

  test('keeps its contents for devices when process_madvise() drops it', async () => {
    const { kernel, device } = machine();
    const program = await TestProgram.start(
      kernel,
      `${WITH_DEVICE}
       const [number, MADV_DONTNEED, PIDFD_SELF] = [440, 4, -10000];
       const address = memory(8192);
       at(address, 4096).write('old');
       ioasMap(fd, ioas, address, 8192, page(0));
       const pidfd = c.syscall(434, c.getpid(), 0, 0, 0);
       const iov = struct(BigInt(address), 4096n);
       const flagged = c.process_madvise(number, pidfd, struct(BigInt(address + 4096), 4096n), 1, MADV_DONTNEED, 1);
       at(address + 4096, 4096).write('kept');
       const other = c.process_madvise(number, c.syscall(434, 1, 0, 0, 0), iov, 1, MADV_DONTNEED, 0);
       const before = at(address, 4096).toString('latin1', 0, 3);
       const result = c.process_madvise(number, pidfd, iov, 1, MADV_DONTNEED, 0);
       const dropped = at(address, 4096)[0] === 0;
       at(address, 4096).write('new');
       report({ flagged, other: other < 0, before, kernelTakesIt: result >= 0, dropped });
       meet('dropped');`,
    );
    const said = (await program.next()) as { kernelTakesIt: boolean; dropped: boolean };
    expect(said).toMatchObject({ flagged: -22, other: true, before: 'old', dropped: said.kernelTakesIt });
    await program.meet('dropped');
    // Before Linux 6.15 the call fails and drops nothing, so the device sees the program's writes.
    expect(await readText(device, IOVA, 3)).toBe(said.kernelTakesIt ? 'old' : 'new');
    expect(await readText(device, IOVA + 4096, 4)).toBe('kept');
    program.goOn();
    await program.exit();
  });

  test('stays shared with devices behind the first segment for which process_madvise() fails', async () => {
    const { kernel, device } = machine();
    const program = await TestProgram.start(
      kernel,
      `${WITH_DEVICE}
       const [number, DONTNEED] = [440, 4];
       const place = memory(4 * 4096);
       c.mlock(place + 4096, 4096);
       for (let i = 0; i < 4; i++) at(place + i * 4096, 4).write('old' + i);
       ioasMap(fd, ioas, place, 4 * 4096, IOVA);
       const drop = (...pages) => {
         const iov = pages.flatMap((page) => [BigInt(place + page * 4096), 4096n]);
         return c.process_madvise(number, c.syscall(434, c.getpid(), 0, 0, 0), struct(...iov), pages.length, DONTNEED, 0);
       };
       drop(1, 2);
       drop(0.5, 3);
       meet('dropped');
       report([0, 1, 2, 3].map((i) => at(place + i * 4096, 4).toString('latin1')));`,
    );
    await program.meet('dropped');
    for (let i = 0; i < 4; i++) await device.dma.write(BigInt(IOVA + i * 4096), bytes(`new${i}`));
    program.goOn();
    expect(await program.result()).toEqual(['new0', 'new1', 'new2', 'new3']);
  });

  withHugePages('in huge pages is dirty as a whole, also in its recording', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'iommufd-memory-')), 'tape.jsonl');
    const body = `${HUGE_PAGES}
      const dirty = Object.values(places).map(dirtyOf);
      c.munmap(places.own, HUGE);
      // Other memory at the addresses of huge pages.
      const small = c.mmap(places.own, HUGE, PROT, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
      report([...dirty, dirtyOf(small)]);`;
    const record = { file, machine: { mock: true } };
    const program = await TestProgram.start(new FakeKernel([mockModule]), body, { record });
    expect(await program.result()).toEqual([512, 512, 1, 1]);
    await program.run.allExited;
    const [tape] = readTapes(file);
    if (tape === undefined) throw new Error('there is no tape');
    expect(tape.steps.filter((step) => step.op === 'memfd')).toMatchObject([{ huge: true }]);
    expect(replay(tape, boot).difference).toBeUndefined();
  });

  withHugePages('in huge pages is reached by devices', async () => {
    const { kernel, device } = machine();
    const program = await TestProgram.start(
      kernel,
      `${WITH_DEVICE}
       const HUGE = 2 << 20;
       const file = c.memfd('huge', 4);
       c.ftruncate(file, 2 * HUGE);
       const shared = c.mmap(0, HUGE, PROT, MAP_SHARED, file, 0);
       const own = c.mmap(0, HUGE, PROT, MAP_PRIVATE | MAP_ANONYMOUS | 0x40000, -1, 0);
       ioasMap(fd, ioas, shared, HUGE, IOVA);
       ioasMap(fd, ioas, own, HUGE, IOVA + HUGE);
       // Pages that the program has never touched.
       ioasMapFile(fd, ioas, file, HUGE, HUGE, IOVA + 2 * HUGE);
       at(shared, 4).write('abcd');
       at(own, 4).write('efgh');
       meet('mapped');
       const mapped = c.mmap(0, 2 * HUGE, PROT, MAP_SHARED, file, 0);
       report([shared + 8192, own + 8192, mapped + HUGE + 8192].map((place) => at(place, 4).toString()));`,
    );
    await program.meet('mapped');
    const places = [0, 1, 2].map((i) => IOVA + i * (2 << 20));
    for (const [i, place] of places.entries()) await device.dma.write(BigInt(place + 8192), bytes(`new${i}`));
    expect(await Promise.all(places.map((place) => readText(device, place, 4)))).toEqual([
      'abcd',
      'efgh',
      '\0\0\0\0',
    ]);
    expect(await readText(device, places[2] ?? 0, 8196)).toBe('\0'.repeat(8192) + 'new2');
    program.goOn();
    expect(await program.result()).toEqual(['new0', 'new1', 'new2']);
  });

  test('of a memfd keeps its contents for devices when the file is truncated or gets a hole, unless a seal prevents it', async () => {
    const { kernel, device } = machine();
    const program = await TestProgram.start(
      kernel,
      `${WITH_DEVICE}
       const files = [0, 1, 2].map(() => c.memfd('guest', 2));
       const mapped = files.map((file, i) => {
         c.ftruncate(file, 8192);
         c.pwrite(file, Buffer.from('old of ' + i + '.'.repeat(120)), 8, 4096);
         return ioasMapFile(fd, ioas, file, 0, 8192, page(2 * i));
       });
       const [PUNCH_HOLE, KEEP_SIZE, ADD_SEALS, SEAL_SHRINK] = [2, 1, 1033, 2];
       c.fcntl(files[2], ADD_SEALS, SEAL_SHRINK);
       const results = [
         c.ftruncate(files[0], 4096),
         c.fallocate(files[1], PUNCH_HOLE | KEEP_SIZE, 4096, 4096),
         c.ftruncate(files[2], 0),
       ];
       c.ftruncate(files[0], 8192);
       meet('cut');
       const bytes = Buffer.alloc(128);
       report({ mapped, results, now: files.map((file) => (c.pread(file, bytes, 8, 4096), bytes.toString('latin1', 0, 4))) });`,
    );
    await program.meet('cut');
    for (let i = 0; i < 3; i++) {
      expect(await readText(device, IOVA + 2 * i * 4096 + 4096, 8)).toBe(`old of ${i}`);
      await device.dma.write(BigInt(IOVA + 2 * i * 4096 + 4096), bytes('new '));
    }
    program.goOn();
    expect(await program.result()).toEqual({
      mapped: [0, 0, 0],
      results: [0, 0, -1],
      now: ['\0\0\0\0', '\0\0\0\0', 'new '],
    });
    expect(kernel.leftOver()).toEqual([]);
  });

  test('of a memfd stays in the file if a seal forbids the hole', async () => {
    const { kernel, device } = machine();
    const program = await TestProgram.start(
      kernel,
      `${WITH_DEVICE}
       const [ADD_SEALS, SEAL_FUTURE_WRITE, PUNCH_HOLE, KEEP_SIZE, REMOVE] = [1033, 0x10, 2, 1, 9];
       const file = c.memfd('guest', 2);
       c.ftruncate(file, 8192);
       const start = c.mmap(0, 8192, PROT, MAP_SHARED, file, 0);
       const results = [
         ioasMapFile(fd, ioas, file, 0, 8192, page(0)),
         c.fcntl(file, ADD_SEALS, SEAL_FUTURE_WRITE),
         c.fallocate(file, PUNCH_HOLE | KEEP_SIZE, 0, 4096),
         c.madvise(start + 4096, 4096, REMOVE),
       ];
       at(start, 4).write('new0');
       at(start + 4096, 4).write('new1');
       meet('written');
       report(results);`,
    );
    await program.meet('written');
    expect([await readText(device, IOVA, 4), await readText(device, IOVA + 4096, 4)]).toEqual([
      'new0',
      'new1',
    ]);
    program.goOn();
    expect(await program.result()).toEqual([0, 0, -1, -1]);
  });

  test('of a memfd is written by devices after F_SEAL_FUTURE_WRITE', async () => {
    const { kernel, device } = machine();
    const program = await TestProgram.start(
      kernel,
      `${WITH_DEVICE}
       const [ADD_SEALS, SEAL_WRITE, SEAL_FUTURE_WRITE] = [1033, 8, 0x10];
       const sealed = (step) => {
         const file = c.memfd('guest', 2);
         c.ftruncate(file, 4096);
         const results = step(file);
         return { file, results };
       };
       const seal = (file, which) => c.fcntl(file, ADD_SEALS, which);
       const map = (file, index) => ioasMapFile(fd, ioas, file, 0, 4096, page(index));
       const unseen = sealed((file) => [map(file, 0), seal(file, SEAL_FUTURE_WRITE)]);
       const mapped = sealed((file) => {
         c.mmap(0, 4096, PROT, MAP_SHARED, file, 0);
         return [seal(file, SEAL_FUTURE_WRITE), map(file, 1)];
       });
       meet('sealed');
       const text = ({ file }) => at(c.mmap(0, 4096, 1, MAP_SHARED, file, 0), 4).toString();
       const texts = [text(unseen), text(mapped)];
       const pinned = seal(unseen.file, SEAL_WRITE);
       ioasUnmap(fd, ioas, page(0), 4096);
       report({ results: [unseen.results, mapped.results], texts, pinned, free: seal(unseen.file, SEAL_WRITE) });`,
    );
    await program.meet('sealed');
    await device.dma.write(BigInt(IOVA), bytes('dev0'));
    await device.dma.write(BigInt(IOVA + 4096), bytes('dev1'));
    expect([await readText(device, IOVA, 4), await readText(device, IOVA + 4096, 4)]).toEqual([
      'dev0',
      'dev1',
    ]);
    program.goOn();
    expect(await program.result()).toEqual({
      results: [
        [0, 0],
        [0, 0],
      ],
      texts: ['dev0', 'dev1'],
      pinned: -16,
      free: 0,
    });
  });

  withHugePages(
    'of a file of huge pages loses only whole ones to a hole, and none to a cut within one',
    async () => {
      const { kernel, device } = machine();
      const program = await TestProgram.start(
        kernel,
        `${WITH_DEVICE}
       const HUGE = 2 << 20;
       const [PUNCH_HOLE, KEEP_SIZE] = [2, 1];
       const file = c.memfd('guest', 4);
       c.ftruncate(file, 2 * HUGE);
       const start = c.mmap(0, 2 * HUGE, PROT, MAP_SHARED, file, 0);
       at(start, 4).write('old0');
       at(start + 4096, 4).write('old1');
       at(start + HUGE, 4).write('old2');
       const results = [
         ioasMapFile(fd, ioas, file, 0, 2 * HUGE, IOVA),
         c.ftruncate(file, HUGE + 4096),
         c.fallocate(file, PUNCH_HOLE | KEEP_SIZE, 4096, 2 * HUGE - 4096),
       ];
       at(start, 4).write('new0');
       meet('cut');
       report(results);`,
      );
      await program.meet('cut');
      const read = [0, 4096, 2 << 20].map((offset) => readText(device, IOVA + offset, 4));
      expect(await Promise.all(read)).toEqual(['new0', '\0\0\0\0', 'old2']);
      program.goOn();
      expect(await program.result()).toEqual([0, -22, 0]);
    },
  );

  test('is read and written by devices in place, private, shared, and of a memfd', async () => {
    const { kernel, device } = machine();
    const program = await TestProgram.start(
      kernel,
      `${WITH_DEVICE}
       const file = c.memfd('guest', 0);
       c.ftruncate(file, 16384);
       const places = [memory(8192), memory(8192, MAP_SHARED), c.mmap(0, 16384, PROT, MAP_SHARED, file, 0)];
       const mapped = places.map((place, i) => ioasMap(fd, ioas, place, 8192, page(2 * i)));
       mapped.push(ioasMapFile(fd, ioas, file, 8192, 8192, page(6)));
       const views = [...places.map((place) => at(place, 8192)), at(places[2] + 8192, 8192)];
       views.forEach((view, i) => view.write('from program ' + i, 100));
       meet('mapped');
       report({ mapped, seen: views.map((view) => view.toString('latin1', 4090, 4100)) });`,
    );
    await program.meet('mapped');
    for (let i = 0; i < 4; i++) {
      const start = IOVA + 2 * i * 4096;
      expect(await readText(device, start + 100, 14)).toBe(`from program ${i}`);
      await device.dma.write(BigInt(start + 4090), bytes(`device ${i}..`));
    }
    program.goOn();
    expect(await program.result()).toEqual({
      mapped: [0, 0, 0, 0],
      seen: [0, 1, 2, 3].map((i) => `device ${i}..`),
    });
    expect(kernel.leftOver()).toEqual([]);
  });

  test('keeps its contents for devices when the program unmaps, replaces, drops or protects it', async () => {
    const { kernel, device } = machine();
    const program = await TestProgram.start(
      kernel,
      `${WITH_DEVICE}
       const place = memory(6 * 4096);
       const view = at(place, 6 * 4096);
       for (let i = 0; i < 6; i++) view.write('page ' + i, i * 4096);
       ioasMap(fd, ioas, place, 6 * 4096, IOVA);
       c.munmap(place, 4096);
       c.mmap(place + 4096, 4096, PROT, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
       c.madvise(place + 2 * 4096, 4096, 4);
       c.mprotect(place + 3 * 4096, 4096, 0);
       c.mmap(place, 4096, PROT, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
       meet('changed');
       c.mprotect(place + 3 * 4096, 4096, PROT);
       const hwpt = mockDomain(fd, ioas).hwpt;
       const own = [0, 1, 2, 3, 4].map((i) => checkMap(fd, hwpt, page(i), 4096, place + i * 4096));
       report({ seen: [0, 1, 2, 3, 4].map((i) => view.toString('latin1', i * 4096, i * 4096 + 5)), own });`,
    );
    await program.meet('changed');
    for (let i = 0; i < 5; i++) {
      expect(await readText(device, IOVA + i * 4096, 6)).toBe(`page ${i}`);
      await device.dma.write(BigInt(IOVA + i * 4096), bytes(`DMA ${i}`));
      expect(await readText(device, IOVA + i * 4096, 6)).toBe(`DMA ${i}${i}`);
    }
    program.goOn();
    expect(await program.result()).toEqual({
      seen: ['\0\0\0\0\0', '\0\0\0\0\0', '\0\0\0\0\0', 'DMA 3', 'DMA 4'],
      own: [-22, -22, -22, 0, 0],
    });
    expect(kernel.leftOver()).toEqual([]);
  });

  test('keeps its contents for devices after the end or exec of the process, while others have the files open', async () => {
    const { kernel, device } = machine();
    const program = await TestProgram.start(
      kernel,
      `${WITH_DEVICE}
       const child = (index, last) => inChild(() => {
         const place = memory(2 * 4096);
         at(place, 4096).write('child ' + index);
         if (ioasMap(fd, ioas, place, 2 * 4096, page(4 * index)) !== 0) return 1;
         if (ioasMap(fd, ioas, place + 4096, 4096, page(4 * index + 2)) !== 0) return 2;
         return last();
       });
       const statuses = [
         child(0, () => 0),
         child(1, () => (execute('/no/such/program') === -2 ? 3 : 4)),
         child(2, () => execute('/bin/true')),
       ];
       meet('ended');
       const unmapped = [0, 1, 2].map((index) => ioasUnmap(fd, ioas, page(4 * index), 2 * 4096));
       report({ statuses, unmapped });`,
    );
    await program.meet('ended');
    for (const index of [0, 1, 2]) {
      const start = IOVA + 4 * index * 4096;
      expect(await readText(device, start, 7)).toBe(`child ${index}`);
      // Two mappings of one page still show the same bytes.
      await device.dma.write(BigInt(start + 4096), bytes('DMA'));
      expect(await readText(device, start + 2 * 4096, 3)).toBe('DMA');
    }
    program.goOn();
    expect(await program.result()).toEqual({ statuses: [0, 3, 0], unmapped: [0, 0, 0] });
    expect(kernel.leftOver()).toEqual([]);
  });

  test('can be the last page of user space', async () => {
    const { kernel, device } = machine();
    const last = platform().taskSize - 4096;
    const program = await TestProgram.start(
      kernel,
      `${WITH_DEVICE}
       const NOREPLACE = 0x100000;
       const place = Number(c.mmap(${last}, 4096, PROT, MAP_PRIVATE | MAP_ANONYMOUS | NOREPLACE, -1, 0));
       at(place, 4).write('last');
       const mapped = ioasMap(fd, ioas, place, 4096, IOVA);
       struct(12, 0, 0).copy(at(place + 4096 - 12, 12));
       const argument = c.ioctlAt(fd, 0x3b81, place + 4096 - 12);
       meet('mapped');
       report({ place, mapped, argument, text: at(place, 4).toString('latin1'), unmapped: ioasUnmap(fd, ioas, IOVA, 4096) });`,
    );
    await program.meet('mapped');
    expect(await readText(device, IOVA, 4)).toBe('last');
    await device.dma.write(BigInt(IOVA), bytes('LAST'));
    program.goOn();
    expect(await program.result()).toEqual({
      place: last,
      mapped: 0,
      argument: 0,
      text: 'LAST',
      unmapped: 0,
    });
  });

  test('fails with EFAULT exactly where its protection forbids the access', async () => {
    const { kernel } = machine();
    const result = await runScript(
      kernel,
      `${WITH_DEVICE}
       const [NONE, READ, WRITE] = [0, 1, 2];
       const tries = [NONE, READ, WRITE, PROT].map((prot) => {
         const place = memory(8192);
         c.mprotect(place, 8192, prot);
         const argument = memory(4096);
         struct(12, 0, 0).copy(at(argument, 12));
         c.mprotect(argument, 4096, prot);
         return [ioasMap(fd, ioas, place, 8192, page(16 * (prot + 1))), c.ioctlAt(fd, 0x3b81, argument)];
       });
       const edge = memory(8192);
       c.munmap(edge + 4096, 4096);
       struct(12, 0, 0).copy(at(edge + 4096 - 12, 12));
       struct(12, 0).copy(at(edge + 4096 - 24, 8));
       const over = at(edge + 4096 - 8, 8); 
       report({
         tries,
         atTheEnd: c.ioctlAt(fd, 0x3b81, edge + 4096 - 12),
         beyond: (struct(12, 0).copy(over), c.ioctlAt(fd, 0x3b81, edge + 4096 - 8)),
         pointers: [0, 1, 4096, -1, -4096, 2 ** 47 - 4096, 2 ** 47, 2 ** 62].map((address) => c.ioctlAt(fd, 0x3b81, BigInt.asUintN(64, BigInt(address)))),
       });`,
    );
    // Write-only memory can also be read.
    expect(result).toEqual({
      tries: [
        [-14, -14],
        [-14, -14],
        [0, 0],
        [0, 0],
      ],
      atTheEnd: 0,
      beyond: -14,
      pointers: [-14, -14, -14, -14, -14, -14, -14, -14],
    });
  });
});
