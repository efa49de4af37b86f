import type { AtcInvalidation } from '@iommufd/smmuv3';
import { expect, test } from '@jest/globals';
import { FakeKernel, FakeSmmuv3 } from '../../index.js';
import { DATA, IOVA, IPA, SmmuProgram } from './smmu.testing.js';

/** Devices without StreamIDs, and with several or duplicate StreamIDs: Linux's handling of `master->streams`. */

/** Values of STE.Config of a guest's entry. */
const ABORT = 0;
const BYPASS = 4;
const TRANSLATE = 5;
const FOR_PASID = 8;

test.each([
  ['one', { streamId: 0x28 }, true],
  ['a list of one', { streamIds: [0x28] }, true],
  ['none', { streamIds: [] }, false],
  ['two', { streamIds: [0x28, 0x30] }, false],
  ['a duplicate one', { streamIds: [0x28, 0x28] }, false],
])('only a device with exactly one StreamID can have a virtual id: %s', (_name, streams, isOne) => {
  const program = new SmmuProgram();
  const bound = program.bind(streams);
  const parent = program.parent(bound);
  const viommu = program.ok(program.viommu(bound, parent));
  const result = program.vdevice(bound, viommu, 1n);
  expect(result).toEqual(isOne ? expect.any(Number) : 'EOPNOTSUPP');
  // A failed call leaves nothing behind: the id stays free. EEXIST takes precedence over EOPNOTSUPP.
  const other = program.bind({ streamId: 0x100 });
  expect(program.vdevice(other, viommu, 1n)).toEqual(isOne ? 'EEXIST' : expect.any(Number));
  if (!isOne) expect(program.vdevice(bound, viommu, 1n)).toBe('EEXIST');
});

test('every StreamID of a device is attached, and detached', async () => {
  const program = new SmmuProgram();
  // The second StreamID is in another second-level table.
  const bound = program.bind({ streamIds: [0x28, 0x1234, 0x28] });
  const { device } = bound;
  program.map(IOVA, DATA, 1);
  program.guestPage(DATA)[0] = 7;
  const read = async (streamId: number): Promise<unknown> => device.dmaOf(streamId).read(IOVA, 1);
  expect([device.streamId, device.streamIds]).toEqual([0x28, [0x28, 0x1234, 0x28]]);
  for (const pt of [1, program.parent(bound)]) {
    program.ok(program.attach(bound, pt));
    await expect(device.dma.read(IOVA, 1)).resolves.toEqual(new Uint8Array([7]));
    for (const streamId of [0x28, 0x1234]) await expect(read(streamId)).resolves.toEqual(new Uint8Array([7]));
    program.detach(bound);
    for (const streamId of [0x28, 0x1234]) await expect(read(streamId)).rejects.toThrow('blocked');
  }
  expect(() => device.dmaOf(0x30)).toThrow('StreamID 0x30 is not one of the device');
});

test('unmapping and detaching a PASID invalidate the caches of all StreamIDs', async () => {
  const program = new SmmuProgram();
  const bound = program.bind({ streamIds: [0x28, 0x30], pasidBits: 4 });
  const read = async (streamId: number, pasid?: number): Promise<unknown> =>
    bound.device.dmaOf(streamId).read(IOVA, 1, { pasid });
  program.ok(program.attach(bound, program.ok(program.hwpt(bound, FOR_PASID))));
  program.ok(program.attach(bound, program.ok(program.hwpt(bound, FOR_PASID)), 3));
  program.map(IOVA, DATA, 1);
  for (const streamId of [0x28, 0x30]) {
    await read(streamId);
    await read(streamId, 3);
  }
  program.unmap(IOVA, 1);
  for (const streamId of [0x28, 0x30]) await expect(read(streamId, 3)).rejects.toThrow('aborted');
  program.map(IOVA, DATA, 1);
  for (const streamId of [0x28, 0x30]) await read(streamId, 3);
  program.detach(bound, 3);
  for (const streamId of [0x28, 0x30]) {
    await expect(read(streamId, 3)).rejects.toThrow('aborted');
    await expect(read(streamId)).resolves.toEqual(new Uint8Array(1));
  }
});

test('the ATC of a device is invalidated for every StreamID, in ascending order', () => {
  const program = new SmmuProgram();
  const bound = program.bind({ streamIds: [0x30, 0x28, 0x30], ats: true });
  const told: AtcInvalidation[] = [];
  bound.device.onAtcInvalidate = (invalidation) => void told.push(invalidation);
  const streams = (): number[] => told.splice(0).map(({ streamId }) => streamId);
  program.ok(program.attach(bound, 1));
  program.map(IOVA, DATA, 1);
  program.unmap(IOVA, 1);
  expect(streams()).toEqual([0x28, 0x30]);
  // Attaching does not remove duplicate StreamIDs.
  program.detach(bound);
  expect(streams()).toEqual([0x28, 0x30, 0x30]);
});

