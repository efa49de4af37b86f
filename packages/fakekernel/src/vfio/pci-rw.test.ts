import { beforeEach, expect, test } from '@jest/globals';
import {
  errnoName,
  VFIO_DEVICE_BIND_IOMMUFD,
  VFIO_DEVICE_GET_REGION_INFO,
  vfio_region_info,
  VFIO_DEVICE_RESET,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { FakeSmmuv3, type PciFunction } from '../index.js';
import { TestProgram } from '../program.testing.js';

const CONFIG = 7n << 40n;
const BAR2 = 2n << 40n;

/** A function with one BAR of four bytes, which can be accessed while memory decoding is enabled. */
class Registers implements PciFunction {
  readonly configSize = 256;
  readonly canReset = false;
  readonly config = new Uint8Array(256);
  readonly bar = new Uint8Array([1, 2, 3, 4]);
  barSize = (bar: number): number => (bar === 2 ? 4 : 0);
  readConfig = (offset: number, length: number): Uint8Array => this.config.slice(offset, offset + length);
  writeConfig = (offset: number, bytes: Uint8Array): void => this.config.set(bytes, offset);
  opened = (): void => void this.config.set([2], 4);

  readBar(_bar: number, offset: number, length: number): Uint8Array | undefined {
    return this.config[4] === 0 ? undefined : this.bar.slice(offset, offset + length);
  }

  writeBar(_bar: number, offset: number, bytes: Uint8Array): boolean {
    this.bar.set(bytes, offset);
    return this.config[4] !== 0;
  }
}

let program: TestProgram;
let pci: Registers;
let fd: number;

beforeEach(() => {
  program = new TestProgram(2);
  pci = new Registers();
  const smmu = new FakeSmmuv3(program.kernel);
  fd = program.process.open(program.kernel.plug(smmu.addDevice({ streamId: 8, pci })));
});

const at = (): bigint => program.at + 4096n;
const named = (ret: number): number | string => (ret < 0 ? (errnoName(ret) ?? ret) : ret);
const pread = (length: number, position: bigint): number | string =>
  named(program.process.pread(fd, at(), length, position));
const pwrite = (length: number, position: bigint): number | string =>
  named(program.process.pwrite(fd, at(), length, position));
const bind = (): void =>
  expect(program.call(VFIO_DEVICE_BIND_IOMMUFD, (cmd) => (cmd.iommufd = program.fd), fd)).toBe(0);

test('registers are read and written once the device is bound', () => {
  expect(pread(4, CONFIG)).toBe('EINVAL');
  expect(pwrite(4, CONFIG)).toBe('EINVAL');
  bind();
  expect(pread(8, BAR2 + 1n)).toBe(3);
  expect([...program.memory.subarray(4096, 4099)]).toEqual([2, 3, 4]);
  expect(pwrite(1, BAR2)).toBe(1);
  expect([...pci.bar]).toEqual([2, 2, 3, 4]);
  expect(pread(4, CONFIG + 4n)).toBe(4);
  expect([...program.memory.subarray(4096, 4100)]).toEqual([2, 0, 0, 0]);
});

test('accesses to missing regions fail', () => {
  bind();
  expect(pread(0, BAR2 + 100n)).toBe(0);
  expect(pread(1, BAR2 + 4n)).toBe('EINVAL');
  expect(pread(1, 0n)).toBe('EINVAL');
  expect(pread(1, 6n << 40n)).toBe('EINVAL');
  expect(pread(1, 100n << 40n)).toBe('EINVAL');
  expect(pread(4, CONFIG + 254n)).toBe('EFAULT');
  expect(pread(4, -1n)).toBe('EINVAL');
  expect(named(program.process.pread(fd, 0n, 4, CONFIG))).toBe('EFAULT');
  expect(named(program.process.pread(99, at(), 4, 0n))).toBe('EBADF');
  expect(named(program.process.pread(program.fd, at(), 4, 0n))).toBe('EINVAL');
});

test('a BAR that is switched off does not answer', () => {
  bind();
  program.memory[4096] = 0;
  expect(pwrite(1, CONFIG + 4n)).toBe(1);
  expect(pread(4, BAR2)).toBe('EIO');
  expect(pwrite(4, BAR2)).toBe('EIO');
});

test('VFIO reports the regions of the function', () => {
  bind();
  const region = (index: number): readonly [bigint, number] => {
    expect(program.call(VFIO_DEVICE_GET_REGION_INFO, (cmd) => (cmd.index = index), fd)).toBe(0);
    const { size, flags } = view(vfio_region_info, program.memory);
    return [size, flags];
  };
  expect([0, 2, 6, 7].map(region)).toEqual([
    [0n, 0],
    // Smaller than a page, and alone in its page: it can be mapped.
    [4n, 7],
    [0n, 0],
    [256n, 3],
  ]);
  expect(named(program.process.ioctl(fd, VFIO_DEVICE_RESET.request, 0n))).toBe('EINVAL');
});
