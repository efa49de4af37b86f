import { expect, jest, test } from '@jest/globals';
import { isPending, pattern, turn } from '@iommufd/testkit';
import { DmaFault } from '@iommufd/fakekernel';
import { iommu_hwpt_pgfault_flags } from '@iommufd/uapi';
import { type Testbed, onEveryBackend } from '../testing/testbed.testing.js';
import { counted, errorOf, IOVA, PAGE, plugged, unlike } from '../testing/devices.testing.js';
import type { FaultGroup } from '../index.js';

const { IOMMU_PGFAULT_FLAGS_LAST_PAGE } = iommu_hwpt_pgfault_flags;

/** A device that is attached to a page table with a fault queue. */
const start = (testbed: Testbed, options: { pasids?: boolean } = {}) => {
  const { hardware, device } = plugged(testbed, options);
  const ioas = testbed.iommufd.allocIoas();
  const faultQueue = testbed.iommufd.allocFaultQueue();
  const hwpt = device.allocHwpt({ ioas, faultQueue, pasid: options.pasids ?? false });
  device.attach(hwpt);
  return { hardware, dma: hardware.dma, device, ioas, faultQueue, hwpt };
};

/** The reason why an access fails; 'done' if it succeeds. */
const outcome = (access: Promise<unknown>): Promise<unknown> =>
  access.then(
    () => 'done',
    (cause: unknown) => (cause instanceof DmaFault ? cause.reason : cause),
  );

const INVALID = 'answered as invalid';

/** The only pending group. */
const only = (groups: readonly FaultGroup[]): FaultGroup => {
  const [group, ...others] = groups;
  if (group === undefined || others.length > 0) throw new Error(`${groups.length} groups`);
  return group;
};

const faultAt = (address: bigint, write = false): object => ({
  address,
  read: !write,
  write,
  execute: false,
  privileged: false,
  length: 0,
});

