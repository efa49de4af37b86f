import { expect, test } from '@jest/globals';
import { firstDifference, pattern } from '@iommufd/testkit';
import type { IommufdError } from '../index.js';
import { Testbed, onEveryBackend } from '../testing/testbed.testing.js';
import {
  counted,
  errorOf,
  IOVA,
  mapped,
  PAGE,
  plugged,
  reserve,
  unlike,
} from '../testing/devices.testing.js';

const ULONG_MAX = (1n << 64n) - 1n;

/** The properties of an error that tests compare. */
const facts = ({ call, code, errno, meaning, usedBy }: IommufdError): object => ({
  call,
  code,
  errno,
  meaning,
  usedBy,
});

/** Reserves ranges of an IOAS so that a number of usable ranges is left. */
function rangesComeBack(testbed: Testbed, count: number): void {
  const ioas = testbed.iommufd.allocIoas();
  for (let i = 1; i < count; i++) reserve(testbed, ioas, BigInt(i) << 20n, 4096n);
  const ranges = Array.from({ length: count }, (_, i) => ({
    start: i === 0 ? 0n : (BigInt(i) << 20n) + 4096n,
    last: i === count - 1 ? ULONG_MAX : (BigInt(i + 1) << 20n) - 1n,
  }));
  expect(ioas.iovaRanges()).toEqual({ ranges, alignment: 1n });
}

test('iovaRanges() repeats the call if its array is too small', () => {
  const testbed = new Testbed();
  rangesComeBack(testbed, 4097);
  expect(testbed.end()).toEqual([]);
});

