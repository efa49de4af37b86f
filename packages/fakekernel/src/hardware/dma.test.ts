import { expect, test } from '@jest/globals';
import {
  IOMMU_HWPT_GET_DIRTY_BITMAP,
  IOMMU_HWPT_SET_DIRTY_TRACKING,
  IOMMU_VDEVICE_ALLOC,
  IOMMU_VEVENTQ_ALLOC,
  iommu_veventq_alloc,
  iommu_veventq_type,
  IOMMU_VIOMMU_ALLOC,
  iommu_viommu_alloc,
  iommu_viommu_event_selftest,
  iommu_viommu_type,
  iommufd_hwpt_alloc_flags,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { DmaFault } from '../index.js';
import { DmaProgram, IOVA, PAGE, READ, WRITE } from './dma.testing.js';

const { IOMMU_HWPT_ALLOC_DIRTY_TRACKING, IOMMU_HWPT_ALLOC_NEST_PARENT, IOMMU_HWPT_ALLOC_PASID } =
  iommufd_hwpt_alloc_flags;

/** Bytes that differ from each other, and from those of another seed. */
const pattern = (length: number, seed = 1): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + seed) & 0xff);

/** The fields of the DmaFault with which an access fails. */
async function fault(access: Promise<unknown>): Promise<unknown> {
  const cause = await access.then(
    () => new Error('the access did not fault'),
    (error: unknown) => error,
  );
  if (!(cause instanceof DmaFault)) return cause;
  const { iova, access: kind, pasid, reason } = cause;
  return [iova, kind, pasid, reason];
}

test('a device accesses the memory that its page table maps, in place and without waiting', async () => {
  const program = new DmaProgram(8);
  program.attach(1);
  program.map(IOVA, 2 * PAGE, 3 * PAGE);
  const { dma } = program.device;
  program.memory.set(pattern(3 * PAGE), 2 * PAGE);
  expect(await dma.read(IOVA + 5n, 2 * PAGE)).toEqual(pattern(3 * PAGE).slice(5, 5 + 2 * PAGE));
  const bytes = pattern(PAGE + 10, 99);
  const written = dma.write(IOVA + 100n, bytes);
  expect(program.memory.slice(2 * PAGE + 100, 3 * PAGE + 110)).toEqual(bytes);
  expect(program.memory[2 * PAGE + 99]).toBe(pattern(100)[99]);
  expect(await written).toBeUndefined();
});

test('an access can cross mappings that begin within a page and are not contiguous in memory', async () => {
  const program = new DmaProgram(8);
  program.attach(1);
  program.memory.set(pattern(6 * PAGE), 2 * PAGE);
  const piece = (page: number, length: number): Uint8Array =>
    program.memory.slice((2 + page) * PAGE + 2048, (2 + page) * PAGE + 2048 + length);
  program.map(IOVA, 6 * PAGE + 2048, 2048);
  program.map(IOVA + 2048n, 2 * PAGE + 2048, PAGE);
  const expected = [...piece(4, 2048), ...piece(0, PAGE)];
  expect([...(await program.device.dma.read(IOVA, PAGE + 2048))]).toEqual(expected);
});

test('an unmapped, forbidden or blocked page aborts an access, after the pages before it', async () => {
  const program = new DmaProgram(8, { pasids: true });
  const { dma } = program.device;
  expect(await fault(dma.read(IOVA, 1))).toEqual([IOVA, 'read', undefined, 'blocked']);
  program.attach(1);
  program.map(IOVA, 2 * PAGE, PAGE);
  program.map(IOVA + 0x1000n, 3 * PAGE, PAGE, READ);
  program.map(IOVA + 0x2000n, 4 * PAGE, PAGE, WRITE);
  const at = IOVA + 0x1000n;
  expect(await fault(dma.write(IOVA + 4000n, pattern(PAGE)))).toEqual([
    at,
    'write',
    undefined,
    'not permitted',
  ]);
  expect(program.memory.slice(2 * PAGE + 4000, 3 * PAGE)).toEqual(pattern(96));
  expect(program.memory.subarray(3 * PAGE, 4 * PAGE).every((byte) => byte === 0)).toBe(true);
  expect(await fault(dma.read(at, 2 * PAGE))).toEqual([IOVA + 0x2000n, 'read', undefined, 'not permitted']);
  expect(await fault(dma.write(IOVA + 0x2000n, pattern(PAGE + 1)))).toEqual([
    IOVA + 0x3000n,
    'write',
    undefined,
    'not mapped',
  ]);
  expect(program.memory.slice(4 * PAGE, 5 * PAGE)).toEqual(pattern(PAGE));
  await expect(dma.read(IOVA, 1, { pasid: 5 })).rejects.toThrow(
    'a device could not read at 0x1000000 through PASID 5: blocked',
  );
  program.unmap(IOVA, PAGE);
  expect(await fault(dma.read(IOVA, 1))).toEqual([IOVA, 'read', undefined, 'not mapped']);
  program.detach();
  expect(await fault(dma.read(at, 1))).toEqual([at, 'read', undefined, 'blocked']);
});

