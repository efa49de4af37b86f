import { beforeEach, describe, expect, test } from '@jest/globals';
import { iommu_hwpt_pgfault_flags, iommu_hwpt_pgfault_perm, iommufd_hwpt_alloc_flags } from '@iommufd/uapi';
import { DmaFault } from '../index.js';
import { DmaProgram, IOVA, PAGE, READ, type TestFaults } from './dma.testing.js';

const { IOMMU_HWPT_ALLOC_NEST_PARENT, IOMMU_HWPT_ALLOC_PASID } = iommufd_hwpt_alloc_flags;
const { IOMMU_PGFAULT_FLAGS_LAST_PAGE: LAST, IOMMU_PGFAULT_FLAGS_PASID_VALID: PASID } =
  iommu_hwpt_pgfault_flags;
const { IOMMU_PGFAULT_PERM_READ, IOMMU_PGFAULT_PERM_WRITE } = iommu_hwpt_pgfault_perm;

let program: DmaProgram;
let faults: TestFaults;
let hwpt: number;

/** The reason and the address of an access's fault; 'done' if it succeeds. */
const outcome = async (access: Promise<unknown>): Promise<unknown> =>
  access.then(
    () => 'done',
    (cause: unknown) => (cause instanceof DmaFault ? [cause.reason, cause.iova] : cause),
  );

beforeEach(() => {
  program = new DmaProgram(60);
  faults = program.faultQueue();
  hwpt = program.hwpt(1, 0, faults.id);
  expect(program.attach(hwpt)).toBe(hwpt);
});

test('all missing pages are requested at once, and nothing is transferred before they are mapped', async () => {
  const { dma } = program.device;
  program.map(IOVA, 2 * PAGE, PAGE);
  program.map(IOVA + 0x2000n, 4 * PAGE, PAGE, READ);
  const bytes = new Uint8Array(4 * PAGE).fill(9);
  const written = dma.write(IOVA + 5n, bytes);
  // The data was copied, so changes of the buffer have no effect.
  bytes.fill(1);
  const group = faults.read();
  const common = { pasid: 0, grpid: 0, perm: IOMMU_PGFAULT_PERM_WRITE, cookie: 1 };
  expect(group).toEqual([
    { ...common, flags: 0, addr: IOVA + 0x1000n },
    { ...common, flags: 0, addr: IOVA + 0x2000n },
    { ...common, flags: 0, addr: IOVA + 0x3000n },
    { ...common, flags: LAST, addr: IOVA + 0x4000n },
  ]);
  expect(program.memory[2 * PAGE + 5]).toBe(0);
  program.map(IOVA + 0x1000n, 3 * PAGE, PAGE);
  program.unmap(IOVA + 0x2000n, PAGE);
  program.map(IOVA + 0x2000n, 4 * PAGE, 3 * PAGE);
  faults.answer({ cookie: 1 }, 'success');
  await written;
  expect(program.memory.subarray(2 * PAGE + 5, 6 * PAGE + 5).every((byte) => byte === 9)).toBe(true);
  expect([program.memory[2 * PAGE + 4], program.memory[6 * PAGE + 5]]).toEqual([0, 0]);
});

test('pages that are still missing are requested again', async () => {
  program.memory[2 * PAGE + 100] = 77;
  const done = program.device.dma.read(IOVA + 100n, 1);
  for (let i = 0; i < 3; i++) {
    await faults.wait();
    const [fault, ...others] = faults.read();
    expect(others).toEqual([]);
    expect(fault).toMatchObject({ flags: LAST, addr: IOVA, perm: IOMMU_PGFAULT_PERM_READ, grpid: 0 });
    if (i === 2) program.map(IOVA, 2 * PAGE, PAGE);
    faults.answer({ cookie: 1 }, 'success');
  }
  expect(await done).toEqual(Uint8Array.of(77));
  expect(faults.read()).toEqual([]);
});

test('a group has at most 32 pages, and the remaining ones are requested in the next group', async () => {
  const done = outcome(program.device.dma.read(IOVA, 40 * PAGE));
  const first = faults.read();
  expect(first.map(({ addr }) => addr)).toEqual(
    Array.from({ length: 32 }, (_, i) => IOVA + BigInt(i * PAGE)),
  );
  expect(first.map(({ flags }) => flags)).toEqual([...Array<number>(31).fill(0), LAST]);
  program.map(IOVA, 4 * PAGE, 32 * PAGE);
  faults.answer({ cookie: 1 }, 'success');
  await faults.wait();
  const second = faults.read();
  expect(second.map(({ addr }) => addr)).toEqual(
    Array.from({ length: 8 }, (_, i) => IOVA + BigInt((32 + i) * PAGE)),
  );
  faults.answer({ cookie: 1 }, 'invalid');
  expect(await done).toEqual(['answered as invalid', IOVA + BigInt(32 * PAGE)]);
});

test('the response INVALID aborts an access', async () => {
  program.map(IOVA, 2 * PAGE, PAGE);
  const done = outcome(program.device.dma.write(IOVA, new Uint8Array(PAGE + 1).fill(1)));
  expect(faults.read()).toHaveLength(1);
  faults.answer({ cookie: 1 }, 'invalid');
  expect(await done).toEqual(['answered as invalid', IOVA + 0x1000n]);
  expect(program.memory[2 * PAGE]).toBe(0);
});

