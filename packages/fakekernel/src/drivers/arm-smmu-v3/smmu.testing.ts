import type { Smmuv3Config } from '@iommufd/smmuv3';
import { expect } from '@jest/globals';
import {
  decodeVevents,
  errnoName,
  IOMMU_DESTROY,
  IOMMU_FAULT_QUEUE_ALLOC,
  iommu_fault_alloc,
  IOMMU_HWPT_ALLOC,
  iommu_hwpt_alloc,
  iommu_hwpt_data_type,
  IOMMU_HWPT_INVALIDATE,
  iommu_hwpt_invalidate,
  iommu_hwpt_invalidate_data_type,
  IOMMU_IOAS_MAP,
  IOMMU_IOAS_UNMAP,
  IOMMU_VDEVICE_ALLOC,
  iommu_vdevice_alloc,
  IOMMU_VEVENTQ_ALLOC,
  iommu_veventq_alloc,
  iommu_veventq_type,
  iommu_vevent_arm_smmuv3,
  IOMMU_VIOMMU_ALLOC,
  iommu_viommu_alloc,
  iommu_viommu_type,
  iommufd_hwpt_alloc_flags,
  iommufd_ioas_map_flags,
  smmuv3_event,
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  vfio_device_attach_iommufd_pt,
  VFIO_DEVICE_BIND_IOMMUFD,
  vfio_device_bind_iommufd,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
  type VeventRecord,
} from '@iommufd/uapi';
import { type Decoded, decode, encode, view } from '@iommufd/uapi/struct';
import { GuestRam, leafOf, PAGE, Stage1, streamTableEntry, translatesBy } from '@iommufd/testkit/guest';
import { TestFaults } from '../../hardware/dma.testing.js';
import { type FakeKernel, FakeSmmuv3, type SmmuDevice, type SmmuDeviceOptions } from '../../index.js';
import { TestProgram } from '../../program.testing.js';

/** Address of the guest's memory in stage 2. */
export const IPA = 0x8000_0000n;
/** First address that the guest's stage 1 maps. */
export const IOVA = 0x1000_0000n;

/**
 * Pages of the program's memory: the ioctl's struct, the data that it points to, the buffer for reads; then the guest's memory.
 */
const SCRATCH = 1;
const READ_AT = 2;
const GUEST = 4;
/** The first page of the guest's data. The pages before it contain a context descriptor and three levels of tables. */
export const DATA = 4;
const PAGES = 16;

const { IOMMU_HWPT_ALLOC_NEST_PARENT, IOMMU_HWPT_FAULT_ID_VALID } = iommufd_hwpt_alloc_flags;
const { IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } =
  iommufd_ioas_map_flags;

/** A device that the program has bound, with its id. */
export interface Bound {
  readonly device: SmmuDevice;
  readonly fd: number;
  readonly id: number;
}

/** A vEVENTQ of a virtual SMMU. */
export interface Events {
  readonly id: number;
  readonly fd: number;
}

/** The parts of an event that a test checks. */
export interface Seen {
  readonly sequence: number;
  /** The decoded event; undefined for a mark of lost events. */
  readonly event: Decoded<typeof smmuv3_event> | undefined;
}

/** A program with devices behind an SMMU, and the memory of a guest. */
export class SmmuProgram extends TestProgram {
  readonly smmu: FakeSmmuv3;
  private readonly ram: GuestRam;
  private readonly stage1: Stage1;
  /** Address of the descriptor for {@link IOVA}. */
  private slots = 0n;

  constructor(config?: Smmuv3Config, kernel?: FakeKernel) {
    super(GUEST + PAGES, kernel);
    this.ram = new GuestRam(this.memory.subarray(GUEST * PAGE), IPA);
    this.stage1 = new Stage1(this.ram);
    this.smmu = new FakeSmmuv3(this.kernel, config);
  }

  /** Plugs a device in, and binds it. @param place.at its PCI address: the lowest free slot by default */
  bind(
    options: SmmuDeviceOptions,
    place: { readonly at?: string; readonly behind?: FakeSmmuv3 } = {},
  ): Bound {
    const { at, behind = this.smmu } = place;
    const device = behind.addDevice(options);
    const fd = this.process.open(this.kernel.plug(device, { at }));
    this.check(this.call(VFIO_DEVICE_BIND_IOMMUFD, (cmd) => (cmd.iommufd = this.fd), fd));
    return { device, fd, id: view(vfio_device_bind_iommufd, this.memory).out_devid };
  }

  private check(ret: number): void {
    expect(errnoName(ret) ?? ret).toBe(0);
  }