onEveryBackend((open) => {
  test('the missing pages of an access are one group, and the access completes after the response', async () => {
    const testbed = open();
    const { dma, device, ioas, faultQueue } = start(testbed);
    expect(faultQueue.read()).toHaveLength(0);
    const read = dma.read(IOVA + 100n, 2 * PAGE);
    const group = only(faultQueue.read());
    const { id: deviceId } = device;
    expect(unlike(group, { device, deviceId, pasid: undefined, groupIndex: 0, response: undefined })).toEqual(
      [],
    );
    expect(group.faults).toEqual([faultAt(IOVA), faultAt(IOVA + 0x1000n), faultAt(IOVA + 0x2000n)]);
    expect(faultQueue.read()).toHaveLength(0);
    expect(await isPending(read)).toBe(true);
    const memory = testbed.iommufd.allocMemory(3 * PAGE);
    memory.bytes(PAGE - 8, 16).set(pattern(16));
    ioas.mapMemory(memory, { iova: IOVA });
    group.respond('success');
    expect(group.response).toBe('success');
    expect((await read).subarray(PAGE - 108, PAGE - 92)).toEqual(pattern(16));
  });

  test('an access fails if the response is invalid', async () => {
    const testbed = open();
    const { dma, faultQueue } = start(testbed);
    const write = outcome(dma.write(IOVA, pattern(4)));
    const group = only(faultQueue.read());
    expect(group.faults).toEqual([faultAt(IOVA, true)]);
    group.respond('invalid');
    expect(group.response).toBe('invalid');
    expect(await write).toBe(INVALID);
  });

  test('a fault of a PASID has the PASID', async () => {
    const testbed = open();
    const { dma, device, faultQueue, hwpt } = start(testbed, { pasids: true });
    device.attach(hwpt, { pasid: 77 });
    const accesses = [dma.read(IOVA, 1, { pasid: 77 }), dma.read(IOVA, 1)];
    const groups = faultQueue.read();
    expect(groups.map(({ pasid, groupIndex }) => [pasid, groupIndex])).toEqual([
      [77, 0],
      [undefined, 1],
    ]);
    expect(groups[0]?.cookie).not.toBe(groups[1]?.cookie);
    faultQueue.respond(groups.map((group) => [group, 'invalid']));
    expect(await Promise.all(accesses.map(outcome))).toEqual([INVALID, INVALID]);
  });

  test('a fault has its permissions by name', () => {
    const testbed = open();
    const faultQueue = testbed.iommufd.allocFaultQueue();
    const { device } = testbed.nested(faultQueue);
    testbed.sendFault(device, { addr: 0x5000n, perm: 0b1100, grpid: 3 });
    const group = only(faultQueue.read());
    expect(unlike(group, { device, groupIndex: 3 })).toEqual([]);
    expect(group.faults).toEqual([
      { address: 0x5000n, read: false, write: false, execute: true, privileged: true, length: 0 },
    ]);
  });

  test('a group names its device, or only its id if this SDK did not open it', () => {
    const testbed = open();
    const { device, ioas, faultQueue } = start(testbed);
    const other = testbed.iommufd.createSelftestDevice({ attachTo: device.allocHwpt({ ioas, faultQueue }) });
    testbed.sendFault(other, { addr: IOVA });
    expect(only(faultQueue.read()).device === other).toBe(true);
    testbed.sendFault(other, { addr: IOVA });
    const { id } = other;
    other.close();
    // Closing the device has closed it.
    expect(faultQueue.read()).toHaveLength(0);
    expect(testbed.iommufd.createSelftestDevice({ attachTo: ioas }).id).toBe(id);
  });

  test('a group gets one response', async () => {
    const testbed = open();
    const { dma, faultQueue } = start(testbed);
    const accesses = [outcome(dma.read(IOVA, 1)), outcome(dma.read(IOVA, 1))];
    const [one, two] = faultQueue.read();
    if (one === undefined || two === undefined) throw new Error('there are two');
    one.respond('invalid');
    const calls = counted(testbed.process);
    const error = errorOf(() => one.respond('success'));
    expect(error).toMatchObject({ code: 'EALREADY', errno: 114, call: 'write' });
    expect(error.args).toEqual({ cookie: one.cookie, answer: 'invalid' });
    expect(one.response).toBe('invalid');
    // No group of a batch gets a response if one is in it twice, or already has a response.
    for (const batch of [
      [two, two],
      [two, one],
    ])
      expect(errorOf(() => faultQueue.respond(batch.map((group) => [group, 'invalid']))).code).toBe(
        'EALREADY',
      );
    expect(calls()).toBe(0);
    expect(two.response).toBeUndefined();
    expect(await accesses[0]).toBe(INVALID);
    expect(await isPending(accesses[1] ?? Promise.resolve())).toBe(true);
    two.respond('invalid');
    expect(await accesses[1]).toBe(INVALID);
  });

  test('an unknown response is refused without a system call', () => {
    const testbed = open();
    const { dma, faultQueue } = start(testbed);
    void outcome(dma.read(IOVA, 1));
    const group = only(faultQueue.read());
    const calls = counted(testbed.process);
    // @ts-expect-error from JavaScript
    expect(() => group.respond('ok')).toThrow(
      new RangeError('FaultGroup.respond: response: expected one of success, invalid, found "ok"'),
    );
    // @ts-expect-error from JavaScript
    expect(() => group.respond('toString')).toThrow(RangeError);
    faultQueue.respond([]);
    expect(calls()).toBe(0);
    expect(group.response).toBeUndefined();
  });

  test('many groups get their responses with one write()', async () => {
    const testbed = open();
    const { dma, faultQueue } = start(testbed);
    const accesses = Array.from({ length: 200 }, (_, i) => outcome(dma.read(IOVA + BigInt(i * PAGE), 1)));
    const groups = faultQueue.read();
    expect(groups.map(({ faults }) => faults[0]?.address)).toEqual(
      accesses.map((_, i) => IOVA + BigInt(i * PAGE)),
    );
    const write = jest.spyOn(testbed.process, 'write');
    faultQueue.respond(new Map(groups.map((group) => [group, 'invalid'])));
    expect(write).toHaveBeenCalledTimes(1);
    expect(groups.every(({ response }) => response === 'invalid')).toBe(true);
    expect(new Set(await Promise.all(accesses))).toEqual(new Set([INVALID]));
  });

  test.each<[string, (context: ReturnType<typeof start>) => void]>([
    ['detached', ({ device }) => device.detach()],
    ['moved', ({ device, ioas }) => void device.attach(ioas)],
    ['closed', ({ device }) => device.close()],
  ])(
    'respond() reports groups to which the kernel responded because a device was %s, and responds to the others',
    async (_how, leave) => {
      const testbed = open();
      const context = start(testbed);
      const { dma, ioas, faultQueue } = context;
      const { hardware: second, device: stays } = plugged(testbed);
      stays.attach(stays.allocHwpt({ ioas, faultQueue }));
      const accesses = [
        dma.read(IOVA, 1),
        second.dma.read(IOVA, 1),
        dma.write(IOVA, pattern(1)),
        second.dma.read(IOVA + 0x1000n, 1),
      ];
      const outcomes = accesses.map(outcome);
      const groups = faultQueue.read();
      expect(groups).toHaveLength(4);
      leave(context);
      expect(await outcomes[0]).toBe(INVALID);
      expect(await outcomes[2]).toBe(INVALID);
      ioas.mapMemory(testbed.iommufd.allocMemory(PAGE), { iova: IOVA });
      const error = errorOf(() =>
        faultQueue.respond(groups.map((group, i) => [group, i === 1 ? 'success' : 'invalid'])),
      );
      expect(error).toMatchObject({ call: 'write', code: 'EINVAL', errno: 22 });
      expect(error.args).toEqual({ fd: faultQueue.fd, groups: [groups[0]?.cookie, groups[2]?.cookie] });
      expect(error.meaning).toContain('The kernel has already responded invalid');
      expect(groups.map(({ response }) => response)).toEqual(['invalid', 'success', 'invalid', 'invalid']);
      expect([await outcomes[1], await outcomes[3]]).toEqual(['done', INVALID]);
      // That is a response too.
      expect(errorOf(() => groups[0]?.respond('success')).code).toBe('EALREADY');
    },
  );

  test('a late response does not apply to a later group with the same cookie', async () => {
    const testbed = open();
    const { dma, device, faultQueue, hwpt } = start(testbed);
    void outcome(dma.read(IOVA, 1));
    const stale = only(faultQueue.read());
    device.detach();
    device.attach(hwpt);
    const access = dma.read(IOVA + 0x5000n, 1);
    const waiting = outcome(access);
    const fresh = only(faultQueue.read());
    // Linux allocates the lowest free cookie: that of the group to which it has responded itself.
    expect(fresh.cookie).toBe(stale.cookie);
    expect(() => stale.respond('invalid')).toThrow();
    expect(await isPending(access)).toBe(true);
    fresh.respond('invalid');
    expect(await waiting).toBe(INVALID);
  });

  test('groups that are unread when the device is detached are never delivered', async () => {
    const testbed = open();
    const { dma, device, faultQueue } = start(testbed);
    const access = outcome(dma.read(IOVA, 1));
    device.detach();
    expect(await access).toBe(INVALID);
    expect(faultQueue.read()).toHaveLength(0);
    expect(await faultQueue.readable({ timeout: 0 })).toBe(false);
  });

  test('after a page table is closed, another can use its queue', async () => {
    const testbed = open();
    const { device, ioas, faultQueue, hwpt, dma } = start(testbed);
    device.detach();
    hwpt.close();
    const next = device.allocHwpt({ ioas, faultQueue });
    device.attach(next);
    const access = outcome(dma.read(IOVA, 1));
    only(faultQueue.read()).respond('invalid');
    expect(await access).toBe(INVALID);
  });

  test('more faults than one read() returns are read completely', async () => {
    const testbed = open();
    const { dma, faultQueue } = start(testbed);
    const accesses = Array.from({ length: 500 }, (_, i) =>
      outcome(dma.read(IOVA + BigInt(i) * 0x4000n, 3 * PAGE)),
    );
    const groups = faultQueue.read();
    expect(groups).toHaveLength(500);
    expect(groups.every(({ faults }) => faults.length === 3)).toBe(true);
    expect(new Set(groups.map(({ cookie }) => cookie)).size).toBe(500);
    faultQueue.respond(groups.map((group) => [group, 'invalid']));
    expect(new Set(await Promise.all(accesses))).toEqual(new Set([INVALID]));
  });

  test.each([1024, 1025, 2500])('a group of %d faults is returned as a whole', (count) => {
    const testbed = open();
    const { hardware, faultQueue } = start(testbed);
    const report = (grpid: number, length: number): void => {
      for (let i = 0; i < length; i++) {
        const flags = i === length - 1 ? IOMMU_PGFAULT_FLAGS_LAST_PAGE : 0;
        hardware.reportFault({ flags, pasid: 0, grpid, perm: 1, addr: BigInt(i) << 12n });
      }
    };
    report(1, count);
    report(2, 1);
    const groups: FaultGroup[] = [];
    for (let found = faultQueue.read(); found.length > 0; found = faultQueue.read()) groups.push(...found);
    expect(groups.map(({ groupIndex, faults }) => [groupIndex, faults.length])).toEqual([
      [1, count],
      [2, 1],
    ]);
    expect(groups[0]?.faults.every(({ address }, i) => address === BigInt(i) << 12n)).toBe(true);
    // The buffer keeps its size, and later groups are read as before.
    report(3, 40);
    expect(only(faultQueue.read()).faults).toHaveLength(40);
    // Closing the queue frees its memory.
    testbed.iommufd.close();
    expect(testbed.kernel.leftOver()).toEqual([]);
  });

  test('a loop responds to groups, and reads on demand', async () => {
    const testbed = open();
    const { dma, ioas, faultQueue } = start(testbed);
    const memory = testbed.iommufd.allocMemory(40 * PAGE);
    const seen: bigint[] = [];
    const loop = (async () => {
      for await (const group of faultQueue) {
        for (const { address } of group.faults) {
          seen.push(address);
          ioas.mapMemory(memory, { iova: address, offset: Number(address - IOVA), length: PAGE });
        }
        // The next groups are reported while this one is handled.
        await turn();
        group.respond('success');
      }
    })();
    const bytes = pattern(33 * PAGE);
    const writes = [dma.write(IOVA, bytes), dma.write(IOVA + BigInt(33 * PAGE), bytes.subarray(0, PAGE))];
    await Promise.all(writes);
    expect(seen).toHaveLength(34);
    expect(new Set(seen).size).toBe(34);
    expect(Buffer.compare(memory.bytes(0, 33 * PAGE), bytes)).toBe(0);
    testbed.iommufd.close();
    await loop;
  });

  test('a slow loop leaves groups in the kernel', async () => {
    const testbed = open();
    const { dma, device, faultQueue } = start(testbed);
    const first = outcome(dma.read(IOVA, 1));
    for await (const group of faultQueue) {
      const second = outcome(dma.read(IOVA, 1));
      await turn();
      // The loop did not request it, so it was not read, and the kernel responds to it when the attachment ends.
      device.detach();
      expect(await second).toBe(INVALID);
      expect(errorOf(() => group.respond('success')).code).toBe('EINVAL');
      break;
    }
    expect(await first).toBe(INVALID);
    expect(faultQueue.read()).toHaveLength(0);
  });

  test('closing everything ends a loop, and waiting devices get a response', async () => {
    const testbed = open();
    const { dma, faultQueue } = start(testbed);
    const accesses = [outcome(dma.read(IOVA, 1)), outcome(dma.read(IOVA, 3 * PAGE))];
    const groups = faultQueue.read();
    accesses.push(outcome(dma.write(IOVA, pattern(1))));
    const next = faultQueue.events();
    const third: unknown = await next.next();
    expect(third).toMatchObject({ done: false });
    const end = next.next();
    expect(await isPending(end)).toBe(true);
    testbed.iommufd.close();
    expect(await end).toEqual({ done: true, value: undefined });
    expect(await Promise.all(accesses)).toEqual([INVALID, INVALID, INVALID]);
    const calls = counted(testbed.process);
    expect(errorOf(() => groups[0]?.respond('success')).code).toBe('EBADF');
    expect(groups[0]?.response).toBeUndefined();
    expect(calls()).toBe(0);
  });

  test('closing the queue ends a loop', async () => {
    const testbed = open();
    const { device, faultQueue, hwpt, dma } = start(testbed);
    const loop = faultQueue.events().next();
    expect(await isPending(loop)).toBe(true);
    device.detach();
    hwpt.close();
    faultQueue.close();
    expect(await loop).toEqual({ done: true, value: undefined });
    await expect(dma.read(IOVA, 1)).rejects.toMatchObject({ reason: 'blocked' });
    expect(errorOf(() => faultQueue.read()).code).toBe('EBADF');
    expect(errorOf(() => faultQueue.respond([])).code).toBe('EBADF');
  });

  test('a queue whose close failed stays usable', async () => {
    const testbed = open();
    const { dma, faultQueue, hwpt } = start(testbed);
    const loop = faultQueue.events().next();
    expect(await isPending(loop)).toBe(true);
    const error = errorOf(() => faultQueue.close());
    expect(error).toMatchObject({ code: 'EBUSY', usedBy: [hwpt.describe()] });
    const access = outcome(dma.read(IOVA, 1));
    const { value } = (await loop) as IteratorYieldResult<FaultGroup>;
    value.respond('invalid');
    expect(await access).toBe(INVALID);
  });
});