describe.each([
  ['that were read', true],
  ['that are unread', false],
])('requests %s get the response INVALID', (_name, read) => {
  test.each<[string, () => void]>([
    ['when the device is detached', () => program.detach()],
    ['when it is moved', () => void program.attach(program.hwpt(1, 0))],
    ['when its file is closed', () => void program.process.close(program.cdev)],
    ['when the process ends', () => program.process.exit()],
  ])('%s', async (_when, end) => {
    const accesses = [program.device.dma.read(IOVA, 1), program.device.dma.read(IOVA + 0x5000n, 2 * PAGE)];
    const outcomes = Promise.all(accesses.map(outcome));
    if (read) expect(faults.read()).toHaveLength(3);
    end();
    expect(await outcomes).toEqual([
      ['answered as invalid', IOVA],
      ['answered as invalid', IOVA + 0x5000n],
    ]);
    program.process.exit();
    expect(program.kernel.leftOver()).toEqual([]);
  });
});

test('a device waits for at most 512 groups at once, and all of its accesses end', async () => {
  const { dma } = program.device;
  const accesses = Array.from({ length: 515 }, (_, i) => outcome(dma.read(IOVA + BigInt(i * PAGE), 1)));
  const seen: number[] = [];
  for (let group = faults.read(); group.length > 0; group = faults.read()) {
    seen.push(...group.map(({ grpid }) => grpid));
  }
  expect(seen).toEqual(Array.from({ length: 512 }, (_, i) => i));
  // The response releases the index of its group, and the next access in the queue makes its request with it.
  program.map(IOVA + BigInt(513 * PAGE), 2 * PAGE, PAGE);
  faults.answer({ cookie: 8 }, 'invalid');
  expect(await accesses[7]).toEqual(['answered as invalid', IOVA + BigInt(7 * PAGE)]);
  await faults.wait();
  const [next, ...others] = faults.read();
  expect([next?.grpid, next?.addr, others]).toEqual([7, IOVA + BigInt(512 * PAGE), []]);
  program.detach();
  const rest = await Promise.all(accesses);
  expect(rest.filter((each) => Array.isArray(each) && each[0] === 'answered as invalid')).toHaveLength(513);
  // The accesses without an index find the device blocked.
  expect(rest.slice(513)).toEqual([
    ['blocked', IOVA + BigInt(513 * PAGE)],
    ['blocked', IOVA + BigInt(514 * PAGE)],
  ]);
});

test('an access passes an index that it does not need to the next one', async () => {
  const { dma } = program.device;
  const accesses = Array.from({ length: 514 }, (_, i) => outcome(dma.read(IOVA + BigInt(i * PAGE), 1)));
  while (faults.read().length > 0);
  program.map(IOVA + BigInt(512 * PAGE), 2 * PAGE, PAGE);
  faults.answer({ cookie: 1 }, 'invalid');
  expect(await accesses[512]).toBe('done');
  await faults.wait();
  expect(faults.read().map(({ grpid, addr }) => [grpid, addr])).toEqual([[0, IOVA + BigInt(513 * PAGE)]]);
  program.process.exit();
  await Promise.all(accesses);
});

test('requests with a PASID contain it, with a page table of the PASID or a nested one of the device', async () => {
  program = new DmaProgram(8, { pasids: true });
  const own = program.faultQueue();
  const whole = program.faultQueue();
  const parent = program.hwpt(1, IOMMU_HWPT_ALLOC_NEST_PARENT);
  expect(program.attach(program.hwpt(parent, IOMMU_HWPT_ALLOC_PASID, whole.id))).toBeGreaterThan(0);
  expect(program.attach(program.hwpt(1, IOMMU_HWPT_ALLOC_PASID, own.id), 5)).toBeGreaterThan(0);
  const accesses = [
    program.device.dma.read(IOVA, 1, { pasid: 5 }),
    program.device.dma.read(IOVA, 1, { pasid: 6 }),
    program.device.dma.read(IOVA, 1),
  ].map(outcome);
  expect(own.read()).toMatchObject([{ flags: LAST | PASID, pasid: 5, grpid: 0 }]);
  expect(whole.read()).toMatchObject([
    { flags: LAST | PASID, pasid: 6, grpid: 1 },
    { flags: LAST, pasid: 0, grpid: 2 },
  ]);
  program.map(IOVA, 2 * PAGE, PAGE);
  own.answer({ cookie: 1 }, 'success');
  whole.answer({ cookie: 1 }, 'success');
  whole.answer({ cookie: 2 }, 'success');
  expect(await Promise.all(accesses)).toEqual(['done', 'done', 'done']);
});

test('a response to a request of IOMMU_TEST_CMD does not answer an access', async () => {
  const done = outcome(program.device.dma.read(IOVA, 1));
  program.device.reportFault({ flags: LAST, pasid: 0, grpid: 0, perm: 1, addr: 0n });
  expect(faults.read().map(({ cookie }) => cookie)).toEqual([1, 2]);
  faults.answer({ cookie: 2 }, 'invalid');
  program.map(IOVA, 2 * PAGE, PAGE);
  faults.answer({ cookie: 1 }, 'success');
  expect(await done).toBe('done');
});