  /** Attaches a device. @returns the id of its page table, or the name of an errno */
  attach({ fd }: Bound, pt_id: number, pasid?: number): number | string {
    const set = { pt_id, flags: pasid === undefined ? 0 : 1, pasid: pasid ?? 0 };
    const ret = this.call(VFIO_DEVICE_ATTACH_IOMMUFD_PT, (cmd) => Object.assign(cmd, set), fd);
    return ret === 0 ? view(vfio_device_attach_iommufd_pt, this.memory).pt_id : (errnoName(ret) ?? ret);
  }

  detach({ fd }: Bound, pasid?: number): void {
    const set = { flags: pasid === undefined ? 0 : 1, pasid: pasid ?? 0 };
    this.check(this.call(VFIO_DEVICE_DETACH_IOMMUFD_PT, (cmd) => Object.assign(cmd, set), fd));
  }

  /** Maps pages of the guest's memory in IOAS 1. */
  map(iova: bigint, page: number, pages: number): void {
    const both = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;
    this.mapWith(iova, page, both | IOMMU_IOAS_MAP_FIXED_IOVA, pages);
  }

  mapWith(iova: bigint, page: number, flags: number, pages = 1): void {
    this.check(this.tryMapWith(iova, page, flags, pages));
  }

  private tryMapWith(iova: bigint, page: number, flags: number, pages: number): number {
    const user_va = this.at + BigInt((GUEST + page) * PAGE);
    const fields = { ioas_id: 1, user_va, length: BigInt(pages * PAGE), iova, flags };
    return this.call(IOMMU_IOAS_MAP, (cmd) => Object.assign(cmd, fields));
  }

  unmap(iova: bigint, pages: number): void {
    const fields = { ioas_id: 1, iova, length: BigInt(pages * PAGE) };
    this.check(this.call(IOMMU_IOAS_UNMAP, (cmd) => Object.assign(cmd, fields)));
  }

  destroy(id: number): void {
    this.check(this.tryDestroy(id));
  }

  /** Destroys an object that may not exist. @returns the return value of the ioctl */
  tryDestroy(id: number): number {
    return this.call(IOMMU_DESTROY, (cmd) => (cmd.id = id));
  }

  /** Maps all of the guest's memory at an address that may be mapped already. @returns the return value of the ioctl */
  tryMap(): number {
    const both = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;
    return this.tryMapWith(IPA, 0, both | IOMMU_IOAS_MAP_FIXED_IOVA, PAGES);
  }

  tryUnmap(): number {
    const fields = { ioas_id: 1, iova: IPA, length: BigInt(PAGES * PAGE) };
    return this.call(IOMMU_IOAS_UNMAP, (cmd) => Object.assign(cmd, fields));
  }

  /** Allocates a page table. @returns its id, or the name of an errno */
  hwpt({ id: dev_id }: Bound, flags: number, faults?: TestFaults, pt_id = 1): number | string {
    const withFaults =
      faults === undefined ? { flags } : { flags: flags | IOMMU_HWPT_FAULT_ID_VALID, fault_id: faults.id };
    return this.allocHwpt({ dev_id, pt_id, ...withFaults });
  }

  private allocHwpt(fields: object): number | string {
    const ret = this.call(IOMMU_HWPT_ALLOC, (cmd) => Object.assign(cmd, fields));
    return ret === 0 ? view(iommu_hwpt_alloc, this.memory).out_hwpt_id : (errnoName(ret) ?? ret);
  }

  parent(bound: Bound): number {
    return this.ok(this.hwpt(bound, IOMMU_HWPT_ALLOC_NEST_PARENT));
  }

  /** Checks that a call has returned an id. @returns the id */
  ok(id: number | string): number {
    expect(id).toEqual(expect.any(Number));
    return Number(id);
  }

  /** Allocates a virtual SMMU. @returns its id, or the name of an errno */
  viommu({ id: dev_id }: Bound, hwpt_id: number): number | string {
    const fields = { dev_id, hwpt_id, type: iommu_viommu_type.IOMMU_VIOMMU_TYPE_ARM_SMMUV3 };
    const ret = this.call(IOMMU_VIOMMU_ALLOC, (cmd) => Object.assign(cmd, fields));
    return ret === 0 ? view(iommu_viommu_alloc, this.memory).out_viommu_id : (errnoName(ret) ?? ret);
  }

  /** Allocates a vDEVICE. @returns its id, or the name of an errno */
  vdevice({ id: dev_id }: Bound, viommu_id: number, virt_id: bigint): number | string {
    const ret = this.call(IOMMU_VDEVICE_ALLOC, (cmd) => Object.assign(cmd, { dev_id, viommu_id, virt_id }));
    return ret === 0 ? view(iommu_vdevice_alloc, this.memory).out_vdevice_id : (errnoName(ret) ?? ret);
  }

