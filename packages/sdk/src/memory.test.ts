import { expect, test } from '@jest/globals';
import { onEveryBackend } from './bench.testing.js';
import { counted, errorOf, IOVA, PAGE, pattern, plugged } from './devices.testing.js';
import { IommufdError } from './index.js';

onEveryBackend((open) => {
  test('memory is zero at first, and in place over all its pages', async () => {
    const bench = open();
    const { hardware, device } = plugged(bench);
    const ioas = bench.iommufd.allocIoas();
    device.attach(ioas);
    const memory = bench.iommufd.allocMemory(100 * PAGE);
    const bytes = memory.bytes();
    expect(bytes).toHaveLength(100 * PAGE);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    expect(memory.address % 4096n).toBe(0n);
    ioas.mapMemory(memory, { iova: IOVA });
    // What devices write is seen through what was given out before, over the ends of pages.
    const written = pattern(3 * PAGE + 5);
    await hardware.dma.write(IOVA + 4000n, written);
    expect(Buffer.compare(bytes.subarray(4000, 4000 + written.length), written)).toBe(0);
    // And the other way round.
    memory.bytes(50 * PAGE - 4, 8).set(pattern(8, 77));
    expect(bytes.subarray(50 * PAGE - 4, 50 * PAGE + 4)).toEqual(pattern(8, 77));
    expect(await hardware.dma.read(IOVA + BigInt(50 * PAGE - 4), 8)).toEqual(pattern(8, 77));
  });

  test('parts of memory overlap in place', () => {
    const bench = open();
    const memory = bench.iommufd.allocMemory(2 * PAGE);
    memory.bytes(10, 4).set([1, 2, 3, 4]);
    expect(memory.bytes(12, 4)).toEqual(Uint8Array.of(3, 4, 0, 0));
    expect(memory.bytes(2 * PAGE - 1)).toHaveLength(1);
    expect(memory.bytes(0, 0)).toHaveLength(0);
  });

  test('memory of a file has a file descriptor, and another program sees it', () => {
    const bench = open();
    const { openCount } = bench.process.files;
    const memory = bench.iommufd.allocMemory(2 * PAGE, { memfd: true });
    const { fd } = memory;
    if (fd === undefined) throw new Error('there is a file');
    expect(bench.process.files.openCount).toBe(openCount + 1);
    const elsewhere = bench.process.mmap(0n, 2 * PAGE, 3, 1, fd, 0n);
    memory.bytes(PAGE - 2, 4).set([1, 2, 3, 4]);
    expect(bench.process.memory(elsewhere + 4094n, 4)).toEqual(Uint8Array.of(1, 2, 3, 4));
    memory.close();
    expect(bench.process.files.openCount).toBe(openCount);
    expect(bench.process.memory(elsewhere + 4094n, 4)).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(bench.iommufd.allocMemory(PAGE).fd).toBeUndefined();
  });

  test('huge pages are in one piece', () => {
    const bench = open();
    const memory = bench.iommufd.allocMemory(4 << 20, { hugePages: true });
    expect(memory.bytes()).toHaveLength(4 << 20);
    expect(() => bench.iommufd.allocMemory(PAGE, { hugePages: true, memfd: true })).toThrow(
      new RangeError('Iommufd.allocMemory: hugePages: not together with memfd. Leave one of them out.'),
    );
  });

  test.each([0, -1, 1.5, NaN, Infinity, 2 ** 53])('%d bytes are no memory', (length) => {
    const bench = open();
    const calls = counted(bench.process);
    for (const memfd of [false, true]) {
      expect(() => bench.iommufd.allocMemory(length, { memfd })).toThrow(
        new RangeError(
          `Iommufd.allocMemory: length: expected a number of bytes of 1 or more, found ${length}`,
        ),
      );
    }
    expect(calls()).toBe(0);
  });

  test('more memory than there are addresses is refused by the kernel', () => {
    const bench = open();
    const files = bench.process.files.openCount;
    for (const memfd of [false, true]) {
      const error = errorOf(() => bench.iommufd.allocMemory(2 ** 48, { memfd }));
      expect(error).toMatchObject({ call: 'mmap', code: 'ENOMEM', errno: 12 });
      expect(error.args).toMatchObject({ length: 2 ** 48, offset: 0n });
    }
    expect(bench.process.files.openCount).toBe(files);
  });

  test.each([
    [-1, 1],
    [0, 2 * PAGE + 1],
    [2 * PAGE, 1],
    [2 * PAGE + 1, undefined],
    [1, -1],
    [0.5, 1],
    [0, NaN],
    [NaN, undefined],
    [0, Infinity],
  ])('bytes that are not within the memory are not shown: from %d on, %d', (offset, length) => {
    const bench = open();
    const memory = bench.iommufd.allocMemory(2 * PAGE);
    expect(() => memory.bytes(offset, length)).toThrow(RangeError);
    expect(() => memory.bytes(offset, length)).toThrow(
      /^Memory\.bytes: (bytes .* to .* are not within the memory, which has 8192 bytes|(offset|length): expected a number of bytes, found .*)$/,
    );
  });

  test('memory that is closed is not shown, and is closed once', () => {
    const bench = open();
    const memory = bench.iommufd.allocMemory(PAGE);
    memory.close();
    expect(memory.isClosed).toBe(true);
    const calls = counted(bench.process);
    memory.close();
    memory[Symbol.dispose]();
    expect(calls()).toBe(0);
    expect(() => memory.bytes()).toThrow(new RangeError('Memory.bytes: the memory is closed'));
    {
      using within = bench.iommufd.allocMemory(PAGE, { memfd: true });
      expect(within.bytes()).toHaveLength(PAGE);
    }
    expect(bench.process.files.openCount).toBe(1);
  });

  test('memory goes with everything', () => {
    const bench = open();
    const memories = [bench.iommufd.allocMemory(PAGE), bench.iommufd.allocMemory(PAGE, { memfd: true })];
    bench.iommufd.close();
    expect(memories.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect(bench.process.files.openCount).toBe(0);
    for (const { address } of memories) expect(() => bench.process.memory(address, 1)).toThrow(RangeError);
    const calls = counted(bench.process);
    for (const memory of memories) memory.close();
    expect(calls()).toBe(0);
    expect(() => bench.iommufd.allocMemory(PAGE)).toThrow(IommufdError);
  });

  test('devices keep the pages that are mapped when the memory is closed', async () => {
    const bench = open();
    const { hardware, device } = plugged(bench);
    const ioas = bench.iommufd.allocIoas();
    device.attach(ioas);
    const memory = bench.iommufd.allocMemory(PAGE);
    memory.bytes(0, 4).set(pattern(4));
    const mapping = ioas.mapMemory(memory, { iova: IOVA });
    memory.close();
    bench.iommufd.allocMemory(PAGE).bytes().fill(0xff);
    expect(await hardware.dma.read(IOVA, 4)).toEqual(pattern(4));
    mapping.unmap();
    expect(bench.kernel.pages.size).toBe(0);
  });

  test('memory of many gigabytes is shown piece by piece', () => {
    const bench = open();
    const memory = bench.iommufd.allocMemory(3 * 2 ** 30);
    const across = () => memory.bytes(2 ** 30 - 8, 16);
    expect(across).toThrow(RangeError);
    expect(across).toThrow('not in one piece: memory is in pieces of 1 GiB');
    expect(() => memory.bytes()).toThrow('memory is in pieces of 1 GiB');
    memory.bytes(2 ** 30 - 8, 8).set(pattern(8));
    memory.bytes(2 ** 30, 8).set(pattern(8, 9));
    expect(memory.bytes(2 ** 30 - 4, 4)).toEqual(pattern(8).slice(4));
    expect(memory.bytes(2 ** 31, 2 ** 30).subarray(-1)).toEqual(Uint8Array.of(0));
  });

  test('memory is whole pages, as it says', () => {
    const bench = open();
    const { device } = plugged(bench);
    const ioas = bench.iommufd.allocIoas();
    device.attach(ioas);
    const memory = bench.iommufd.allocMemory(5000);
    expect(memory.length).toBe(2 * PAGE);
    expect(ioas.mapMemory(memory).length).toBe(8192n);
  });
});
