import { describe, expect, test } from '@jest/globals';
import {
  errno,
  IOMMU_IOAS_MAP_FILE,
  IOMMU_IOAS_UNMAP,
  iommu_test_op,
  iommufd_ioas_map_flags,
  VFIO_DEVICE_FEATURE,
  vfio_device_feature_flags,
  vfio_device_feature_index,
  VFIO_DEVICE_RESET,
} from '@iommufd/uapi';
import {
  createDevice,
  express,
  FakeKernel,
  ioPorts,
  type KernelConfig,
  mockModule,
  pm,
  ram,
  registers,
} from '../index.js';
import { PciProgram } from './pci.testing.js';

const PAGE = 4096;
const IOVA = 0x100_0000n;
const {
  VFIO_DEVICE_FEATURE_GET: GET,
  VFIO_DEVICE_FEATURE_PROBE: PROBE,
  VFIO_DEVICE_FEATURE_SET: SET,
} = vfio_device_feature_flags;
const {
  VFIO_DEVICE_FEATURE_DMA_BUF,
  VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY: LOW_POWER_ENTRY,
  VFIO_DEVICE_FEATURE_LOW_POWER_EXIT: LOW_POWER_EXIT,
} = vfio_device_feature_index;
const { IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } =
  iommufd_ioas_map_flags;
const O_RDWR = 2;
const O_CLOEXEC = 0x80000;
/** `linux/dma-buf.h` */
const DMA_BUF_SET_NAME_B = 0x4008_6201;

/** A request; without values it is valid. */
interface Request {
  readonly flags?: number;
  readonly argsz?: number;
  readonly region?: number;
  readonly reserved?: number;
  readonly count?: number;
  /** Offset and length of each range. */
  readonly ranges?: readonly (readonly [bigint, bigint])[];
}

/** A program with a function of 8 pages of memory in BAR 0, I/O ports in BAR 2 and registers in BAR 3. */
class DmaBufProgram extends PciProgram {
  readonly written: number[] = [];

  constructor(config: KernelConfig = {}) {
    const written: number[] = [];
    const device = createDevice({
      vendor: 1,
      device: 2,
      capabilities: [express({ flr: true }), pm()],
      bars: [
        ram(8 * PAGE, { is64: true }),
        undefined,
        ioPorts(256, { read: () => 0, write: () => undefined }),
        registers(PAGE, { read: () => 0, write: (_, __, value) => void written.push(Number(value)) }),
      ],
      reset: () => undefined,
    });
    super(device, { kernel: new FakeKernel([mockModule], config) });
    this.written = written;
    this.enable();
  }

  /** @returns the descriptor of the dma-buf, or a negative errno */
  create({
    flags = GET,
    argsz = 24,
    region = 0,
    reserved = 0,
    ranges = [[0n, 4096n]],
    count = ranges.length,
  }: Request = {}): number {
    const view = new DataView(this.memory.buffer);
    for (const [i, value] of [
      argsz,
      flags | VFIO_DEVICE_FEATURE_DMA_BUF,
      region,
      O_RDWR | O_CLOEXEC,
      reserved,
      count,
    ].entries())
      view.setUint32(4 * i, value, true);
    for (const [i, value] of ranges.flat().entries()) view.setBigUint64(24 + 8 * i, value, true);
    return this.process.ioctl(this.cdev, VFIO_DEVICE_FEATURE.request, this.at);
  }

  /** Sets a feature without data. */
  feature(feature: number): number {
    const view = new DataView(this.memory.buffer);
    view.setUint32(0, 8, true);
    view.setUint32(4, SET | feature, true);
    return this.process.ioctl(this.cdev, VFIO_DEVICE_FEATURE.request, this.at);
  }

  /** Maps a dma-buf at {@link IOVA}. @returns 0, or a negative errno */
  map(fd: number, start = 0n, length = 4096n): number {
    const flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;
    const fields = { flags, ioas_id: 1, fd, start, length, iova: IOVA };
    return this.call(IOMMU_IOAS_MAP_FILE, (cmd) => Object.assign(cmd, fields));
  }

  unmap(): number {
    return this.call(IOMMU_IOAS_UNMAP, (cmd) =>
      Object.assign(cmd, { ioas_id: 1, iova: IOVA, length: 4096n }),
    );
  }

  /** True if a dma-buf can be mapped. */
  canMap(fd: number): boolean {
    const result = this.map(fd);
    if (result === 0) expect(this.unmap()).toBe(0);
    else expect(result).toBe(-errno.ENODEV);
    return result === 0;
  }

