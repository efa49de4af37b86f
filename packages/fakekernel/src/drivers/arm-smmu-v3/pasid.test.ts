import { smmuv3Config } from '@iommufd/smmuv3';
import { expect, test } from '@jest/globals';
import { DATA, IOVA, SmmuProgram } from './smmu.testing.js';

const FOR_PASID = 8;
const BYTE = new Uint8Array([7]);

/** A device with PASIDs of the given width, and two page tables for them. */
function withPasids(pasidBits: number, ssidBits = 20) {
  const program = new SmmuProgram(smmuv3Config({ ssidBits }));
  const bound = program.bind({ streamId: 0x28, pasidBits });
  program.guestPage(DATA).set(BYTE);
  program.map(IOVA, DATA, 1);
  const hwpts = [0, 1].map(() => program.ok(program.hwpt(bound, FOR_PASID)));
  const [first = 0, second = 0] = hwpts;
  return { program, bound, first, second };
}

test.each([
  ['one table', 4, 15],
  ['tables of two levels', 12, 4000],
])('a PASID of its own, with %s of context descriptors', async (_name, bits, pasid) => {
  const { program, bound, first, second } = withPasids(bits);
  const { dma } = bound.device;
  expect(program.attach(bound, first)).toBe(first);
  expect(program.attach(bound, second, pasid)).toBe(second);
  for (const options of [{}, { pasid }]) await expect(dma.read(IOVA, 1, options)).resolves.toEqual(BYTE);
  await expect(dma.read(IOVA, 1, { pasid: pasid - 1 })).rejects.toThrow('aborted');
  program.detach(bound, pasid);
  await expect(dma.read(IOVA, 1, { pasid })).rejects.toThrow('aborted');
  await expect(dma.read(IOVA, 1)).resolves.toEqual(BYTE);
});

test('if only a PASID is attached, DMA without a PASID is aborted', async () => {
  const { program, bound, first, second } = withPasids(8);
  const { dma } = bound.device;
  program.ok(program.attach(bound, first, 3));
  await expect(dma.read(IOVA, 1, { pasid: 3 })).resolves.toEqual(BYTE);
  await expect(dma.read(IOVA, 1)).rejects.toThrow('blocked');
  expect(program.kernel.messages.at(-1)).toContain('F_STREAM_DISABLED');
  // Attaching and detaching the device does not affect the PASID.
  program.ok(program.attach(bound, second));
  await expect(dma.read(IOVA, 1)).resolves.toEqual(BYTE);
  program.detach(bound);
  await expect(dma.read(IOVA, 1)).rejects.toThrow('blocked');
  await expect(dma.read(IOVA, 1, { pasid: 3 })).resolves.toEqual(BYTE);
  const said = program.kernel.messages.length;
  program.detach(bound, 3);
  // The CD table has been removed: the access is now refused without an event.
  await expect(dma.read(IOVA, 1, { pasid: 3 })).rejects.toThrow('blocked');
  expect(program.kernel.messages).toHaveLength(said);
});

test('a PASID moves to another page table', async () => {
  const { program, bound, first, second } = withPasids(8);
  program.ok(program.attach(bound, first));
  program.ok(program.attach(bound, first, 3));
  expect(program.attach(bound, second, 3)).toBe(second);
  await expect(bound.device.dma.read(IOVA, 1, { pasid: 3 })).resolves.toEqual(BYTE);
  program.unmap(IOVA, 1);
  await expect(bound.device.dma.read(IOVA, 1, { pasid: 3 })).rejects.toThrow('aborted');
});

test('PASIDs beyond the supported width are refused', () => {
  const few = withPasids(8, 4);
  expect(few.bound.device.maxPasids).toBe(16);
  few.program.ok(few.program.attach(few.bound, few.first));
  expect(few.program.attach(few.bound, few.second, 16)).toBe('EINVAL');
  const none = withPasids(8, 0);
  expect(none.bound.device.maxPasids).toBe(0);
  none.program.ok(none.program.attach(none.bound, none.first));
  expect(none.program.attach(none.bound, none.second, 1)).toBe('EINVAL');
});

test('a stage 2 page table and a nested one cannot be attached to a PASID', () => {
  const { program, bound, first } = withPasids(8);
  const parent = program.parent(bound);
  program.ok(program.attach(bound, first));
  expect(program.attach(bound, parent, 1)).toBe('EINVAL');
  const nested = program.ok(program.nested(bound, program.ok(program.viommu(bound, parent)), 4));
  expect(program.attach(bound, nested, 1)).toBe('EINVAL');
});
