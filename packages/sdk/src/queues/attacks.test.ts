import { expect, test } from '@jest/globals';
import { wrapSyscalls, turn } from '@iommufd/testkit';
import { errno } from '@iommufd/uapi';
import { Testbed, onEveryBackend } from '../testing/testbed.testing.js';
import { errorOf, PAGE, plugged } from '../testing/devices.testing.js';
import { Iommufd } from '../index.js';

const event = (sequence: number): object => ({ kind: 'event', sequence, event: { virt_id: 0x99 } });

onEveryBackend((open) => {
  test('pending reads are served in order', async () => {
    const testbed = open();
    const { device, viommu } = testbed.nested();
    const events = viommu.allocVeventq({ type: 'selftest', depth: 16 }).events();
    const early = [events.next(), events.next(), events.next()];
    await turn();
    testbed.sendEvent(device, 6);
    const late = [events.next(), events.next(), events.next()];
    const results = await Promise.all([...early, ...late]);
    expect(results.map(({ value }) => value as unknown)).toEqual([0, 1, 2, 3, 4, 5].map(event));
  });

  test('ending a loop cancels its wait', async () => {
    const testbed = open();
    const { viommu } = testbed.nested();
    const events = viommu.allocVeventq({ type: 'selftest', depth: 16 }).events();
    const next = events.next();
    await turn();
    await events.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  test('a queue responds only to its own groups', async () => {
    const testbed = open();
    const queues = [testbed.iommufd.allocFaultQueue(), testbed.iommufd.allocFaultQueue()] as const;
    const [mine, other] = queues;
    for (const queue of queues) testbed.sendFault(testbed.nested(queue).device, { addr: 0x1000n });
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

  test('dirty pages after a gap are reported', async () => {
    const testbed = open();
    const { device, hardware } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    const hwpt = device.allocHwpt({ ioas, dirtyTracking: true });
    device.attach(hwpt);
    const base = 0x100_0000n;
    const at = (page: number): bigint => base + BigInt(page * PAGE);
    const memory = testbed.iommufd.allocMemory(100 * PAGE);
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

  test('after an unmap failed half-way, later mappings are not unmapped by older ones', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const memory = testbed.iommufd.allocMemory(4 * PAGE);
    const first = ioas.mapMemory(memory, { iova: 0x10000n, length: PAGE });
    ioas.mapMemory(memory, { iova: 0x11000n, length: 2 * PAGE });
    expect(errorOf(() => ioas.unmap({ iova: 0x10000n, length: 0x2000n })).code).toBe('ENOENT');
    // Linux has unmapped the first one by then.
    const later = ioas.mapMemory(memory, { iova: 0x10000n, length: PAGE });
    first.unmap();
    expect(later.isMapped).toBe(true);
    later.unmap();
  });

  test('a mapping that may have been unmapped can be unmapped', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const memory = testbed.iommufd.allocMemory(4 * PAGE);
    const first = ioas.mapMemory(memory, { iova: 0x10000n, length: PAGE });
    ioas.mapMemory(memory, { iova: 0x11000n, length: 2 * PAGE });
    expect(errorOf(() => ioas.unmap({ iova: 0x10000n, length: 0x2000n })).code).toBe('ENOENT');
    first.unmap();
    expect(first.isMapped).toBe(false);
  });

  test('unmapAll() includes the last byte of the address space', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const memory = testbed.iommufd.allocMemory(PAGE);
    const top = ioas.mapMemory(memory, { iova: (1n << 64n) - BigInt(PAGE) });
    ioas.unmapAll();
    expect(top.isMapped).toBe(false);
  });

  test('memory and queues of another process are refused', async () => {
    const testbed = open();
    const other = open();
    const memory = other.iommufd.allocMemory(PAGE);
    expect(() => testbed.iommufd.allocIoas().mapMemory(memory)).toThrow(
      'the memory belongs to another process',
    );
    const queue = other.iommufd.allocFaultQueue();
    await expect(testbed.iommufd.poll([queue], { timeout: 0 })).rejects.toThrow('belongs to another process');
  });

  test('a wait with an aborted signal returns nothing, even if a record is available', async () => {
    const testbed = open();
    const { device, viommu } = testbed.nested();
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 4 });
    testbed.sendEvent(device, 2);
    for await (const _ of veventq) break;
    const controller = new AbortController();
    controller.abort();
    expect(await veventq.readable({ signal: controller.signal })).toBe(false);
    expect(await testbed.iommufd.poll([veventq], { signal: controller.signal })).toEqual([]);
    await expect(veventq.readable({ timeout: -5 })).rejects.toThrow('timeout');
    await expect(testbed.iommufd.poll([veventq], { timeout: -5 })).rejects.toThrow('timeout');
  });

  test.each<[what: string, call: (testbed: Testbed) => unknown, message: string]>([
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
  ])('an invalid value is named in the error: %s', (_what, call, message) => {
    const testbed = open();
    expect(() => call(testbed)).toThrow(message);
  });
});

test('an interrupted call is retried with its original arguments', () => {
  let calls = 0;
  const testbed = new Testbed((sys) => ({
    ...wrapSyscalls(sys),
    // A kernel that has done part of the work, writes that to the struct, and fails with EAGAIN or EINTR.
    ioctl: (fd, request, arg) => {
      const status = sys.ioctl(fd, request, arg);
      return status === 0 && calls++ % 2 === 0 ? -errno.EINTR : status;
    },
  }));
  const ioas = testbed.iommufd.allocIoas();
  const memory = testbed.iommufd.allocMemory(PAGE);
  const mapping = ioas.mapMemory(memory);
  // The second call did not use the IOVA that the first had written to the struct.
  expect(mapping.iova).toBe(BigInt(2 * PAGE));
  expect(testbed.end()).toEqual([]);
});

test('a queue whose buffer cannot be accessed is not created', () => {
  let show = true;
  const testbed = new Testbed((sys) => {
    const shown = sys.memory.bind(sys);
    sys.memory = (address, length) => {
      if (!show) throw new RangeError('cannot be shown');
      return shown(address, length);
    };
    return sys;
  });
  const { viommu } = testbed.nested();
  show = false;
  expect(() => viommu.allocVeventq({ type: 'selftest', depth: 4 })).toThrow('cannot be shown');
  show = true;
  viommu.allocVeventq({ type: 'selftest', depth: 4 }).close();
  expect(testbed.end()).toEqual([]);
});

test('several /dev/iommu of one process share its memory', () => {
  const testbed = new Testbed();
  using second = Iommufd.open(testbed.process);
  using mapping = second.allocIoas().mapMemory(testbed.iommufd.allocMemory(PAGE));
  expect(mapping.isMapped).toBe(true);
  second.close();
  expect(testbed.end()).toEqual([]);
});
