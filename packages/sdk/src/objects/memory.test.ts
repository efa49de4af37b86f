import { expect, test } from '@jest/globals';
import { pattern } from '@iommufd/testkit';
import { onEveryBackend } from '../testing/testbed.testing.js';
import { counted, errorOf, IOVA, PAGE, plugged } from '../testing/devices.testing.js';
import { IommufdError } from '../index.js';

onEveryBackend((open) => {
  test('memory is zero initially, and in place across pages', async () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    device.attach(ioas);
    const memory = testbed.iommufd.allocMemory(100 * PAGE);
    const bytes = memory.bytes();
    expect(bytes).toHaveLength(100 * PAGE);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    expect(memory.address % 4096n).toBe(0n);
    ioas.mapMemory(memory, { iova: IOVA });
    // Writes of devices are visible in bytes that were returned before, across pages.
    const written = pattern(3 * PAGE + 5);
    await hardware.dma.write(IOVA + 4000n, written);
    expect(Buffer.compare(bytes.subarray(4000, 4000 + written.length), written)).toBe(0);
    // And vice versa.
    memory.bytes(50 * PAGE - 4, 8).set(pattern(8, 77));
    expect(bytes.subarray(50 * PAGE - 4, 50 * PAGE + 4)).toEqual(pattern(8, 77));
    expect(await hardware.dma.read(IOVA + BigInt(50 * PAGE - 4), 8)).toEqual(pattern(8, 77));
  });

  test('parts of memory overlap in place', () => {
    const testbed = open();
    const memory = testbed.iommufd.allocMemory(2 * PAGE);
    memory.bytes(10, 4).set([1, 2, 3, 4]);
    expect(memory.bytes(12, 4)).toEqual(Uint8Array.of(3, 4, 0, 0));
    expect(memory.bytes(2 * PAGE - 1)).toHaveLength(1);
    expect(memory.bytes(0, 0)).toHaveLength(0);
  });

  test('a memfd has a file descriptor, and another program can map it', () => {
    const testbed = open();
    const { openCount } = testbed.process.files;
    const memory = testbed.iommufd.allocMemory(2 * PAGE, { memfd: true });
    const { fd } = memory;
    if (fd === undefined) throw new Error('there is a file');
    expect(testbed.process.files.openCount).toBe(openCount + 1);
    const elsewhere = testbed.process.mmap(0n, 2 * PAGE, 3, 1, fd, 0n);
    memory.bytes(PAGE - 2, 4).set([1, 2, 3, 4]);
    expect(testbed.process.memory(elsewhere + 4094n, 4)).toEqual(Uint8Array.of(1, 2, 3, 4));
    memory.close();
    expect(testbed.process.files.openCount).toBe(openCount);
    expect(testbed.process.memory(elsewhere + 4094n, 4)).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(testbed.iommufd.allocMemory(PAGE).fd).toBeUndefined();
  });

  test('huge pages are contiguous', () => {
    const testbed = open();
    const memory = testbed.iommufd.allocMemory(4 << 20, { hugePages: true });
    expect(memory.bytes()).toHaveLength(4 << 20);
    expect(() => testbed.iommufd.allocMemory(PAGE, { hugePages: true, memfd: true })).toThrow(
      new RangeError('Iommufd.allocMemory: hugePages: not together with memfd. Leave one of them out.'),
    );
  });

  test.each([0, -1, 1.5, NaN, Infinity, 2 ** 53])('a length of %d bytes is refused', (length) => {
    const testbed = open();
    const calls = counted(testbed.process);
    for (const memfd of [false, true]) {
      expect(() => testbed.iommufd.allocMemory(length, { memfd })).toThrow(
        new RangeError(
          `Iommufd.allocMemory: length: expected a number of bytes of 1 or more, found ${length}`,
        ),
      );
    }
    expect(calls()).toBe(0);
  });

  test('more memory than there are addresses is refused by the kernel', () => {
    const testbed = open();
    const files = testbed.process.files.openCount;
    for (const memfd of [false, true]) {
      const error = errorOf(() => testbed.iommufd.allocMemory(2 ** 48, { memfd }));
      expect(error).toMatchObject({ call: 'mmap', code: 'ENOMEM', errno: 12 });
      expect(error.args).toMatchObject({ length: 2 ** 48, offset: 0n });
    }
    expect(testbed.process.files.openCount).toBe(files);
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
    const testbed = open();
    const memory = testbed.iommufd.allocMemory(2 * PAGE);
    expect(() => memory.bytes(offset, length)).toThrow(RangeError);
    expect(() => memory.bytes(offset, length)).toThrow(
      /^Memory\.bytes: (bytes .* to .* are not within the memory, which has 8192 bytes|(offset|length): expected a number of bytes, found .*)$/,
    );
  });

  test('bytes() of closed memory fails, and closing it twice does nothing', () => {
    const testbed = open();
    const memory = testbed.iommufd.allocMemory(PAGE);
    memory.close();
    expect(memory.isClosed).toBe(true);
    const calls = counted(testbed.process);
    memory.close();
    memory[Symbol.dispose]();
    expect(calls()).toBe(0);
    expect(() => memory.bytes()).toThrow(new RangeError('Memory.bytes: the memory is closed'));
    {
      using within = testbed.iommufd.allocMemory(PAGE, { memfd: true });
      expect(within.bytes()).toHaveLength(PAGE);
    }
    expect(testbed.process.files.openCount).toBe(1);
  });

  test('memory is freed with its Iommufd', () => {
    const testbed = open();
    const memories = [testbed.iommufd.allocMemory(PAGE), testbed.iommufd.allocMemory(PAGE, { memfd: true })];
    testbed.iommufd.close();
    expect(memories.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect(testbed.process.files.openCount).toBe(0);
    for (const { address } of memories) expect(() => testbed.process.memory(address, 1)).toThrow(RangeError);
    const calls = counted(testbed.process);
    for (const memory of memories) memory.close();
    expect(calls()).toBe(0);
    expect(() => testbed.iommufd.allocMemory(PAGE)).toThrow(IommufdError);
  });

  test('devices keep the pages that are mapped when the memory is closed', async () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    device.attach(ioas);
    const memory = testbed.iommufd.allocMemory(PAGE);
    memory.bytes(0, 4).set(pattern(4));
    const mapping = ioas.mapMemory(memory, { iova: IOVA });
    memory.close();
    testbed.iommufd.allocMemory(PAGE).bytes().fill(0xff);
    expect(await hardware.dma.read(IOVA, 4)).toEqual(pattern(4));
    mapping.unmap();
    expect(testbed.kernel.pages.size).toBe(0);
  });

  test('bytes() returns memory of many gigabytes in parts', () => {
    const testbed = open();
    const memory = testbed.iommufd.allocMemory(3 * 2 ** 30);
    const across = () => memory.bytes(2 ** 30 - 8, 16);
    expect(across).toThrow(RangeError);
    expect(across).toThrow('not in one piece: memory is in pieces of 1 GiB');
    expect(() => memory.bytes()).toThrow('memory is in pieces of 1 GiB');
    memory.bytes(2 ** 30 - 8, 8).set(pattern(8));
    memory.bytes(2 ** 30, 8).set(pattern(8, 9));
    expect(memory.bytes(2 ** 30 - 4, 4)).toEqual(pattern(8).slice(4));
    expect(memory.bytes(2 ** 31, 2 ** 30).subarray(-1)).toEqual(Uint8Array.of(0));
  });

  test('the length is rounded up to whole pages', () => {
    const testbed = open();
    const { device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    device.attach(ioas);
    const memory = testbed.iommufd.allocMemory(5000);
    expect(memory.length).toBe(2 * PAGE);
    expect(ioas.mapMemory(memory).length).toBe(8192n);
  });
});