  /** Reads a byte at {@link IOVA} by DMA. @returns undefined if nothing is mapped there */
  async dma(): Promise<number | undefined> {
    try {
      return (await this.device.dma.read(IOVA, 1))[0];
    } catch {
      return undefined;
    }
  }
}

describe('VFIO_DEVICE_FEATURE_DMA_BUF', () => {
  const whole = 8n * 4096n;
  test.each<[string, Request, keyof typeof errno | 0]>([
    ['a probe', { flags: PROBE, argsz: 8 }, 0],
    ['a probe of GET', { flags: PROBE | GET, argsz: 8 }, 0],
    ['a probe of SET', { flags: PROBE | SET, argsz: 8 }, 'EINVAL'],
    ['SET', { flags: SET }, 'EINVAL'],
    ['neither GET nor SET', { flags: 0 }, 'EINVAL'],
    ['a short argument', { argsz: 23 }, 'EINVAL'],
    ['no ranges', { ranges: [], region: 9 }, 'EINVAL'],
    ['flags', { reserved: 1, region: 9 }, 'EINVAL'],
    ['a region without a BAR', { region: 1, ranges: [[1n, 1n]] }, 'ENODEV'],
    ['the upper half of a 64-bit BAR', { region: 1 }, 'ENODEV'],
    ['the ROM', { region: 6 }, 'ENODEV'],
    ['the configuration space', { region: 7 }, 'ENODEV'],
    ['an unknown region', { region: 0xffff_ffff }, 'ENODEV'],
    ['more ranges than an allocation can hold', { count: 262_145 }, 'ENOMEM'],
    ['ranges outside of the memory of the program', { count: 262_144 }, 'EFAULT'],
    ['I/O ports', { region: 2 }, 'EINVAL'],
    ['an empty range', { ranges: [[0n, 0n]] }, 'EINVAL'],
    ['an offset that is not aligned', { ranges: [[1n, 4096n]] }, 'EINVAL'],
    ['a length that is not aligned', { ranges: [[0n, 4095n]] }, 'EINVAL'],
    ['a range beyond the end', { ranges: [[whole - 4096n, 8192n]] }, 'EINVAL'],
    ['a range whose address wraps', { ranges: [[2n ** 64n - 4096n, 8192n]] }, 'EOVERFLOW'],
    [
      'ranges of 2^64 bytes together',
      {
        ranges: [
          [0n, 2n ** 63n],
          [0n, 2n ** 63n],
        ],
      },
      'EINVAL',
    ],
    ['a range of 2^63 bytes', { ranges: [[0n, 2n ** 63n]] }, 'EINVAL'],
    [
      'an empty range behind one that is too long',
      {
        ranges: [
          [0n, 2n * whole],
          [0n, 0n],
        ],
      },
      'EINVAL',
    ],
  ])('%s', (_, request, expected) => {
    expect(new DmaBufProgram().create(request)).toBe(expected === 0 ? 0 : -errno[expected]);
  });

  test('fails with ENOTTY if the kernel has no CONFIG_VFIO_PCI_DMABUF, and before Linux 6.19', () => {
    expect(new DmaBufProgram({ dmaBufs: false }).create()).toBe(-errno.ENOTTY);
    expect(new DmaBufProgram({ version: '6.18' }).create()).toBe(-errno.ENOTTY);
  });

  test('a file of several ranges cannot be mapped into an IOAS: EOPNOTSUPP', () => {
    const program = new DmaBufProgram();
    const fd = program.create({
      ranges: [
        [0n, 4096n],
        [0n, 4096n],
      ],
    });
    expect(program.map(fd, 4096n, 8192n)).toBe(-errno.EINVAL);
    expect(program.map(fd, 4096n)).toBe(-errno.EOPNOTSUPP);
    program.writeConfig(4, 2, 0);
    expect(program.map(fd)).toBe(-errno.ENODEV);
  });

  test('IOMMU_TEST_OP_DMABUF_REVOKE of it fails with EOPNOTSUPP', () => {
    const program = new DmaBufProgram();
    const fd = program.create();
    const revoke = (cmd: typeof program.cmd): number => (cmd.dmabuf_revoke.dmabuf_fd = fd);
    expect(program.testCmd(iommu_test_op.IOMMU_TEST_OP_DMABUF_REVOKE, revoke)).toBe(-errno.EOPNOTSUPP);
  });
});

