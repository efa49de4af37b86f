import { smmuv3Config } from '@iommufd/smmuv3';
import { expect, test } from '@jest/globals';
import { iommufd_page_response_code } from '@iommufd/uapi';
import { type Bound, DATA, IOVA, IPA, SmmuProgram } from './smmu.testing.js';

const VSID = 0x123n;
/** Values of `iommu_hwpt_pgfault_perm`. */
const READ = 1;
const WRITE = 2;

/** A device on a page table of the kernel with a fault queue. */
function stalling() {
  const program = new SmmuProgram();
  const bound = program.bind({ streamId: 0x28, canStall: true });
  const faults = program.faultQueue();
  const hwpt = program.ok(program.hwpt(bound, 0, faults));
  program.ok(program.attach(bound, hwpt));
  return { program, bound, faults, hwpt };
}

test('a stalled read completes when the program has mapped the page and responded', async () => {
  const { program, bound, faults } = stalling();
  const read = bound.device.dma.read(IOVA + 0x123n, 2);
  const [fault] = faults.read();
  expect(fault).toMatchObject({ perm: READ, addr: IOVA + 0x123n, pasid: 0 });
  program.guestPage(DATA).fill(5, 0x123, 0x125);
  program.map(IOVA, DATA, 1);
  if (fault !== undefined) faults.answer(fault, 'success');
  await expect(read).resolves.toEqual(new Uint8Array([5, 5]));
});

test('a write stalls again if the response comes before the mapping, and is aborted by the response INVALID', async () => {
  const { program, bound, faults } = stalling();
  const write = bound.device.dma.write(IOVA, new Uint8Array([1]));
  for (const answer of ['success', 'invalid'] as const) {
    await faults.wait();
    const [fault] = faults.read();
    expect(fault).toMatchObject({ perm: WRITE, addr: IOVA });
    if (fault !== undefined) faults.answer(fault, answer);
  }
  await expect(write).rejects.toMatchObject({ iova: IOVA, reason: 'answered as invalid' });
  expect(iommufd_page_response_code.IOMMUFD_PAGE_RESP_INVALID).toBe(1);
  expect(program.kernel.messages.filter((line) => line.includes('F_TRANSLATION'))).toEqual([]);
});

test('detaching responds to all groups, read or not', async () => {
  const { program, bound, faults } = stalling();
  const first = bound.device.dma.read(IOVA, 1);
  expect(faults.read()).toHaveLength(1);
  const second = bound.device.dma.read(IOVA + 0x1000n, 1);
  program.detach(bound);
  await expect(first).rejects.toThrow('answered as invalid');
  await expect(second).rejects.toThrow('answered as invalid');
});

test('moving the device to another page table aborts the accesses that wait in the old queue', async () => {
  const { program, bound, faults } = stalling();
  const read = bound.device.dma.read(IOVA, 1);
  program.ok(program.attach(bound, program.ok(program.hwpt(bound, 0, faults))));
  await expect(read).rejects.toThrow('answered as invalid');
  const again = bound.device.dma.read(IOVA, 1);
  expect(faults.read()).toHaveLength(1);
  program.map(IOVA, DATA, 1);
  program.detach(bound);
  await expect(again).rejects.toThrow('answered as invalid');
});

test('if the device is moved before the driver handles the event, the new page table reports the fault', async () => {
  const { program, bound, faults } = stalling();
  program.smmu.holdInterrupts();
  const read = bound.device.dma.read(IOVA, 1);
  program.ok(program.attach(bound, program.ok(program.hwpt(bound, 0, faults))));
  program.smmu.releaseInterrupts();
  const [fault] = faults.read();
  program.map(IOVA, DATA, 1);
  if (fault !== undefined) faults.answer(fault, 'success');
  await expect(read).resolves.toEqual(new Uint8Array(1));
});

test('without a fault queue a stalled transaction is aborted and logged', async () => {
  const { program, bound } = stalling();
  program.ok(program.attach(bound, program.ok(program.hwpt(bound, 0))));
  await expect(bound.device.dma.read(IOVA, 1)).rejects.toThrow('answered as invalid');
  expect(program.kernel.messages.at(-1)).toMatch(/ stall stag: 0x\d+$/);
});