onEveryBackend((open) => {
  test('memory is mapped at the requested IOVA, where a device can access it', async () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    device.attach(ioas);
    const memory = testbed.iommufd.allocMemory(3 * PAGE);
    const mapping = ioas.map({ address: memory.address, length: BigInt(3 * PAGE), iova: IOVA });
    expect(unlike(mapping, { ioas, iova: IOVA, length: BigInt(3 * PAGE) })).toEqual([]);
    memory.bytes().set(pattern(3 * PAGE));
    const read = await hardware.dma.read(IOVA + 5n, 2 * PAGE);
    expect(firstDifference(read, pattern(3 * PAGE).subarray(5, 2 * PAGE + 5))).toBeUndefined();
    await hardware.dma.write(IOVA + 0x2000n, pattern(16, 99));
    expect(memory.bytes(2 * PAGE, 16)).toEqual(pattern(16, 99));
  });

  test('the kernel chooses the IOVA if none is given', async () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    device.attach(ioas);
    const memories = [1, 2, 3].map((seed) => {
      const memory = testbed.iommufd.allocMemory(seed * PAGE);
      memory.bytes().set(pattern(seed * PAGE, seed));
      return { memory, mapping: ioas.mapMemory(memory), seed };
    });
    const [range] = ioas.iovaRanges().ranges;
    const places = memories.map(({ mapping }) => mapping);
    for (const [i, { iova, length }] of places.entries()) {
      expect(iova).toBeGreaterThanOrEqual(range?.start ?? ULONG_MAX);
      expect(iova + length - 1n).toBeLessThanOrEqual(range?.last ?? 0n);
      for (const other of places.slice(i + 1)) {
        expect(iova + length <= other.iova || other.iova + other.length <= iova).toBe(true);
      }
    }
    for (const { mapping, seed } of memories) {
      const read = await hardware.dma.read(mapping.iova, seed * PAGE);
      expect(firstDifference(read, pattern(seed * PAGE, seed))).toBeUndefined();
    }
  });

  test('a read-only mapping cannot be written, nor a write-only one read', async () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    device.attach(ioas);
    const memory = testbed.iommufd.allocMemory(2 * PAGE);
    memory.bytes().fill(5);
    ioas.mapMemory(memory, { iova: IOVA, length: PAGE, write: false });
    ioas.mapMemory(memory, { iova: IOVA + 0x1000n, offset: PAGE, read: false });
    expect(await hardware.dma.read(IOVA, 4)).toEqual(Uint8Array.of(5, 5, 5, 5));
    await expect(hardware.dma.write(IOVA, pattern(4))).rejects.toMatchObject({ reason: 'not permitted' });
    await hardware.dma.write(IOVA + 0x1000n, pattern(4));
    expect(memory.bytes(PAGE, 5)).toEqual(Uint8Array.of(...pattern(4), 5));
    await expect(hardware.dma.read(IOVA + 0x1000n, 4)).rejects.toMatchObject({ reason: 'not permitted' });
    expect(memory.bytes(0, 4)).toEqual(Uint8Array.of(5, 5, 5, 5));
  });

  test('an occupied IOVA is refused, and the error shows the arguments', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const memory = mapped(testbed, ioas, 2);
    const { address } = memory;
    const error = errorOf(() => ioas.map({ address, length: 4096n, iova: IOVA + 0x1000n }));
    expect(facts(error)).toEqual({
      call: 'IOMMU_IOAS_MAP',
      code: 'EEXIST',
      errno: 17,
      meaning: '0x1000000-0x1001fff is mapped already: unmap it first, or choose another iova.',
      usedBy: [],
    });
    expect(error.args).toMatchObject({
      flags: 7,
      ioas_id: ioas.id,
      user_va: address,
      length: 4096n,
      iova: IOVA + 0x1000n,
    });
    expect(error.message).toContain(`iova=0x${(IOVA + 0x1000n).toString(16)}`);
    // Nothing has changed.
    expect(ioas.unmapAll()).toBe(BigInt(2 * PAGE));
  });

  test('automatic placement fails without a gap that is long enough', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    ioas.allowIovas([{ start: IOVA, last: IOVA + 0x1fffn }]);
    const memory = testbed.iommufd.allocMemory(4 * PAGE);
    expect(ioas.mapMemory(memory, { length: 2 * PAGE }).iova).toBe(IOVA);
    const error = errorOf(() => ioas.mapMemory(memory, { length: PAGE }));
    expect(facts(error)).toMatchObject({ code: 'ENOSPC', errno: 28 });
    expect(error.meaning).toBe(
      'No gap of 4096 bytes is left in the ranges of allowIovas(), 0x1000000-0x1001fff: elsewhere, a mapping needs an iova.',
    );
    // A fixed IOVA may be outside of the allowed ranges.
    expect(ioas.mapMemory(memory, { iova: IOVA + 0x8000n }).iova).toBe(IOVA + 0x8000n);
  });

  test('a mapping with neither permission is refused', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const memory = testbed.iommufd.allocMemory(PAGE);
    const error = errorOf(() => ioas.mapMemory(memory, { read: false, write: false }));
    expect(facts(error)).toMatchObject({ call: 'IOMMU_IOAS_MAP', code: 'EINVAL' });
    expect(error.args).toMatchObject({ flags: 0, iova: 0n });
    expect(ioas.unmapAll()).toBe(0n);
  });

  test('a device restricts the aperture and the alignment of mappings', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    expect(ioas.iovaRanges()).toEqual({ ranges: [{ start: 0n, last: ULONG_MAX }], alignment: 1n });
    const memory = testbed.iommufd.allocMemory(PAGE);
    const attached = plugged(testbed).device.attach(ioas);
    expect(ioas.iovaRanges()).toEqual({
      ranges: [{ start: 0x0100_0000n, last: 0x7fff_ffffn }],
      alignment: 2048n,
    });
    const codeOf = (iova: bigint, length = PAGE): string =>
      errorOf(() => ioas.mapMemory(memory, { iova, length })).code;
    expect(codeOf(IOVA - 0x1000n)).toBe('EINVAL');
    expect(codeOf(0x8000_0000n)).toBe('EINVAL');
    expect(codeOf(0x7fff_f800n)).toBe('EINVAL');
    expect(codeOf(IOVA + 1n)).toBe('EINVAL');
    expect(codeOf(IOVA, 100)).toBe('EINVAL');
    expect(ioas.mapMemory(memory, { iova: IOVA + 2048n, offset: 2048 }).length).toBe(2048n);
    attached.detach();
    expect(ioas.iovaRanges()).toEqual({ ranges: [{ start: 0n, last: ULONG_MAX }], alignment: 1n });
  });

  test('unmapped memory fails with EFAULT when a device is attached', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    plugged(testbed).device.attach(ioas);
    const error = errorOf(() => ioas.map({ address: 0x10000n, length: 4096n }));
    expect(facts(error)).toMatchObject({ call: 'IOMMU_IOAS_MAP', code: 'EFAULT', errno: 14 });
    expect(error.meaning).toBe(
      'The memory 0x10000-0x10fff is not mapped in this process, or not writable: map read-only memory with write: false.',
    );
  });

  test('part of a memory is mapped; a part that exceeds it is refused without a system call', async () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    device.attach(ioas);
    const memory = testbed.iommufd.allocMemory(4 * PAGE);
    memory.bytes().set(pattern(4 * PAGE));
    ioas.mapMemory(memory, { iova: IOVA, offset: PAGE, length: 2 * PAGE });
    const read = await hardware.dma.read(IOVA, 2 * PAGE);
    expect(firstDifference(read, pattern(4 * PAGE).subarray(PAGE, 3 * PAGE))).toBeUndefined();
    expect(ioas.mapMemory(memory, { offset: 3 * PAGE }).length).toBe(4096n);

    const calls = counted(testbed.process);
    for (const part of [
      { offset: -1 },
      { offset: 4 * PAGE + 1 },
      { length: -PAGE },
      { offset: PAGE, length: 4 * PAGE },
    ])
      expect(() => ioas.mapMemory(memory, part)).toThrow(RangeError);
    for (const part of [{ offset: 0.5 }, { offset: NaN }, { length: 0.5 }, { length: Infinity }])
      expect(() => ioas.mapMemory(memory, part)).toThrow(RangeError);
    expect(calls()).toBe(0);
    memory.close();
    expect(() => ioas.mapMemory(memory)).toThrow(
      new RangeError('Ioas.mapMemory: memory: the memory is closed'),
    );
  });

  test('a mapping of a memfd needs neither the file nor the memory afterwards', async () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    device.attach(ioas);
    const memory = testbed.iommufd.allocMemory(3 * PAGE, { memfd: true });
    memory.bytes().set(pattern(3 * PAGE));
    const fd = memory.fd ?? -1;
    const mapping = ioas.mapFile({ fd, start: 4096n, length: 8192n });
    expect(mapping.length).toBe(8192n);
    const fixed = ioas.mapFile({ fd, length: 4096n, iova: IOVA + 0x10_0000n, write: false });
    expect(fixed.iova).toBe(IOVA + 0x10_0000n);
    const read = await hardware.dma.read(mapping.iova, 2 * PAGE);
    expect(firstDifference(read, pattern(3 * PAGE).subarray(PAGE))).toBeUndefined();
    await hardware.dma.write(mapping.iova, Uint8Array.of(77));
    expect(memory.bytes(PAGE, 2)).toEqual(Uint8Array.of(77, pattern(PAGE + 2)[PAGE + 1] ?? 0));
    memory.close();
    expect(await hardware.dma.read(mapping.iova, 1)).toEqual(Uint8Array.of(77));
    expect(await hardware.dma.read(fixed.iova, 3)).toEqual(pattern(3));
    await expect(hardware.dma.write(fixed.iova, pattern(1))).rejects.toMatchObject({
      reason: 'not permitted',
    });
  });

  test('a range beyond the end of a memfd cannot be mapped', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    plugged(testbed).device.attach(ioas);
    const fd = testbed.iommufd.allocMemory(2 * PAGE, { memfd: true }).fd ?? -1;
    const notOpen = errorOf(() => ioas.mapFile({ fd: 99, length: 4096n }));
    expect(facts(notOpen)).toEqual({
      call: 'IOMMU_IOAS_MAP_FILE',
      code: 'EBADF',
      errno: 9,
      meaning: 'fd is not open.',
      usedBy: [],
    });
    expect(notOpen.args).toMatchObject({ fd: 99, start: 0n, length: 4096n });
    expect(errorOf(() => ioas.mapFile({ fd, start: 4096n, length: 8192n })).code).toBe('EINVAL');
    expect(errorOf(() => ioas.mapFile({ fd: testbed.iommufd.fd, length: 4096n })).code).toBe('EINVAL');
    expect(ioas.unmapAll()).toBe(0n);
  });

  test('a copy shares the pages of the original, and outlives it', async () => {
    const testbed = open();
    const [one, two] = [plugged(testbed), plugged(testbed)];
    const [from, to] = [testbed.iommufd.allocIoas(), testbed.iommufd.allocIoas()];
    one.device.attach(from);
    two.device.attach(to);
    const memory = mapped(testbed, from, 3);
    const copy = to.copy({ from, fromIova: IOVA + 0x1000n, length: 4096n, iova: IOVA + 0x7000n });
    expect(unlike(copy, { ioas: to, iova: IOVA + 0x7000n, length: 4096n })).toEqual([]);
    await one.hardware.dma.write(IOVA + 0x1000n, pattern(8));
    expect(await two.hardware.dma.read(IOVA + 0x7000n, 8)).toEqual(pattern(8));
    from.unmapAll();
    await two.hardware.dma.write(copy.iova, pattern(8, 3));
    expect(memory.bytes(PAGE, 8)).toEqual(pattern(8, 3));
    // Also within one IOAS, and at an IOVA that the kernel chooses.
    const twin = to.copy({ from: to, fromIova: copy.iova, length: 4096n });
    expect(twin.iova).not.toBe(copy.iova);
    expect(await two.hardware.dma.read(twin.iova, 8)).toEqual(pattern(8, 3));
  });

  test('a writable copy of a read-only mapping, and a copy of an unmapped range, are refused', () => {
    const testbed = open();
    const [from, to] = [testbed.iommufd.allocIoas(), testbed.iommufd.allocIoas()];
    const memory = testbed.iommufd.allocMemory(2 * PAGE);
    from.mapMemory(memory, { iova: IOVA, write: false });
    const source = { from, fromIova: IOVA, length: 8192n };
    const error = errorOf(() => to.copy(source));
    expect(facts(error)).toEqual({
      call: 'IOMMU_IOAS_COPY',
      code: 'EPERM',
      errno: 1,
      meaning: `Devices may only read the memory that ${from.describe()} maps at 0x1000000: copy it with write: false.`,
      usedBy: [],
    });
    expect(error.args).toMatchObject({ src_ioas_id: from.id, dst_ioas_id: to.id, src_iova: IOVA });
    expect(to.copy({ ...source, write: false }).length).toBe(8192n);
    const missing = errorOf(() => to.copy({ ...source, fromIova: IOVA + 0x1000n, write: false }));
    expect(facts(missing)).toMatchObject({ code: 'ENOENT', errno: 2 });
    expect(errorOf(() => to.copy({ ...source, fromIova: 0n })).code).toBe('ENOENT');
  });

  test('unmapping part of a mapping, or an unmapped range, fails', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    mapped(testbed, ioas, 2);
    mapped(testbed, ioas, 1, IOVA + 0x2000n);
    for (const part of [
      { iova: IOVA, length: 4096n },
      { iova: IOVA + 0x1000n, length: 4096n },
      { iova: IOVA - 0x8000n, length: 4096n },
    ]) {
      const error = errorOf(() => ioas.unmap(part));
      expect(facts(error)).toMatchObject({ call: 'IOMMU_IOAS_UNMAP', code: 'ENOENT' });
      expect(error.args).toMatchObject({ ioas_id: ioas.id, ...part });
    }
    expect(ioas.unmap({ iova: IOVA - 0x8000n, length: 0x10_0000n })).toBe(BigInt(3 * PAGE));
    expect(ioas.unmapAll()).toBe(0n);
  });

  test('unmapAll() unmaps everything, and devices fault from then on', async () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    device.attach(ioas);
    mapped(testbed, ioas, 2);
    mapped(testbed, ioas, 1, IOVA + 0x10_0000n);
    await hardware.dma.read(IOVA, 1);
    expect(ioas.unmapAll()).toBe(BigInt(3 * PAGE));
    expect(ioas.unmapAll()).toBe(0n);
    await expect(hardware.dma.read(IOVA, 1)).rejects.toMatchObject({ reason: 'not mapped' });
  });

  test('a mapping is unmapped once, by unmap() or at the end of its block', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const memory = testbed.iommufd.allocMemory(PAGE);
    const mapping = ioas.mapMemory(memory, { iova: IOVA });
    mapping.unmap();
    const calls = counted(testbed.process);
    mapping.unmap();
    mapping[Symbol.dispose]();
    expect(calls()).toBe(0);
    {
      using within = ioas.mapMemory(memory, { iova: IOVA });
      expect(within.iova).toBe(IOVA);
    }
    expect(ioas.unmapAll()).toBe(0n);
  });

  test('unmap() does nothing after the IOAS, or everything, was closed', () => {
    const testbed = open();
    const [one, two] = [testbed.iommufd.allocIoas(), testbed.iommufd.allocIoas()];
    const memory = testbed.iommufd.allocMemory(PAGE);
    const [first, second] = [one.mapMemory(memory), two.mapMemory(memory)];
    one.close();
    const calls = counted(testbed.process);
    first.unmap();
    expect(calls()).toBe(0);
    testbed.iommufd.close();
    const afterwards = calls();
    second.unmap();
    first[Symbol.dispose]();
    expect(calls()).toBe(afterwards);
  });

  test('a mapping that was unmapped by range does not unmap a later one at its IOVA', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const memory = testbed.iommufd.allocMemory(PAGE);
    const mapping = ioas.mapMemory(memory);
    expect(mapping.isMapped).toBe(true);
    ioas.unmapAll();
    expect(mapping.isMapped).toBe(false);
    const { iova } = mapping;
    const later = ioas.mapMemory(memory, { iova });
    mapping.unmap();
    mapping[Symbol.dispose]();
    expect(later.isMapped).toBe(true);
    expect(ioas.unmap({ iova, length: BigInt(PAGE) })).toBe(BigInt(PAGE));
    expect(later.isMapped).toBe(false);
  });

  test.each([15, 16, 17, 100])('iovaRanges() returns all ranges: %d', (count) =>
    rangesComeBack(open(), count),
  );

  test('iovaRanges() is empty if everything is reserved', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    reserve(testbed, ioas, 0n, ULONG_MAX);
    reserve(testbed, ioas, ULONG_MAX, 1n);
    expect(ioas.iovaRanges()).toEqual({ ranges: [], alignment: 1n });
    expect(errorOf(() => ioas.mapMemory(testbed.iommufd.allocMemory(PAGE))).code).toBe('ENOSPC');
  });

  test('a reserved range cannot be mapped, and a mapped one cannot be reserved', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    reserve(testbed, ioas, IOVA, 8192n);
    const memory = testbed.iommufd.allocMemory(PAGE);
    expect(errorOf(() => ioas.mapMemory(memory, { iova: IOVA + 0x1000n })).code).toBe('EINVAL');
    expect(ioas.mapMemory(memory, { iova: IOVA + 0x2000n }).iova).toBe(IOVA + 0x2000n);
  });

  test('automatic placement stays in the allowed ranges until they are removed', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const ranges = Array.from({ length: 200 }, (_, i) => {
      const start = IOVA + BigInt(i) * 0x10_0000n;
      return { start, last: start + 0xfffn };
    });
    ioas.allowIovas(ranges);
    const memory = testbed.iommufd.allocMemory(PAGE);
    const placed = ranges.map(() => ioas.mapMemory(memory).iova);
    expect(placed).toEqual(ranges.map(({ start }) => start));
    expect(errorOf(() => ioas.mapMemory(memory)).code).toBe('ENOSPC');
    ioas.allowIovas([]);
    expect(ioas.mapMemory(memory).iova).toBeLessThan(IOVA);
  });

  test('ranges that overlap or are empty are refused, and the old ones stay', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    ioas.allowIovas([{ start: IOVA, last: IOVA + 0xfffn }]);
    const range = { start: 0x10_0000n, last: 0x1f_ffffn };
    for (const { wrong, meaning } of [
      {
        wrong: [range, { start: 0x1f_ffffn, last: 0x20_0000n }],
        meaning: 'ranges[1], 0x1fffff-0x200000, overlaps ranges[0].',
      },
      {
        wrong: [{ start: 5n, last: 5n }],
        meaning: 'ranges[0], 0x5-0x5, is empty: last must be above start.',
      },
      {
        wrong: [range, { start: 6n, last: 5n }],
        meaning: 'ranges[1], 0x6-0x5, is empty: last must be above start.',
      },
    ]) {
      const error = errorOf(() => ioas.allowIovas(wrong));
      expect(facts(error)).toEqual({
        call: 'IOMMU_IOAS_ALLOW_IOVAS',
        code: 'EINVAL',
        errno: 22,
        meaning,
        usedBy: [],
      });
      expect(error.args).toMatchObject({ ioas_id: ioas.id, num_iovas: wrong.length });
    }
    expect(ioas.mapMemory(testbed.iommufd.allocMemory(PAGE)).iova).toBe(IOVA);
  });

  test('allowed ranges and reserved ranges of a device exclude each other', () => {
    const testbed = open();
    const { device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    const below = [{ start: 0x1000n, last: 0x1fffn }];
    ioas.allowIovas(below);
    const refused = errorOf(() => device.attach(ioas));
    expect(facts(refused)).toMatchObject({
      call: 'VFIO_DEVICE_ATTACH_IOMMUFD_PT',
      code: 'EADDRINUSE',
      errno: 98,
    });
    expect(device.attachment()).toBeUndefined();
    ioas.allowIovas([]);
    device.attach(ioas);
    const error = errorOf(() => ioas.allowIovas(below));
    expect(error.meaning).toBe(
      'ranges[0]: IOVA range 0x1000-0x1fff is not allowed: allowed are 0x1000000-0x7fffffff. It is outside of that ' +
        'aperture.',
    );
    expect(error.code).toBe('EADDRINUSE');
  });

  test('large pages can be disabled; mappings must then be aligned to whole pages', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    expect(ioas.hugePages).toBe(true);
    ioas.hugePages = false;
    expect(ioas.hugePages).toBe(false);
    expect(ioas.iovaRanges().alignment).toBe(4096n);
    const memory = testbed.iommufd.allocMemory(PAGE);
    expect(errorOf(() => ioas.mapMemory(memory, { length: 2048 })).code).toBe('EINVAL');
    ioas.hugePages = true;
    expect(ioas.hugePages).toBe(true);
    ioas.mapMemory(memory, { length: 2048, iova: IOVA });
    const error = errorOf(() => (ioas.hugePages = false));
    expect(facts(error)).toMatchObject({ call: 'IOMMU_OPTION', code: 'EADDRINUSE' });
    expect(error.args).toMatchObject({ object_id: ioas.id, val64: 0n });
    expect(ioas.hugePages).toBe(true);
  });

  test('methods of a closed IOAS fail without a system call', () => {
    const testbed = open();
    const [ioas, other] = [testbed.iommufd.allocIoas(), testbed.iommufd.allocIoas()];
    const memory = mapped(testbed, other, 1);
    const { device } = plugged(testbed);
    ioas.close();
    const calls = counted(testbed.process);
    for (const use of [
      () => ioas.mapMemory(memory),
      () => ioas.map({ address: memory.address, length: 4096n }),
      () => ioas.mapFile({ fd: 5, length: 4096n }),
      () => ioas.copy({ from: other, fromIova: IOVA, length: 4096n }),
      () => other.copy({ from: ioas, fromIova: IOVA, length: 4096n }),
      () => ioas.unmap({ iova: IOVA, length: 4096n }),
      () => ioas.unmapAll(),
      () => ioas.iovaRanges(),
      () => ioas.allowIovas([]),
      () => ioas.hugePages,
      () => (ioas.hugePages = true),
      () => device.attach(ioas),
      () => device.allocHwpt({ ioas }),
      () => testbed.iommufd.createSelftestDevice({ attachTo: ioas }),
    ]) {
      const error = errorOf(use);
      expect(facts(error)).toMatchObject({ code: 'EBADF', errno: 9, meaning: 'The object is closed.' });
      expect(error.args).toMatchObject({ object: `ioas ${ioas.id}` });
    }
    ioas.close();
    expect(calls()).toBe(0);
  });
});
