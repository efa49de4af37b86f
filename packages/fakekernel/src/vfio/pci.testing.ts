import { expect } from '@jest/globals';
import {
  MAP_SHARED,
  PROT_READ,
  PROT_WRITE,
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_BIND_IOMMUFD,
  IOMMU_IOAS_MAP,
  iommufd_ioas_map_flags,
  VFIO_DEVICE_SET_IRQS,
  vfio_irq_set_flags,
} from '@iommufd/uapi';
import { FakeKernel, type FakePciDevice, type PlugOptions } from '../index.js';
import { TestProgram } from '../program.testing.js';

const { VFIO_IRQ_SET_ACTION_TRIGGER, VFIO_IRQ_SET_DATA_EVENTFD } = vfio_irq_set_flags;

/** Offset of the buffer for reads and writes. */
const DATA = 4096n;
const CONFIG = 7n;

/**
 * A program that has opened and bound a function of `createDevice`, and attached it to IOAS 1. Its pages from 2 on are for the
 * device.
 */
export class PciProgram extends TestProgram {
  readonly cdev: number;

  constructor(
    readonly device: FakePciDevice,
    {
      kernel = new FakeKernel(),
      pages = 8,
      ...plug
    }: PlugOptions & { readonly kernel?: FakeKernel; readonly pages?: number } = {},
  ) {
    super(pages, kernel);
    this.cdev = this.process.open(kernel.plug(device, plug));
    expect(this.call(VFIO_DEVICE_BIND_IOMMUFD, (cmd) => (cmd.iommufd = this.fd), this.cdev)).toBe(0);
    expect(this.call(VFIO_DEVICE_ATTACH_IOMMUFD_PT, (cmd) => (cmd.pt_id = 1), this.cdev)).toBe(0);
  }

  /** Reads from a region. @returns the value, or a negative errno */
  read(region: number, offset: number, size: 1 | 2 | 4 | 8): number {
    const done = this.process.pread(
      this.cdev,
      this.at + DATA,
      size,
      (BigInt(region) << 40n) + BigInt(offset),
    );
    if (done < 0) return done;
    expect(done).toBe(size);
    return Number(this.process.load(this.at + DATA, size));
  }

  /** Writes to a region. @returns the number of bytes, or a negative errno */
  write(region: number, offset: number, size: 1 | 2 | 4 | 8, value: number | bigint): number {
    this.process.store(this.at + DATA, size, BigInt(value));
    return this.process.pwrite(this.cdev, this.at + DATA, size, (BigInt(region) << 40n) + BigInt(offset));
  }

  readConfig(offset: number, size: 1 | 2 | 4 = 4): number {
    return this.read(Number(CONFIG), offset, size);
  }

  writeConfig(offset: number, size: 1 | 2 | 4, value: number): void {
    expect(this.write(Number(CONFIG), offset, size, value)).toBe(size);
  }

  /** Enables memory decoding and bus mastering. */
  enable(): void {
    this.writeConfig(4, 2, 6);
  }

  mmap(region: number, offset: number, length: number): bigint {
    const position = (BigInt(region) << 40n) + BigInt(offset);
    return this.process.mmap(0n, length, PROT_READ | PROT_WRITE, MAP_SHARED, this.cdev, position);
  }

  /** Maps the program's memory at an IOVA. */
  mapMemory(iova: bigint): void {
    const { IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } =
      iommufd_ioas_map_flags;
    const flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;
    const fields = { flags, ioas_id: 1, user_va: this.at, length: BigInt(this.memory.length), iova };
    expect(this.call(IOMMU_IOAS_MAP, (cmd) => Object.assign(cmd, fields))).toBe(0);
  }

  /** Sets eventfds for the interrupts of an index. @returns their descriptors */
  interrupts(index: number, count: number): number[] {
    const fds = Array.from({ length: count }, () => this.process.eventfd(0, 0x800));
    const bytes = new Uint8Array(20 + 4 * count);
    const view = new DataView(bytes.buffer);
    const flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
    for (const [i, value] of [bytes.length, flags, index, 0, count, ...fds].entries())
      view.setInt32(4 * i, value, true);
    this.memory.set(bytes);
    expect(this.process.ioctl(this.cdev, VFIO_DEVICE_SET_IRQS.request, this.at)).toBe(0);
    return fds;
  }

  /** How often an eventfd was signalled since the last call. */
  signals(fd: number): number {
    return this.process.read(fd, this.at + DATA, 8) < 0 ? 0 : Number(this.process.load(this.at + DATA, 8));
  }
}