/** A device on a guest's stage 1 that stalls. */
function guest(canStall: boolean): { program: SmmuProgram; bound: Bound; viommu: number } {
  const program = new SmmuProgram();
  const bound = program.bind({ streamId: 0x28, canStall });
  program.setUpGuest({ stalls: true });
  const viommu = program.ok(program.viommu(bound, program.parent(bound)));
  program.ok(program.vdevice(bound, viommu, VSID));
  return { program, bound, viommu };
}

test('a stall of a guest goes to the fault queue, and not to the vEVENTQ', async () => {
  const { program, bound, viommu } = guest(true);
  const faults = program.faultQueue();
  const events = program.events(viommu);
  program.ok(program.attach(bound, program.ok(program.nested(bound, viommu, 5, faults))));
  const read = bound.device.dma.read(IOVA, 1);
  const [fault] = faults.read();
  expect(fault).toMatchObject({ perm: READ, addr: IOVA });
  expect(program.read(events)).toEqual([]);
  program.guestPage(DATA)[0] = 3;
  program.show(0, DATA);
  if (fault !== undefined) faults.answer(fault, 'success');
  await expect(read).resolves.toEqual(new Uint8Array([3]));
});

test.each([
  ['without a fault queue', false],
  ['with a fault queue, which stays empty', true],
])('a stall of a device that Linux does not allow to stall is never resumed: %s', async (_name, hasQueue) => {
  const { program, bound, viommu } = guest(false);
  const faults = hasQueue ? program.faultQueue() : undefined;
  program.ok(program.attach(bound, program.ok(program.nested(bound, viommu, 5, faults))));
  let ended = false;
  const end = (): void => void (ended = true);
  bound.device.dma.read(IOVA, 1).then(end, end);
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  expect(ended).toBe(false);
  expect(faults?.read() ?? []).toEqual([]);
  expect(program.kernel.messages.at(-1)).toContain('stall stag:');
});

test('a stall with a PASID goes to the queue of the PASID', async () => {
  const program = new SmmuProgram();
  const bound = program.bind({ streamId: 0x28, canStall: true, pasidBits: 12 });
  const faults = program.faultQueue();
  const FOR_PASID = 8;
  program.ok(program.attach(bound, program.ok(program.hwpt(bound, FOR_PASID))));
  const hwpt = program.ok(program.hwpt(bound, FOR_PASID, faults));
  expect(program.attach(bound, hwpt, 5)).toBe(hwpt);
  const read = bound.device.dma.read(IOVA, 1, { pasid: 5 });
  const [fault] = faults.read();
  expect(fault).toMatchObject({ pasid: 5, addr: IOVA });
  program.map(IOVA, DATA, 1);
  if (fault !== undefined) faults.answer(fault, 'success');
  await expect(read).resolves.toEqual(new Uint8Array(1));
  await expect(bound.device.dma.read(IOVA, 1, { pasid: 6 })).rejects.toThrow();
  // Without a PASID, the device accesses the same IOAS here.
  await expect(bound.device.dma.read(IOVA, 1)).resolves.toEqual(new Uint8Array(1));
});

test('PCIe page requests are refused, because Linux never enables them', async () => {
  const program = new SmmuProgram();
  const { device } = program.bind({ streamId: 0x28, ats: true });
  await expect(device.requestPage(IPA, { write: true })).resolves.toBe('failure');
  expect(program.kernel.messages.slice(-2)).toEqual([
    expect.stringContaining('unexpected PRI request received:'),
    expect.stringContaining('sid 0x00000028.0x00000: [0L] unprivileged W access at iova 0x0000000080000000'),
  ]);
});

test('if the PRI queue overflows, the hardware responds to the lost requests', async () => {
  const program = new SmmuProgram(smmuv3Config({ priQueueLog2: 1 }));
  const { device } = program.bind({ streamId: 0x28, ats: true });
  program.smmu.holdInterrupts();
  const requests = [1n, 2n, 3n, 4n].map(async (page) => device.requestPage(page << 12n));
  program.smmu.releaseInterrupts();
  const answers = await Promise.all(requests);
  expect(answers.filter((answer) => answer === 'failure')).toHaveLength(2);
  const said = program.kernel.messages.filter((line) => line.includes('PRIQ overflow detected'));
  expect(said).toEqual([expect.stringContaining('PRIQ overflow detected -- requests lost')]);
});
