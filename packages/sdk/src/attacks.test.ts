import { expect, test } from '@jest/globals';
import { errno } from '@iommufd/uapi';
import { Bench, onEveryBackend } from './bench.testing.js';
import { boundSyscalls } from './bound.testing.js';
import { errorOf, PAGE, plugged } from './devices.testing.js';
import { Iommufd } from './index.js';
import { turn } from './trying.testing.js';

const event = (sequence: number): object => ({ kind: 'event', sequence, event: { virt_id: 0x99 } });

onEveryBackend((open) => {
  test('what was asked for first comes first, whoever waits', async () => {
    const bench = open();
    const { device, viommu } = bench.nested();
    const events = viommu.allocVeventq({ type: 'selftest', depth: 16 }).events();
    const early = [events.next(), events.next(), events.next()];
    await turn();
    bench.sendEvent(device, 6);
    const late = [events.next(), events.next(), events.next()];
    const results = await Promise.all([...early, ...late]);
    expect(results.map(({ value }) => value as unknown)).toEqual([0, 1, 2, 3, 4, 5].map(event));
  });

  test('ending a loop ends what it waits for', async () => {
    const bench = open();
    const { viommu } = bench.nested();
    const events = viommu.allocVeventq({ type: 'selftest', depth: 16 }).events();
    const next = events.next();
    await turn();
    await events.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  test('a queue answers its own groups only', async () => {
    const bench = open();
    const queues = [bench.iommufd.allocFaultQueue(), bench.iommufd.allocFaultQueue()] as const;
    const [mine, other] = queues;
    for (const queue of queues) bench.sendFault(bench.nested(queue).device, { addr: 0x1000n });
    const [group] = mine.read();
    const [foreign] = other.read();
    if (group === undefined || foreign === undefined) throw new Error('a device has not faulted');
    expect(() => mine.respond([[foreign, 'invalid']])).toThrow(
      'FaultQueue.respond: answers[0]: expected a group that was read from fault',
    );
    expect([group.response, foreign.response]).toEqual([undefined, undefined]);
    for (const each of [group, foreign]) each.respond('success');
    expect(await mine.readable({ timeout: 0 })).toBe(false);
  });

  test('pages behind a gap are seen', async () => {
    const bench = open();
    const { device, hardware } = plugged(bench);
    const ioas = bench.iommufd.allocIoas();
    const hwpt = device.allocHwpt({ ioas, dirtyTracking: true });
    device.attach(hwpt);
    const base = 0x100_0000n;
    const at = (page: number): bigint => base + BigInt(page * PAGE);
    const memory = bench.iommufd.allocMemory(100 * PAGE);
    const mapped = [1, 2, 3, 8, 9, 64, 65, 70, 99];
    for (const page of mapped) ioas.mapMemory(memory, { offset: page * PAGE, length: PAGE, iova: at(page) });
    hwpt.setDirtyTracking(true);
    for (const pageSize of [PAGE, 2 * PAGE]) {
      const bitmap = hwpt.dirtyBitmap({ iova: base, length: BigInt(100 * PAGE), pageSize: BigInt(pageSize) });
      for (const page of mapped) await hardware.dma.write(at(page), Uint8Array.of(1));
      bitmap.read();
      const seen = [...bitmap].flatMap(({ iova, length }) =>
        Array.from({ length: Number(length) / pageSize }, (_, i) => Number(iova - base) / pageSize + i),
      );
      expect(seen).toEqual([...new Set(mapped.map((page) => Math.floor((page * PAGE) / pageSize)))]);
      bitmap.close();
    }
  });

  test('after an unmap that failed half-way, nobody unmaps what came later', () => {
    const bench = open();
    const ioas = bench.iommufd.allocIoas();
    const memory = bench.iommufd.allocMemory(4 * PAGE);
    const first = ioas.mapMemory(memory, { iova: 0x10000n, length: PAGE });
    ioas.mapMemory(memory, { iova: 0x11000n, length: 2 * PAGE });
    expect(errorOf(() => ioas.unmap({ iova: 0x10000n, length: 0x2000n })).code).toBe('ENOENT');
    // Linux has unmapped the first one by then.
    const later = ioas.mapMemory(memory, { iova: 0x10000n, length: PAGE });
    first.unmap();
    expect(later.isMapped).toBe(true);
    later.unmap();
  });

  test('a mapping that may be gone may be unmapped', () => {
    const bench = open();
    const ioas = bench.iommufd.allocIoas();
    const memory = bench.iommufd.allocMemory(4 * PAGE);
    const first = ioas.mapMemory(memory, { iova: 0x10000n, length: PAGE });
    ioas.mapMemory(memory, { iova: 0x11000n, length: 2 * PAGE });
    expect(errorOf(() => ioas.unmap({ iova: 0x10000n, length: 0x2000n })).code).toBe('ENOENT');
    first.unmap();
    expect(first.isMapped).toBe(false);
  });

  test('everything is everything, up to the last byte', () => {
    const bench = open();
    const ioas = bench.iommufd.allocIoas();
    const memory = bench.iommufd.allocMemory(PAGE);
    const top = ioas.mapMemory(memory, { iova: (1n << 64n) - BigInt(PAGE) });
    ioas.unmapAll();
    expect(top.isMapped).toBe(false);
  });

  test('memory and queues of another process are refused', async () => {
    const bench = open();
    const other = open();
    const memory = other.iommufd.allocMemory(PAGE);
    expect(() => bench.iommufd.allocIoas().mapMemory(memory)).toThrow('the memory is of another process');
    const queue = other.iommufd.allocFaultQueue();
    await expect(bench.iommufd.poll([queue], { timeout: 0 })).rejects.toThrow('is of another process');
  });

  test('a wait that was aborted before it began sees nothing, whatever is there', async () => {
    const bench = open();
    const { device, viommu } = bench.nested();
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 4 });
    bench.sendEvent(device, 2);
    for await (const _ of veventq) break;
    const controller = new AbortController();
    controller.abort();
    expect(await veventq.readable({ signal: controller.signal })).toBe(false);
    expect(await bench.iommufd.poll([veventq], { signal: controller.signal })).toEqual([]);
    await expect(veventq.readable({ timeout: -5 })).rejects.toThrow('timeout');
    await expect(bench.iommufd.poll([veventq], { timeout: -5 })).rejects.toThrow('timeout');
  });

  test.each<[what: string, call: (bench: Bench) => unknown, message: string]>([
    [
      'an offset',
      ({ iommufd }) => iommufd.allocIoas().mapMemory(iommufd.allocMemory(PAGE), { offset: NaN }),
      'offset',
    ],
    ['a length', ({ iommufd }) => iommufd.allocMemory(PAGE).bytes(0, 0.5), 'length'],
    [
      'a mode',
      ({ iommufd }) => {
        Object.assign(iommufd, { rlimitMode: 'bogus' });
      },
      'Iommufd.rlimitMode: expected one of user, process, found "bogus"',
    ],
  ])('%s that is none is named', (_what, call, message) => {
    const bench = open();
    expect(() => call(bench)).toThrow(message);
  });
});