  /**
   * Allocates a page table with the guest's STE.
   * @param config STE.Config: by default the STE uses the guest's context descriptor
   * @returns its id, or the name of an errno
   */
  nested(bound: Bound, pt_id: number, config = 5, faults?: TestFaults): number | string {
    const ste = config === 5 ? translatesBy(this.stage1.context) : { Config: config };
    this.memory.set(streamTableEntry(ste).subarray(0, 16), SCRATCH * PAGE);
    const data_type = iommu_hwpt_data_type.IOMMU_HWPT_DATA_ARM_SMMUV3;
    const data = { data_type, data_len: 16, data_uptr: this.at + BigInt(SCRATCH * PAGE) };
    const withFaults = faults === undefined ? {} : { flags: IOMMU_HWPT_FAULT_ID_VALID, fault_id: faults.id };
    return this.allocHwpt({ dev_id: bound.id, pt_id, ...withFaults, ...data });
  }

  faultQueue(): TestFaults {
    this.check(this.call(IOMMU_FAULT_QUEUE_ALLOC, () => undefined));
    const { out_fault_id: id, out_fault_fd: fd } = view(iommu_fault_alloc, this.memory);
    return new TestFaults(this, id, fd);
  }

  events(viommu_id: number, veventq_depth = 64): Events {
    const fields = { viommu_id, veventq_depth, type: iommu_veventq_type.IOMMU_VEVENTQ_TYPE_ARM_SMMUV3 };
    this.check(this.call(IOMMU_VEVENTQ_ALLOC, (cmd) => Object.assign(cmd, fields)));
    const { out_veventq_id: id, out_veventq_fd: fd } = view(iommu_veventq_alloc, this.memory);
    return { id, fd };
  }

  /** Reads all events. */
  read({ fd }: Events): Seen[] {
    const { process, memory, at } = this;
    const length = process.read(fd, at + BigInt(READ_AT * PAGE), 2 * PAGE);
    expect(length).toBeGreaterThanOrEqual(0);
    const bytes = memory.slice(READ_AT * PAGE, READ_AT * PAGE + length);
    return decodeVevents(iommu_vevent_arm_smmuv3, bytes).map(seen);
  }

  /**
   * Executes commands of a guest.
   * @param commands of 16 bytes each
   * @returns 0 or the name of an errno, and the number of commands that count as done
   */
  invalidate(hwpt_id: number, commands: readonly Uint8Array[]): readonly [number | string, number] {
    for (const [i, command] of commands.entries()) this.memory.set(command, SCRATCH * PAGE + 16 * i);
    const data_type = iommu_hwpt_invalidate_data_type.IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3;
    const data = { data_type, data_uptr: this.at + BigInt(SCRATCH * PAGE), entry_len: 16 };
    const fields = { hwpt_id, ...data, entry_num: commands.length };
    const ret = this.call(IOMMU_HWPT_INVALIDATE, (cmd) => Object.assign(cmd, fields));
    return [errnoName(ret) ?? ret, view(iommu_hwpt_invalidate, this.memory).entry_num];
  }

  /** A page of the guest. */
  guestPage(page: number): Uint8Array {
    return this.ram.bytes(pageAt(page), PAGE);
  }

  /**
   * Sets up the guest's memory: stage 2 maps all of it; it has a context descriptor, and tables without a mapping.
   * @param stalls CD.S
   */
  setUpGuest({ stalls = false }: { readonly stalls?: boolean } = {}): void {
    this.map(IPA, 0, PAGES);
    this.stage1.setUp({ S: stalls ? 1 : 0 });
    this.slots = this.stage1.slot(IOVA);
  }

  /** Maps a page of the guest at the nth page of its IOVAs. */
  show(nth: number, page: number): void {
    this.describe(nth, leafOf(pageAt(page)));
  }

  /** Maps a page of stage 2 at an address of the guest's stage 1. */
  showAt(iova: bigint, ipa: bigint): void {
    this.stage1.show(iova, ipa);
  }

  /** Unmaps the nth page. */
  hide(nth: number): void {
    this.describe(nth, 0n);
  }

  /** Sets a descriptor of the last-level table. Its address stays the same, even if a test changes the tables above it. */
  private describe(nth: number, descriptor: bigint): void {
    this.ram.write64(this.slots + BigInt(8 * nth), descriptor);
  }
}

/** Address of a page of the guest in stage 2. */
const pageAt = (page: number): bigint => IPA + BigInt(page * PAGE);

function seen(record: VeventRecord<Decoded<typeof iommu_vevent_arm_smmuv3>>): Seen {
  const { sequence } = record;
  if (record.kind === 'lost') return { sequence, event: undefined };
  return { sequence, event: decode(smmuv3_event, encode(iommu_vevent_arm_smmuv3, record.event)) };
}
