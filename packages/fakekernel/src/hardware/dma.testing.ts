import { expect } from '@jest/globals';
import {
  IOMMU_FAULT_QUEUE_ALLOC,
  IOMMU_HWPT_ALLOC,
  iommu_fault_alloc,
  iommu_hwpt_alloc,
  iommu_hwpt_data_type,
  iommu_hwpt_page_response,
  iommu_hwpt_pgfault,
  IOMMU_IOAS_MAP,
  IOMMU_IOAS_UNMAP,
  iommufd_hwpt_alloc_flags,
  iommufd_ioas_map_flags,
  POLLIN,
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  vfio_device_attach_iommufd_pt,
  VFIO_DEVICE_BIND_IOMMUFD,
  vfio_device_bind_iommufd,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
} from '@iommufd/uapi';
import { encode, view } from '@iommufd/uapi/struct';
import { MockDevice, type MockDeviceOptions } from '../index.js';
import { TestProgram } from '../program.testing.js';

export const PAGE = 4096;
/** The IOVA at which tests map memory: all page tables of the mock IOMMU support it. */
export const IOVA = 0x0100_0000n;

const { IOMMU_HWPT_FAULT_ID_VALID } = iommufd_hwpt_alloc_flags;
const { IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } =
  iommufd_ioas_map_flags;
export const READ = IOMMU_IOAS_MAP_READABLE;
export const WRITE = IOMMU_IOAS_MAP_WRITEABLE;

/** A program with a device that it has bound. Its memory from page 2 on is for the device. */
export class DmaProgram extends TestProgram {
  readonly device: MockDevice;
  readonly cdev: number;
  readonly deviceId: number;

  constructor(pages: number, options?: MockDeviceOptions) {
    super(pages);
    this.device = new MockDevice(options);
    this.cdev = this.process.open(this.kernel.plug(this.device));
    expect(this.call(VFIO_DEVICE_BIND_IOMMUFD, (cmd) => (cmd.iommufd = this.fd), this.cdev)).toBe(0);
    this.deviceId = view(vfio_device_bind_iommufd, this.memory).out_devid;
  }

  /** Attaches the device. @returns the id of its page table, or a negative errno */
  attach(pt_id: number, pasid?: number): number {
    const done = this.call(
      VFIO_DEVICE_ATTACH_IOMMUFD_PT,
      (cmd) => Object.assign(cmd, { pt_id, flags: pasid === undefined ? 0 : 1, pasid: pasid ?? 0 }),
      this.cdev,
    );
    return done === 0 ? view(vfio_device_attach_iommufd_pt, this.memory).pt_id : done;
  }

  detach(): void {
    expect(this.call(VFIO_DEVICE_DETACH_IOMMUFD_PT, () => undefined, this.cdev)).toBe(0);
  }

  /** Maps bytes of the program's memory, from `offset` on. */
  map(iova: bigint, offset: number, length: number, flags = READ | WRITE): void {
    const fields = { ioas_id: 1, user_va: this.at + BigInt(offset), length: BigInt(length), iova };
    const set = { ...fields, flags: flags | IOMMU_IOAS_MAP_FIXED_IOVA };
    expect(this.call(IOMMU_IOAS_MAP, (cmd) => Object.assign(cmd, set))).toBe(0);
  }

  unmap(iova: bigint, length: number): void {
    const fields = { ioas_id: 1, iova, length: BigInt(length) };
    expect(this.call(IOMMU_IOAS_UNMAP, (cmd) => Object.assign(cmd, fields))).toBe(0);
  }

  /** Allocates a page table: a nested one, unless `pt_id` is the IOAS. @returns its id */
  hwpt(pt_id: number, flags: number, fault?: number): number {
    const data = pt_id === 1 ? {} : nestedData(this.at);
    this.memory.fill(0, PAGE, PAGE + 8);
    const withFaults =
      fault === undefined ? { flags } : { flags: flags | IOMMU_HWPT_FAULT_ID_VALID, fault_id: fault };
    const fields = { dev_id: this.deviceId, pt_id, ...withFaults, ...data };
    expect(this.call(IOMMU_HWPT_ALLOC, (cmd) => Object.assign(cmd, fields))).toBe(0);
    return view(iommu_hwpt_alloc, this.memory).out_hwpt_id;
  }

  faultQueue(): TestFaults {
    expect(this.call(IOMMU_FAULT_QUEUE_ALLOC, () => undefined)).toBe(0);
    const { out_fault_id: id, out_fault_fd: fd } = view(iommu_fault_alloc, this.memory);
    return new TestFaults(this, id, fd);
  }
}

const nestedData = (at: bigint): object => ({
  data_type: iommu_hwpt_data_type.IOMMU_HWPT_DATA_SELFTEST,
  data_len: 8,
  data_uptr: at + BigInt(PAGE),
});

/** The parts of a page fault that a test checks. */
export interface Fault {
  readonly flags: number;
  readonly pasid: number;
  readonly grpid: number;
  readonly perm: number;
  readonly addr: bigint;
  readonly cookie: number;
}

/** A queue of page faults. */
export class TestFaults {
  constructor(
    private readonly program: Pick<DmaProgram, 'process' | 'memory' | 'at'>,
    readonly id: number,
    readonly fd: number,
  ) {}

  /** Reads all faults. */
  read(): Fault[] {
    const { process, memory, at } = this.program;
    const size = iommu_hwpt_pgfault.byteLength;
    const length = process.read(this.fd, at, Math.floor((2 * PAGE) / size) * size);
    expect(length).toBeGreaterThanOrEqual(0);
    return Array.from({ length: length / size }, (_, i) => {
      const { flags, pasid, grpid, perm, addr, cookie } = view(iommu_hwpt_pgfault, memory, i * size);
      return { flags, pasid, grpid, perm, addr, cookie };
    });
  }

  /** Waits until there are faults. */
  async wait(): Promise<void> {
    await this.program.process.wait([{ fd: this.fd, events: POLLIN, revents: 0 }]);
  }

  answer({ cookie }: { readonly cookie: number }, answer: 'success' | 'invalid'): void {
    const { process, memory, at } = this.program;
    memory.set(encode(iommu_hwpt_page_response, { cookie, code: answer === 'success' ? 0 : 1 }));
    expect(process.write(this.fd, at, iommu_hwpt_page_response.byteLength)).toBe(
      iommu_hwpt_page_response.byteLength,
    );
  }
}