test('a call that was interrupted is made again with what it was given', () => {
  let calls = 0;
  const bench = new Bench((sys) => ({
    ...boundSyscalls(sys),
    // A kernel that has done part of the work, says so in the struct, and asks to be called again.
    ioctl: (fd, request, arg) => {
      const status = sys.ioctl(fd, request, arg);
      return status === 0 && calls++ % 2 === 0 ? -errno.EINTR : status;
    },
  }));
  const ioas = bench.iommufd.allocIoas();
  const memory = bench.iommufd.allocMemory(PAGE);
  const mapping = ioas.mapMemory(memory);
  // The second call gave another IOVA, and not the one that the first had written into the struct.
  expect(mapping.iova).toBe(BigInt(2 * PAGE));
  expect(bench.end()).toEqual([]);
});

test('a queue whose buffer cannot be shown is not made', () => {
  let show = true;
  const bench = new Bench((sys) => {
    const shown = sys.memory.bind(sys);
    sys.memory = (address, length) => {
      if (!show) throw new RangeError('cannot be shown');
      return shown(address, length);
    };
    return sys;
  });
  const { viommu } = bench.nested();
  show = false;
  expect(() => viommu.allocVeventq({ type: 'selftest', depth: 4 })).toThrow('cannot be shown');
  show = true;
  viommu.allocVeventq({ type: 'selftest', depth: 4 }).close();
  expect(bench.end()).toEqual([]);
});

test('several /dev/iommu of one process share what belongs to the process', () => {
  const bench = new Bench();
  using second = Iommufd.open(bench.process);
  using mapping = second.allocIoas().mapMemory(bench.iommufd.allocMemory(PAGE));
  expect(mapping.isMapped).toBe(true);
  second.close();
  expect(bench.end()).toEqual([]);
});