test('no byte of a partly mapped page is transferred', async () => {
  const program = new DmaProgram(8);
  program.attach(1);
  program.map(IOVA, 2 * PAGE, PAGE + 2048);
  const failed = fault(program.device.dma.write(IOVA + 4090n, pattern(PAGE)));
  expect(await failed).toEqual([IOVA + 0x1800n, 'write', undefined, 'not mapped']);
  expect(program.memory.slice(3 * PAGE - 6, 3 * PAGE + 1)).toEqual(Uint8Array.of(1, 8, 15, 22, 29, 36, 0));
});

test('an invalid access is a RangeError that names the argument', async () => {
  const { device } = new DmaProgram(2);
  const { dma } = device;
  const { dma: withPasids } = new DmaProgram(2, { pasids: true }).device;
  await expect(dma.read(-1n, 1)).rejects.toThrow(new RangeError('iova is -1, and not an address of 64 bits'));
  await expect(dma.read(1n << 64n, 1)).rejects.toThrow(/^iova is/);
  for (const length of [0, -1, 1.5, NaN]) await expect(dma.read(0n, length)).rejects.toThrow(/^length: /);
  await expect(dma.write(0n, new Uint8Array(0))).rejects.toThrow(/^bytes: 0 is/);
  await expect(dma.read((1n << 64n) - 8n, 9)).rejects.toThrow(/^length: 9 bytes from 0xfffffffffffffff8 on/);
  await expect(dma.write((1n << 64n) - 1n, new Uint8Array(2))).rejects.toThrow(RangeError);
  expect(await fault(dma.read((1n << 64n) - 8n, 8))).toEqual([
    (1n << 64n) - 8n,
    'read',
    undefined,
    'blocked',
  ]);
  await expect(dma.read(0n, 1, { pasid: 5 })).rejects.toThrow(
    new RangeError('pasid is 5, and the device has none'),
  );
  for (const pasid of [-1, 1.5, 1 << 20]) {
    await expect(withPasids.read(0n, 1, { pasid })).rejects.toThrow(/^pasid is .* the device has 1048576$/);
  }
});

test('a PASID is translated by its own page table', async () => {
  const program = new DmaProgram(8, { pasids: true });
  const own = program.hwpt(1, IOMMU_HWPT_ALLOC_PASID);
  program.attach(own, 5);
  program.map(IOVA, 2 * PAGE, PAGE);
  const { dma } = program.device;
  await dma.write(IOVA, pattern(8), { pasid: 5 });
  expect(program.memory.slice(2 * PAGE, 2 * PAGE + 8)).toEqual(pattern(8));
  expect(await fault(dma.read(IOVA, 8))).toEqual([IOVA, 'read', undefined, 'blocked']);
  expect(await fault(dma.read(IOVA, 8, { pasid: 6 }))).toEqual([IOVA, 'read', 6, 'blocked']);
});

