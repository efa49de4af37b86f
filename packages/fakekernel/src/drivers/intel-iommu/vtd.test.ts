import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  decode,
  errno,
  IOMMU_FAULT_QUEUE_ALLOC,
  IOMMU_GET_HW_INFO,
  IOMMU_HWPT_ALLOC,
  iommu_hw_info_type,
  iommu_hw_info_vtd,
  iommu_hwpt_data_type,
  IOMMU_IOAS_IOVA_RANGES,
  IOMMU_IOAS_MAP,
  IOMMU_IOAS_UNMAP,
  iommufd_hw_capabilities,
  iommufd_hw_info_flags,
  iommufd_hwpt_alloc_flags,
  iommufd_ioas_map_flags,
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  vfio_device_attach_iommufd_pt,
  VFIO_DEVICE_BIND_IOMMUFD,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { FakeKernel, FakeVtd, type VtdConfig, vtdConfigs, type VtdDevice } from '../../index.js';
import { TestProgram } from '../../program.testing.js';
import { DmarDomain } from './paging-domain.js';

const { IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } =
  iommufd_ioas_map_flags;
const READ = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE;
const WRITE = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_WRITEABLE;
const IOVA = 0x10_0000n;
const DATA = 4096;

/** A program that has bound a device behind a unit. Its IOAS has id 1. */
class VtdProgram extends TestProgram {
  readonly device: VtdDevice;
  readonly cdev: number;

  constructor(config: VtdConfig, kernel?: FakeKernel) {
    super(2, kernel);
    this.device = new FakeVtd(config).addDevice({ sourceId: 0x18 });
    this.cdev = this.process.open(this.kernel.plug(this.device));
  }

  bind(): number {
    return this.call(VFIO_DEVICE_BIND_IOMMUFD, (cmd) => (cmd.iommufd = this.fd), this.cdev);
  }

  attach(id = 1): number {
    return this.call(VFIO_DEVICE_ATTACH_IOMMUFD_PT, (cmd) => (cmd.pt_id = id), this.cdev);
  }

  /** Maps the second page of the program's memory. */
  map(flags: number, iova = IOVA): number {
    return this.call(IOMMU_IOAS_MAP, (cmd) => {
      cmd.flags = flags;
      cmd.ioas_id = 1;
      cmd.user_va = this.at + BigInt(DATA);
      cmd.length = 4096n;
      cmd.iova = iova;
    });
  }

  allocHwpt(flags: number, more: { readonly faultId?: number; readonly type?: number } = {}): number {
    const ret = this.call(IOMMU_HWPT_ALLOC, (cmd) => {
      cmd.flags = flags;
      cmd.dev_id = 2;
      cmd.pt_id = 1;
      cmd.fault_id = more.faultId ?? 0;
      cmd.data_type = more.type ?? 0;
      cmd.data_len = more.type === undefined ? 0 : 24;
      cmd.data_uptr = this.at + 2048n;
    });
    return ret < 0 ? ret : view(IOMMU_HWPT_ALLOC.struct, this.memory).out_hwpt_id;
  }
}

const configs = Object.entries<VtdConfig>(vtdConfigs);