test('an STE of a guest needs a virtual id only if it has stage 1', async () => {
  const program = new SmmuProgram();
  const bound = program.bind({ streamIds: [0x28, 0x30] });
  program.setUpGuest();
  const viommu = program.ok(program.viommu(bound, program.parent(bound)));
  const attach = (config: number): number | string =>
    program.attach(bound, program.ok(program.nested(bound, viommu, config)));
  expect(attach(TRANSLATE)).toBe('ENOENT');
  program.ok(attach(BYPASS));
  for (const streamId of [0x28, 0x30])
    await expect(bound.device.dmaOf(streamId).read(IPA, 1)).resolves.toBeInstanceOf(Uint8Array);
  program.ok(attach(ABORT));
  for (const streamId of [0x28, 0x30])
    await expect(bound.device.dmaOf(streamId).read(IPA, 1)).rejects.toThrow('aborted');
});

test('a device that stalls can use a fault queue only if it has exactly one StreamID', () => {
  for (const [streamIds, canStall, expected] of [
    [[0x28], true, expect.any(Number)],
    [[0x28, 0x30], true, 'EOPNOTSUPP'],
    [[0x28, 0x30], false, expect.any(Number)],
  ] as const) {
    const program = new SmmuProgram();
    const bound = program.bind({ streamIds, canStall, pasidBits: 4 });
    const faults = program.faultQueue();
    expect(program.attach(bound, program.ok(program.hwpt(bound, 0, faults)))).toEqual(expected);
    program.ok(program.attach(bound, program.ok(program.hwpt(bound, FOR_PASID))));
    expect(program.attach(bound, program.ok(program.hwpt(bound, FOR_PASID, faults)), 3)).toEqual(expected);
    if (typeof expected !== 'string') continue;
    const viommu = program.ok(program.viommu(bound, program.parent(bound)));
    // Without a virtual id, stage 1 is refused earlier.
    expect(program.attach(bound, program.ok(program.nested(bound, viommu, TRANSLATE, faults)))).toBe(
      'ENOENT',
    );
    expect(program.attach(bound, program.ok(program.nested(bound, viommu, BYPASS, faults)))).toBe(expected);
  }
});

test('an event has the virtual id of the device, whichever StreamID caused it', async () => {
  const program = new SmmuProgram();
  const bound = program.bind({ streamIds: [0x28, 0x30] });
  program.ok(program.attach(bound, 1));
  for (const streamId of [0x28, 0x30]) {
    await expect(bound.device.dmaOf(streamId).read(IOVA, 1)).rejects.toThrow('aborted');
    expect(program.kernel.messages.at(-2)).toContain(
      `event: F_TRANSLATION client: 0000:00:01.0 sid: 0x${streamId.toString(16)} ssid: 0x0`,
    );
  }
});

test('a StreamID belongs to one device, and is free when the device is removed', async () => {
  const kernel = new FakeKernel();
  const smmu = new FakeSmmuv3(kernel);
  const first = smmu.addDevice({ streamIds: [1, 2] });
  expect(() => smmu.addDevice({ streamIds: [3, 2] })).toThrow(
    'StreamID 0x2 belongs to another device already',
  );
  expect(() => smmu.addDevice({ streamIds: [3, 0x10000] })).toThrow(
    'StreamID 0x10000 is beyond the stream table',
  );
  expect(() => smmu.addDevice({ streamId: -1 })).toThrow('a StreamID is a number of 32 bits, found -1');
  // The failed call has not reserved any StreamID.
  smmu.addDevice({ streamId: 3 });
  smmu.removeDevice(first);
  const second = smmu.addDevice({ streamIds: [2, 1] });
  await expect(second.dmaOf(1).read(0n, 1)).rejects.toThrow('blocked');
});

test('a device without StreamIDs can be attached, but all its accesses are aborted', async () => {
  const program = new SmmuProgram();
  const bound = program.bind({ streamIds: [] });
  program.map(IOVA, DATA, 1);
  program.ok(program.attach(bound, 1));
  await expect(bound.device.dma.read(IOVA, 1)).rejects.toThrow('blocked');
  await expect(bound.device.requestPage(IOVA)).resolves.toBe('failure');
  expect(bound.device.streamId).toBeUndefined();
  program.detach(bound);
  program.process.exit();
  expect(program.kernel.leftOver()).toEqual([]);
});

test('only stalls of the first StreamID are resumed', async () => {
  const program = new SmmuProgram();
  const bound = program.bind({ streamIds: [0x28, 0x30], canStall: true });
  program.ok(program.attach(bound, 1));
  let ended = false;
  const end = (): void => void (ended = true);
  bound.device.dmaOf(0x30).read(IOVA, 1).then(end, end);
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  expect(ended).toBe(false);
  await expect(bound.device.dmaOf(0x28).read(IOVA, 1)).rejects.toThrow('answered as invalid');
});
