import { beforeEach, expect, test } from '@jest/globals';
import { errno, type ErrnoName, VFIO_DEVICE_IOEVENTFD } from '@iommufd/uapi';
import { msix, ram, registers } from '../index.js';
import { InterruptProgram } from './interrupts.testing.js';

const is = (name: ErrnoName): number => -errno[name];
const MEMORY = 2;
const BAR = (bar: number, offset: number): bigint => (BigInt(bar) << 40n) + BigInt(offset);

let program: InterruptProgram;
let writes: string[];
let fd: number;

beforeEach(() => {
  writes = [];
  const write = (offset: number, size: number, value: bigint): void =>
    void writes.push(`${size} bytes at ${offset}: 0x${value.toString(16)}`);
  program = new InterruptProgram({
    bars: [registers(4096, { read: () => 0n, write }), ram(4096)],
    capabilities: [msix({ vectors: 4, bar: 1 })],
  });
  fd = program.eventfd();
});

const base = { argsz: 32, flags: 4, offset: BAR(0, 0x60), data: 0x1122_3344_5566_7788n, fd: -1 };

const tie = (changed: Partial<typeof base> = {}): number =>
  program.call(VFIO_DEVICE_IOEVENTFD, (cmd) => Object.assign(cmd, { ...base, fd, ...changed }), program.cdev);

test('a signal writes as much of the value as was asked for, and the counter is taken', () => {
  expect([1, 2, 4, 8].map((flags) => tie({ flags }))).toEqual([0, 0, 0, 0]);
  expect(tie({ flags: 2, offset: BAR(0, 0x33) })).toBe(0);
  program.signal(fd);
  expect(writes).toEqual([
    '1 bytes at 96: 0x88',
    '2 bytes at 96: 0x7788',
    '4 bytes at 96: 0x55667788',
    '8 bytes at 96: 0x1122334455667788',
    '2 bytes at 51: 0x7788',
  ]);
  expect(program.count(fd)).toBe(0);
});

test('is tied once, and untied by the same', () => {
  expect([tie(), tie(), tie({ fd: program.eventfd() })]).toEqual([0, is('EEXIST'), is('EEXIST')]);
  expect([tie({ data: 0n, fd: -1 }), tie({ fd: -1 }), tie({ fd: -1 })]).toEqual([
    is('ENODEV'),
    0,
    is('ENODEV'),
  ]);
  program.signal(fd);
  expect(writes).toEqual([]);
});

test.each<[string, Partial<typeof base>, ErrnoName]>([
  ['argsz', { argsz: 27 }, 'EINVAL'],
  ['no width', { flags: 0 }, 'EINVAL'],
  ['two widths', { flags: 3 }, 'EINVAL'],
  ['an unknown flag', { flags: 0x14 }, 'EINVAL'],
  ['an fd below -1', { fd: -2 }, 'EINVAL'],
  ['an fd that is not open', { fd: 99 }, 'EBADF'],
  ['an fd that is no eventfd', { fd: 3 }, 'EINVAL'],
  ['beyond the end', { offset: BAR(0, 4093) }, 'EINVAL'],
  ['a BAR that is not there', { offset: BAR(2, 0) }, 'EINVAL'],
  ['the ROM', { offset: BAR(6, 0) }, 'EINVAL'],
  ['configuration space', { offset: BAR(7, 0) }, 'EINVAL'],
  ['the MSI-X table', { offset: BAR(1, 63) }, 'EINVAL'],
])('%s', (_name, changed, name) => {
  expect(tie(changed)).toBe(is(name));
});

test('behind the MSI-X table it works, and argsz need not count what is reserved', () => {
  expect(tie({ offset: BAR(1, 64), argsz: 28 })).toBe(0);
});

test('nothing is written while memory decoding is off, nor after the close', () => {
  expect(tie()).toBe(0);
  program.command(program.command() & ~MEMORY);
  program.signal(fd);
  program.command(program.command() | MEMORY);
  expect([writes, program.count(fd)]).toEqual([[], 0]);
  program.process.close(program.cdev);
  program.signal(fd);
  expect([writes, program.count(fd)]).toEqual([[], 1]);
});

test('there are a thousand at most', () => {
  for (let i = 0; i < 1000; i++) expect(tie({ data: BigInt(i) })).toBe(0);
  expect(tie()).toBe(is('ENOSPC'));
});