describe.each(configs)('%s', (name, config) => {
  let program: VtdProgram;

  beforeEach(() => {
    program = new VtdProgram(config);
    expect(program.bind()).toBe(0);
  });

  test('reports its registers for the data types that the driver supports', () => {
    const info = (flags: number, type: number): number =>
      program.call(IOMMU_GET_HW_INFO, (cmd) => {
        cmd.flags = flags;
        cmd.dev_id = 2;
        cmd.data_len = 24;
        cmd.data_uptr = program.at + 2048n;
        cmd.in_data_type = type;
      });
    const { IOMMU_HW_INFO_FLAG_INPUT_TYPE } = iommufd_hw_info_flags;
    const { IOMMU_HW_INFO_TYPE_INTEL_VTD, IOMMU_HW_INFO_TYPE_ARM_SMMUV3 } = iommu_hw_info_type;
    expect(info(IOMMU_HW_INFO_FLAG_INPUT_TYPE, IOMMU_HW_INFO_TYPE_ARM_SMMUV3)).toBe(-errno.EOPNOTSUPP);
    expect(info(IOMMU_HW_INFO_FLAG_INPUT_TYPE, IOMMU_HW_INFO_TYPE_INTEL_VTD)).toBe(0);
    const { out_data_type, out_capabilities } = view(IOMMU_GET_HW_INFO.struct, program.memory);
    expect(out_data_type).toBe(IOMMU_HW_INFO_TYPE_INTEL_VTD);
    expect(out_capabilities).toBe(BigInt(iommufd_hw_capabilities.IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED));
    const data = decode(iommu_hw_info_vtd, program.memory.slice(2048, 2072));
    expect([data.flags, data.cap_reg, data.ecap_reg]).toEqual([1, config.cap, config.ecap]);
  });

  test('cannot map the interrupt window, nor beyond its address width', () => {
    const ranges = (): (readonly [bigint, bigint])[] => {
      const ret = program.call(IOMMU_IOAS_IOVA_RANGES, (cmd) => {
        cmd.ioas_id = 1;
        cmd.num_iovas = 4;
        cmd.allowed_iovas = program.at + 2048n;
      });
      expect(ret).toBe(0);
      const { num_iovas } = view(IOMMU_IOAS_IOVA_RANGES.struct, program.memory);
      const data = new DataView(program.memory.slice(2048, 2112).buffer);
      return Array.from({ length: num_iovas }, (_, i) => [
        data.getBigUint64(16 * i, true),
        data.getBigUint64(16 * i + 8, true),
      ]);
    };
    expect(ranges()).toEqual([[0n, 2n ** 64n - 1n]]);
    expect(program.attach()).toBe(0);
    const bits = name === 'firstStage' ? 47n : 48n;
    expect(ranges()).toEqual([
      [0n, 0xfedf_ffffn],
      [0xfef0_0000n, (1n << bits) - 1n],
    ]);
  });

  test.each([0xfee0_0000n, 0xfeef_f000n, 1n << 48n])(
    'a mapping at 0x%x prevents devices from being attached',
    (iova) => {
      expect(program.map(READ, iova)).toBe(0);
      expect(program.attach()).toBe(-errno.EADDRINUSE);
    },
  );

  test('DMA is translated, and limited to the permissions of the mapping', async () => {
    const { device } = program;
    const write = (): Promise<void> => device.dma.write(IOVA, Uint8Array.of(1, 2));
    const read = (): Promise<Uint8Array> => device.dma.read(IOVA, 2);
    await expect(write()).rejects.toMatchObject({ reason: 'blocked' });
    expect(program.attach()).toBe(0);
    await expect(write()).rejects.toMatchObject({ reason: 'not mapped' });
    expect(program.map(WRITE)).toBe(0);
    await write();
    expect([...program.memory.subarray(DATA, DATA + 2)]).toEqual([1, 2]);
    // The first stage has no bit for the permission to read.
    if (name === 'firstStage') expect(await read()).toEqual(Uint8Array.of(1, 2));
    else await expect(read()).rejects.toMatchObject({ reason: 'not permitted' });
    expect(
      program.call(IOMMU_IOAS_UNMAP, (cmd) => {
        cmd.ioas_id = 1;
        cmd.iova = IOVA;
        cmd.length = 4096n;
      }),
    ).toBe(0);
    expect(program.map(READ)).toBe(0);
    expect(await read()).toEqual(Uint8Array.of(1, 2));
    await expect(write()).rejects.toMatchObject({ reason: 'not permitted' });
    expect(program.call(VFIO_DEVICE_DETACH_IOMMUFD_PT, () => undefined, program.cdev)).toBe(0);
    await expect(read()).rejects.toMatchObject({ reason: 'blocked' });
  });

  test('a write to the interrupt window does not reach memory', async () => {
    expect(program.attach()).toBe(0);
    await expect(program.device.dma.write(0xfee0_0000n, Uint8Array.of(1))).rejects.toMatchObject({
      reason: 'aborted',
    });
  });

  test('IOMMU_HWPT_ALLOC supports the flags of its stages', () => {
    const {
      IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
      IOMMU_HWPT_ALLOC_NEST_PARENT,
      IOMMU_HWPT_ALLOC_PASID,
      IOMMU_HWPT_FAULT_ID_VALID,
    } = iommufd_hwpt_alloc_flags;
    expect(program.allocHwpt(0)).toBeGreaterThan(0);
    expect(program.allocHwpt(IOMMU_HWPT_ALLOC_PASID)).toBeGreaterThan(0);
    expect(program.allocHwpt(IOMMU_HWPT_ALLOC_NEST_PARENT)).toBe(-errno.EOPNOTSUPP);
    expect(program.allocHwpt(IOMMU_HWPT_ALLOC_DIRTY_TRACKING)).toBe(-errno.EOPNOTSUPP);
    const type = iommu_hwpt_data_type.IOMMU_HWPT_DATA_VTD_S1;
    expect(program.allocHwpt(0, { type })).toBe(-errno.EOPNOTSUPP);
    expect(program.call(IOMMU_FAULT_QUEUE_ALLOC, () => undefined)).toBe(0);
    const faultId = view(IOMMU_FAULT_QUEUE_ALLOC.struct, program.memory).out_fault_id;
    const faulting = program.allocHwpt(IOMMU_HWPT_FAULT_ID_VALID, { faultId });
    // The device has no page requests.
    expect(program.attach(faulting)).toBe(-errno.ENODEV);
    expect(view(vfio_device_attach_iommufd_pt, program.memory).pt_id).toBe(faulting);
  });
});