describe('DMA through a dma-buf', () => {
  test('reaches the bytes of the BAR from the start of the range on', async () => {
    const program = new DmaBufProgram();
    program.write(0, 3 * PAGE, 1, 0x5a);
    const fd = program.create({ ranges: [[2n * 4096n, 2n * 4096n]] });
    expect(program.map(fd, 4096n)).toBe(0);
    expect(await program.dma()).toBe(0x5a);
    await program.device.dma.write(IOVA, Uint8Array.of(7));
    expect(program.read(0, 3 * PAGE, 1)).toBe(7);
  });

  test('is an access to registers', async () => {
    const program = new DmaBufProgram();
    expect(program.map(program.create({ region: 3 }))).toBe(0);
    await program.device.dma.write(IOVA + 8n, new Uint8Array([1, 2, 3, 4]));
    expect(program.written).toEqual([0x0403_0201]);
  });
});

describe('a dma-buf of a BAR', () => {
  const DEVCTL_FLR = 0x8000;

  /** Finds a capability. */
  function capability(program: DmaBufProgram, id: number): number {
    let at = program.readConfig(0x34, 1);
    while (program.readConfig(at, 1) !== id) at = program.readConfig(at + 1, 1);
    return at;
  }

  test.each<[string, (program: DmaBufProgram) => unknown, (program: DmaBufProgram) => unknown]>([
    ['memory is not decoded', (p) => p.writeConfig(4, 2, 0), (p) => p.writeConfig(4, 2, 6)],
    [
      'it is in D3hot',
      (p) => p.writeConfig(capability(p, 1) + 4, 2, 3),
      (p) => p.writeConfig(capability(p, 1) + 4, 2, 0),
    ],
    ['it is in low power', (p) => p.feature(LOW_POWER_ENTRY), (p) => p.feature(LOW_POWER_EXIT)],
  ])('cannot be mapped while %s, which ends its mappings for good', async (_, begin, end) => {
    const program = new DmaBufProgram();
    const fd = program.create();
    expect(program.map(fd)).toBe(0);
    expect(await program.dma()).toBe(0);
    begin(program);
    expect(await program.dma()).toBeUndefined();
    expect(program.unmap()).toBe(0);
    expect(program.canMap(fd)).toBe(false);
    end(program);
    expect(program.canMap(fd)).toBe(true);
  });

  test.each<[string, (program: DmaBufProgram) => unknown]>([
    ['VFIO_DEVICE_RESET', (p) => p.process.ioctl(p.cdev, VFIO_DEVICE_RESET.request, 0n)],
    ['an FLR', (p) => p.writeConfig(capability(p, 0x10) + 8, 2, DEVCTL_FLR)],
  ])('loses its mappings by %s, and can be mapped again', async (_, reset) => {
    const program = new DmaBufProgram();
    const fd = program.create();
    program.map(fd);
    reset(program);
    expect(await program.dma()).toBeUndefined();
    expect(program.map(fd)).toBe(-errno.EEXIST);
    expect(program.unmap()).toBe(0);
    expect(program.canMap(fd)).toBe(true);
  });

  test('has a name of at most 31 bytes', () => {
    const program = new DmaBufProgram();
    const fd = program.create();
    const setName = (name: string): number => {
      program.memory.set(new TextEncoder().encode(`${name}\0`));
      return program.process.ioctl(fd, DMA_BUF_SET_NAME_B, program.at);
    };
    expect([setName('x'.repeat(31)), setName('x'.repeat(32))]).toEqual([0, -errno.EINVAL]);
    expect(program.process.ioctl(fd, DMA_BUF_SET_NAME_B, 0n)).toBe(-errno.EFAULT);
  });

  test('that is created while memory is not decoded can be mapped when it is', () => {
    const program = new DmaBufProgram();
    program.writeConfig(4, 2, 0);
    const fd = program.create();
    expect(program.canMap(fd)).toBe(false);
    program.writeConfig(4, 2, 6);
    expect(program.canMap(fd)).toBe(true);
  });

  test('that is created in low power can be mapped, until low power is entered again, which fails', () => {
    const program = new DmaBufProgram();
    program.feature(LOW_POWER_ENTRY);
    const fd = program.create();
    expect(program.canMap(fd)).toBe(true);
    expect(program.feature(LOW_POWER_ENTRY)).toBe(-errno.EINVAL);
    expect(program.canMap(fd)).toBe(false);
  });

  test('stays revoked after the device is closed', () => {
    const program = new DmaBufProgram();
    const fd = program.create();
    program.map(fd);
    program.process.close(program.cdev);
    expect(program.canMap(fd)).toBe(false);
    program.process.close(fd);
    program.process.exit();
    expect(program.kernel.leftOver()).toEqual([]);
  });
});
