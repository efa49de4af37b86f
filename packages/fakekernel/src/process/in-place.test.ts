/**
 * Tests of large memory that count steps and bytes, in a process of its own, so that all code runs there for the first time.
 * @process own
 */
import { memoryUsage } from 'node:process';
import { afterAll, expect, test } from '@jest/globals';
import { StepCounter } from '@iommufd/testkit';
import {
  IOMMU_HWPT_ALLOC,
  iommu_hwpt_alloc,
  iommu_hwpt_data_type,
  IOMMU_IOAS_MAP,
  iommu_test_op,
  iommufd_ioas_map_flags,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  MAP_SHARED,
  mock_pagetable_type,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { FakeKernel, type Process } from '../index.js';
import { TestProgram } from '../program.testing.js';

const counter = new StepCounter();
afterAll(() => counter.stop());

const PAGE = 4096;
const GIB = 1 << 30;
const RW = PROT_READ | PROT_WRITE;

const anonymous = (process: Process, length: number, prot = RW): bigint =>
  process.mmap(0n, length, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);

/** Copies bytes into a program's memory as the kernel does. */
const kernelWrites = (process: Process, at: bigint, bytes: number[]): void =>
  process.memorySpace.write(at, Uint8Array.from(bytes));

test('memory of several pages is one view, and the kernel keeps reading and writing the same bytes', () => {
  const process = new FakeKernel().spawn();
  const at = anonymous(process, 4 * PAGE);
  kernelWrites(process, at + BigInt(PAGE - 1), [1, 2]);
  const seen = process.memory(at + 10n, 3 * PAGE);
  expect([seen[PAGE - 11], seen[PAGE - 10]]).toEqual([1, 2]);
  kernelWrites(process, at + BigInt(2 * PAGE), [3]);
  expect(seen[2 * PAGE - 10]).toBe(3);
  seen[2 * PAGE - 9] = 4;
  expect([...process.memorySpace.read(at + BigInt(2 * PAGE), 2)]).toEqual([3, 4]);
  const whole = process.memory(at, 4 * PAGE);
  whole[10] = 5;
  expect([seen[0], whole.length, seen.buffer === whole.buffer]).toEqual([5, 4 * PAGE, true]);
});

test('a view of one byte shares its memory with a longer view that is requested later', () => {
  const process = new FakeKernel().spawn();
  const at = anonymous(process, 4 * PAGE);
  const byte = process.memory(at + BigInt(PAGE), 1);
  byte[0] = 7;
  const whole = process.memory(at, 4 * PAGE);
  expect(whole[PAGE]).toBe(7);
  whole[PAGE] = 8;
  expect(byte[0]).toBe(8);
});

test('all mappings of a memfd return views of the same memory, also after they are split', () => {
  const process = new FakeKernel().spawn();
  const fd = process.memfd(3 * PAGE + 5);
  const [first, second] = [0, 1].map(() => process.mmap(0n, 8 * PAGE, RW, MAP_SHARED, fd, 0n));
  if (first === undefined || second === undefined) throw new Error('not mapped');
  const seen = process.memory(first, 4 * PAGE);
  seen.fill(6, 2 * PAGE, 3 * PAGE);
  expect(process.memory(second + BigInt(2 * PAGE), PAGE).every((byte) => byte === 6)).toBe(true);
  expect(() => process.memory(first, 5 * PAGE)).toThrow(/^nothing is mapped at 0x/);
  const cut = (at: bigint, offset: number): bigint =>
    process.mmap(at, PAGE, RW, MAP_SHARED | MAP_FIXED, fd, BigInt(offset));
  cut(first + BigInt(PAGE), PAGE);
  expect(process.memory(first, 4 * PAGE).byteOffset).toBe(seen.byteOffset);
  cut(first + BigInt(PAGE), 0);
  expect(() => process.memory(first, 2 * PAGE)).toThrow(/^the memory is not in one piece: another begins at/);
});

test('a private mapping shares each page with the file until the page is viewed, and ends where the file ends', () => {
  const process = new FakeKernel().spawn();
  const fd = process.memfd(3 * PAGE);
  const map = (type: number): bigint => process.mmap(0n, 4 * PAGE, RW, type, fd, 0n);
  const [shared, own] = [process.memory(map(MAP_SHARED), 3 * PAGE), map(MAP_PRIVATE)];
  shared.fill(1);
  const head = process.memory(own, PAGE + 1);
  shared.fill(2);
  expect([head[0], head[PAGE], process.memory(own + BigInt(2 * PAGE), 1)[0]]).toEqual([1, 1, 2]);
  head.fill(3);
  const whole = process.memory(own, 3 * PAGE);
  expect([whole[0], whole[PAGE], whole[PAGE + 1], whole[2 * PAGE]]).toEqual([3, 3, 1, 2]);
  expect(shared.every((byte) => byte === 2)).toBe(true);
  expect(() => process.memory(own + BigInt(3 * PAGE), 1)).toThrow(/^nothing is mapped/);
});

test('unmapped or unreadable memory and an invalid length are RangeErrors', () => {
  const process = new FakeKernel().spawn();
  const at = anonymous(process, 2 * PAGE);
  expect(() => process.memory(at, 2 * PAGE + 1)).toThrow(
    `nothing is mapped at 0x${(at + 8192n).toString(16)}`,
  );
  expect(() => process.memory(0n, 1)).toThrow('nothing is mapped at 0x0');
  expect(() => process.memory(anonymous(process, PAGE, 0), 1)).toThrow(RangeError);
  expect(() => process.memory(at, -1)).toThrow('length is -1');
  expect(process.memory(at + 5n, 0)).toHaveLength(0);
});

test('64 GiB are mapped for the program and for devices without touching the pages', () => {
  const program = new TestProgram(2);
  const { process } = program;
  program.testCmd(iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN, (cmd) => (cmd.id = 1));
  const { out_idev_id: dev_id, out_stdev_id: object } = program.cmd.mock_domain;
  const hwpt = { dev_id, pt_id: 1, data_type: iommu_hwpt_data_type.IOMMU_HWPT_DATA_SELFTEST, data_len: 8 };
  // A page table for large addresses, because the device's current one has no room.
  program.memory.set([0, 0, 0, 0, mock_pagetable_type.MOCK_IOMMUPT_HUGE], PAGE);
  const made = program.call(IOMMU_HWPT_ALLOC, (cmd) =>
    Object.assign(cmd, { ...hwpt, data_uptr: program.at + BigInt(PAGE) }),
  );
  expect(made).toBe(0);
  const { out_hwpt_id } = view(iommu_hwpt_alloc, program.memory);
  const replaced = program.testCmd(iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE, (cmd) => {
    cmd.id = object;
    cmd.mock_domain_replace.pt_id = out_hwpt_id;
  });
  expect(replaced).toBe(0);
  const { IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } = iommufd_ioas_map_flags;
  const flags = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;
  const { arrayBuffers } = memoryUsage();
  counter.take();
  const at = anonymous(process, 64 * GIB);
  const fields = { flags, ioas_id: 1, user_va: at, length: BigInt(64 * GIB) };
  expect(program.call(IOMMU_IOAS_MAP, (cmd) => Object.assign(cmd, fields))).toBe(0);
  kernelWrites(process, at + BigInt(40 * GIB), [9]);
  // There are 16 million pages, and only one was written.
  expect(counter.take()).toBeLessThan(100_000);
  expect(memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(4 * PAGE);
  // A piece of 1 GiB can be viewed at once.
  expect(process.memory(at + BigInt(40 * GIB), GIB)[0]).toBe(9);
  expect(() => process.memory(at + BigInt(40 * GIB + 1), GIB)).toThrow(/memory is in pieces of 1 GiB$/);
});