test('without interrupt remapping, binding fails with EPERM', () => {
  const program = new VtdProgram({ ...vtdConfigs.secondStage, interruptRemapping: false });
  expect(program.bind()).toBe(-errno.EPERM);
  const other = new VtdProgram({ ...vtdConfigs.secondStage, ecap: vtdConfigs.secondStage.ecap & ~8n });
  expect(other.bind()).toBe(-errno.EPERM);
  // With allow_unsafe_interrupts it succeeds, and is logged.
  const kernel = new FakeKernel([], { allowUnsafeInterrupts: true });
  const unsafe = new VtdProgram({ ...vtdConfigs.secondStage, interruptRemapping: false }, kernel);
  expect(unsafe.bind()).toBe(0);
  expect(kernel.messages.at(-1)).toContain('allow_unsafe_interrupts');
});

test('a device cannot be attached to a domain of another unit', () => {
  const program = new VtdProgram(vtdConfigs.secondStage);
  expect([program.bind(), program.attach()]).toEqual([0, 0]);
  const hwpt = view(vfio_device_attach_iommufd_pt, program.memory).pt_id;
  const other = new FakeVtd(vtdConfigs.firstStage).addDevice({ sourceId: 0x18 });
  const cdev = program.process.open(program.kernel.plug(other));
  expect(program.call(VFIO_DEVICE_BIND_IOMMUFD, (cmd) => (cmd.iommufd = program.fd), cdev)).toBe(0);
  const attach = (id: number): number =>
    program.call(VFIO_DEVICE_ATTACH_IOMMUFD_PT, (cmd) => (cmd.pt_id = id), cdev);
  expect(attach(hwpt)).toBe(-errno.EINVAL);
  // On the IOAS it gets a page table of its own.
  expect(attach(1)).toBe(0);
  expect(view(vfio_device_attach_iommufd_pt, program.memory).pt_id).not.toBe(hwpt);
});

test('units that are not modelled, and source ids that are in use, are refused', () => {
  const { cap, ecap } = vtdConfigs.secondStage;
  expect(() => new FakeVtd({ cap, ecap: ecap | (1n << 26n) })).toThrow('ECAP_REG.NEST is not modelled');
  expect(() => new FakeVtd({ cap, ecap: ecap & ~(1n << 46n) })).toThrow('needs SSTS or FSTS');
  expect(() => new FakeVtd({ cap: cap & ~0x600n, ecap })).toThrow('no width that Linux uses');
  const vtd = new FakeVtd();
  vtd.addDevice({ sourceId: 8 });
  expect(() => vtd.addDevice({ sourceId: 8 })).toThrow('source id 0x8 belongs to another device already');
  expect(() => vtd.addDevice({ sourceId: 0x1_0000 })).toThrow('of 16 bits');
});

/** Capabilities of {@link vtdConfigs.secondStage} and of the first stage. */
const BOTH: VtdConfig = { cap: vtdConfigs.secondStage.cap, ecap: vtdConfigs.secondStage.ecap | (1n << 47n) };

test.each([
  ['6.12', BOTH, 'second'],
  ['7.3', BOTH, 'first'],
  ['6.12', vtdConfigs.firstStage, 'first'],
  ['6.12', vtdConfigs.legacy, 'second'],
] as const)(
  'in Linux %s the page table of a unit is of the stage that it prefers',
  (version, config, stage) => {
    const program = new VtdProgram(config, new FakeKernel([], { version }));
    expect([program.bind(), program.attach()]).toEqual([0, 0]);
    const { domain } = program.device;
    expect(domain instanceof DmarDomain && domain.format.stage).toBe(stage);
  },
);