test('while tracking is enabled, a write makes pages dirty, and a read does not', async () => {
  const program = new DmaProgram(8);
  const hwpt = program.hwpt(1, IOMMU_HWPT_ALLOC_DIRTY_TRACKING);
  program.attach(hwpt);
  program.map(IOVA, 2 * PAGE, 4 * PAGE);
  const { dma } = program.device;
  const dirty = (): number => {
    program.memory.fill(0, PAGE, PAGE + 8);
    const fields = { hwpt_id: hwpt, iova: IOVA, length: BigInt(4 * PAGE), page_size: 2048n };
    const done = program.call(IOMMU_HWPT_GET_DIRTY_BITMAP, (cmd) =>
      Object.assign(cmd, { ...fields, data: program.at + BigInt(PAGE) }),
    );
    expect(done).toBe(0);
    return program.memory[PAGE] ?? 0;
  };
  await dma.write(IOVA, pattern(8));
  const on = { flags: 1, hwpt_id: hwpt };
  expect(program.call(IOMMU_HWPT_SET_DIRTY_TRACKING, (cmd) => Object.assign(cmd, on))).toBe(0);
  await dma.read(IOVA, 4 * PAGE);
  expect(dirty()).toBe(0);
  await dma.write(IOVA + 4090n, pattern(PAGE));
  expect(dirty()).toBe(0b0000_1111);
  await dma.write(IOVA + 0x3800n, pattern(1));
  expect(dirty()).toBe(0b1100_0000);
  // Only the pages that were transferred before the fault are dirty.
  await fault(dma.write(IOVA + 0x3000n, pattern(2 * PAGE)));
  expect(dirty()).toBe(0b1100_0000);
  expect(dirty()).toBe(0);
});

test('a page table with dirty tracking is refused if the IOMMU of the device does not support it', () => {
  const program = new DmaProgram(2, { dirtyTracking: false });
  expect(() => program.hwpt(1, IOMMU_HWPT_ALLOC_DIRTY_TRACKING)).toThrow();
  expect(program.device.canTrackDirty).toBe(false);
});

test('an access that faults in a nested page table reports an event to the vEVENTQ, if there is one', async () => {
  const program = new DmaProgram(8);
  const { dma } = program.device;
  const parent = program.hwpt(1, IOMMU_HWPT_ALLOC_NEST_PARENT);
  const type = iommu_viommu_type.IOMMU_VIOMMU_TYPE_SELFTEST;
  const viommuFields = { type, dev_id: program.deviceId, hwpt_id: parent };
  expect(program.call(IOMMU_VIOMMU_ALLOC, (cmd) => Object.assign(cmd, viommuFields))).toBe(0);
  const viommu_id = view(iommu_viommu_alloc, program.memory).out_viommu_id;
  const nested = program.hwpt(viommu_id, 0);
  const vdevice = { viommu_id, dev_id: program.deviceId, virt_id: 0x99n };
  expect(program.call(IOMMU_VDEVICE_ALLOC, (cmd) => Object.assign(cmd, vdevice))).toBe(0);
  expect(program.attach(nested)).toBe(nested);

  program.map(IOVA, 2 * PAGE, PAGE);
  await dma.write(IOVA + 16n, pattern(8));
  expect(program.memory.slice(2 * PAGE + 16, 2 * PAGE + 24)).toEqual(pattern(8));
  // Without a queue, no event is reported.
  expect(await fault(dma.read(IOVA + 0x1000n, 1))).toEqual([IOVA + 0x1000n, 'read', undefined, 'not mapped']);

  const queueType = iommu_veventq_type.IOMMU_VEVENTQ_TYPE_SELFTEST;
  const queue = { viommu_id, type: queueType, veventq_depth: 4 };
  expect(program.call(IOMMU_VEVENTQ_ALLOC, (cmd) => Object.assign(cmd, queue))).toBe(0);
  const fd = view(iommu_veventq_alloc, program.memory).out_veventq_fd;
  const failed = dma.write(IOVA + 4092n, pattern(8));
  expect(program.process.read(fd, program.at, 64)).toBe(12);
  expect(view(iommu_viommu_event_selftest, program.memory, 8).virt_id).toBe(0x99);
  expect(await fault(failed)).toEqual([IOVA + 0x1000n, 'write', undefined, 'not mapped']);
  expect(program.memory.slice(3 * PAGE - 4, 3 * PAGE)).toEqual(pattern(4));
  program.process.exit();
  expect(program.kernel.leftOver()).toEqual([]);
});

test('an access through a nested page table without a virtual IOMMU is translated by the parent', async () => {
  const program = new DmaProgram(8);
  const nested = program.hwpt(program.hwpt(1, IOMMU_HWPT_ALLOC_NEST_PARENT), 0);
  program.attach(nested);
  program.map(IOVA, 2 * PAGE, PAGE, READ);
  const { dma } = program.device;
  program.memory.set(pattern(8), 2 * PAGE);
  expect(await dma.read(IOVA, 8)).toEqual(pattern(8));
  expect(await fault(dma.write(IOVA, pattern(8)))).toEqual([IOVA, 'write', undefined, 'not permitted']);
});
