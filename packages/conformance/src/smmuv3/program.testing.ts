import { expect } from '@jest/globals';
import {
  edu,
  FakeKernel,
  FakeSmmuv3,
  type Process,
  type SmmuDeviceOptions,
  type Smmuv3Config,
} from '@iommufd/fakekernel';
import {
  errnoName,
  type Ioctl,
  IOMMU_DESTROY,
  IOMMU_HWPT_ALLOC,
  iommu_hwpt_alloc,
  IOMMU_HWPT_INVALIDATE,
  iommu_hwpt_invalidate,
  IOMMU_IOAS_ALLOC,
  iommu_ioas_alloc,
  IOMMU_IOAS_IOVA_RANGES,
  iommu_ioas_iova_ranges,
  IOMMU_IOAS_MAP,
  IOMMU_IOAS_UNMAP,
  IOMMU_VDEVICE_ALLOC,
  iommu_vdevice_alloc,
  IOMMU_VEVENTQ_ALLOC,
  iommu_veventq_alloc,
  IOMMU_VIOMMU_ALLOC,
  iommu_viommu_alloc,
  POLLIN,
  PROT_READ,
  PROT_WRITE,
  smmuv3_cd,
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_BIND_IOMMUFD,
  vfio_device_bind_iommufd,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
} from '@iommufd/uapi';
import { type AnyType, view, type View } from '@iommufd/uapi/struct';
import { GuestRam, PAGE, Stage1 } from '@iommufd/testkit/guest';
import { engineWrites, QEMU_SMMUV3 } from '@iommufd/tape';

/** Start of the guest's memory in stage 2. */
export const IPA = 0x8000_0000n;
/** Start of the pages of the guest's stage 1. The first page is mapped, the third is not. */
export const IOVA = 0x1000_0000n;
export const UNMAPPED = IOVA + 0x2000n;
/** The StreamID of the first device in the guest. */
export const VSID = 0x123;

/** Pages of the program: the argument, its pointees, read buffers; then the guest's pages. */
const SCRATCH = 1;
const READ_AT = 8;
const GUEST = 16;
/** The first page of the guest's data; before it are a context descriptor and three levels of tables. */
export const DATA = 4;
/** Number of pages of the guest. */
export const PAGES = 16;
/** The IPA of the page that the guest's stage 1 maps. */
export const PAGE_IPA = IPA + BigInt(DATA * PAGE);

export const NEST_PARENT = 1;
export const FAULT_ID_VALID = 4;
/** `IOMMU_HWPT_DATA_ARM_SMMUV3` */
const STE_DATA = 2;

/** An id, or the name of an errno. */
export type Id = number | string;

export interface Bound {
  readonly fd: number;
  readonly id: number;
}

export interface Queue {
  readonly id: number;
  readonly fd: number;
}

/** Options of the machine. */
export interface MachineOptions {
  /** One for each SMMU, each with two devices of the StreamIDs 0x28 and 0x30. */
  readonly smmus?: readonly Smmuv3Config[];
  readonly canwbs?: boolean;
  /** Version of Linux. */
  readonly version?: string;
}

function boot({ smmus = [QEMU_SMMUV3], canwbs = true, version }: MachineOptions): FakeKernel {
  const kernel = new FakeKernel([], { ...(version !== undefined && { version }) });
  for (const [i, config] of smmus.entries()) {
    const smmu = new FakeSmmuv3(kernel, config, `arm-smmu-v3 90${5 + i}0000.smmuv3`);
    for (const [slot, streamId] of [
      ['00:05.0', 0x28],
      ['00:06.0', 0x30],
    ] as const) {
      const pci = edu({ addressBits: 64 });
      const options: SmmuDeviceOptions = { streamId, canwbs, pci };
      // The recorded machine has one SMMU: the devices of the others are at free places.
      kernel.plug(smmu.addDevice(options), { at: i === 0 ? slot : undefined });
    }
  }
  return kernel;
}

/** A program on the machine of the tapes. Its methods make single system calls. */
export class Program {
  readonly kernel: FakeKernel;
  readonly process: Process;
  readonly memory = new Uint8Array((GUEST + PAGES) * PAGE);
  readonly ram = new GuestRam(this.memory.subarray(GUEST * PAGE), IPA);
  readonly stage1 = new Stage1(this.ram);
  readonly at: bigint;
  readonly iommufd: number;
  /** The first device, bound. */
  readonly dev: Bound;
  readonly ioas: number;

  constructor(options: MachineOptions = {}) {
    this.kernel = boot(options);
    this.process = this.kernel.spawn();
    this.at = this.process.mapHost(this.memory, PROT_READ | PROT_WRITE);
    this.iommufd = this.process.open('/dev/iommu');
    this.dev = this.bind(0);
    this.ioas = this.newIoas();
  }

  /** Calls with a struct of zeros but for its size and these fields. @returns 'ok', or the name of an errno */
  call({ struct, request }: Ioctl, fields: object = {}, fd = this.iommufd): string {
    if (struct !== undefined) {
      const bytes = this.memory.subarray(0, struct.byteLength).fill(0);
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, struct.byteLength, true);
      Object.assign<object, object>(view(struct, bytes) ?? {}, fields);
    }
    return named(this.process.ioctl(fd, request, this.at));
  }

  out<S extends AnyType>(struct: S): View<S> {
    return view(struct, this.memory);
  }

  private id(ioctl: Ioctl, fields: object, get: () => number): Id {
    const answer = this.call(ioctl, fields);
    return answer === 'ok' ? get() : answer;
  }

  open(nth: number): number {
    return this.process.open(`/dev/vfio/devices/vfio${nth}`);
  }

  /** Binds a device, with DMA on. */
  bind(nth: number): Bound {
    const fd = this.open(nth);
    expect(this.call(VFIO_DEVICE_BIND_IOMMUFD, { iommufd: this.iommufd }, fd)).toBe('ok');
    const id = this.out(vfio_device_bind_iommufd).out_devid;
    this.command(fd, 6);
    return { fd, id };
  }

  /** Writes the command register of a device. */
  command(fd: number, value: number): void {
    const at = SCRATCH * PAGE;
    new DataView(this.memory.buffer).setUint16(at, value, true);
    expect(this.process.pwrite(fd, this.at + BigInt(at), 2, (7n << 40n) | 4n)).toBe(2);
  }

  newIoas(): number {
    return sure(this.id(IOMMU_IOAS_ALLOC, {}, () => this.out(iommu_ioas_alloc).out_ioas_id));
  }

  hwpt(fields: object): Id {
    const all = { dev_id: this.dev.id, pt_id: this.ioas, ...fields };
    return this.id(IOMMU_HWPT_ALLOC, all, () => this.out(iommu_hwpt_alloc).out_hwpt_id);
  }

  parent(fields: object = {}): number {
    return sure(this.hwpt({ flags: NEST_PARENT, ...fields }));
  }

  viommu(hwpt_id: number, fields: object = {}): Id {
    const all = { dev_id: this.dev.id, hwpt_id, type: 1, ...fields };
    return this.id(IOMMU_VIOMMU_ALLOC, all, () => this.out(iommu_viommu_alloc).out_viommu_id);
  }

  vdevice(viommu_id: number, virt_id: bigint, dev_id = this.dev.id): Id {
    const all = { viommu_id, dev_id, virt_id };
    return this.id(IOMMU_VDEVICE_ALLOC, all, () => this.out(iommu_vdevice_alloc).out_vdevice_id);
  }

  veventq(viommu_id: number, fields: object = {}): Queue | string {
    const all = { viommu_id, type: 1, veventq_depth: 64, ...fields };
    const answer = this.call(IOMMU_VEVENTQ_ALLOC, all);
    const { out_veventq_id: id, out_veventq_fd: fd } = this.out(iommu_veventq_alloc);
    return answer === 'ok' ? { id, fd } : answer;
  }

  /** Writes words to memory for a call. @returns the address */
  words(...words: readonly bigint[]): bigint {
    const bytes = new DataView(this.memory.buffer, SCRATCH * PAGE);
    for (const [i, word] of words.entries()) bytes.setBigUint64(8 * i, BigInt.asUintN(64, word), true);
    return this.at + BigInt(SCRATCH * PAGE);
  }

  /** A page table with a guest's stream table entry. */
  nested(viommu: number, word0: bigint, word1 = 0n, fields: object = {}): Id {
    const data_uptr = this.words(word0, word1, 0n, 0n);
    return this.hwpt({ pt_id: viommu, data_type: STE_DATA, data_len: 16, data_uptr, ...fields });
  }

  attach(pt_id: number, { fd }: Bound = this.dev): string {
    return this.call(VFIO_DEVICE_ATTACH_IOMMUFD_PT, { pt_id }, fd);
  }

  detach({ fd }: Bound = this.dev): string {
    return this.call(VFIO_DEVICE_DETACH_IOMMUFD_PT, {}, fd);
  }

  destroy(id: number): string {
    return this.call(IOMMU_DESTROY, { id });
  }

  close(fd: number): string {
    return named(this.process.close(fd));
  }

  /** Maps pages of the guest's memory, readable and writable. */
  map(
    iova: bigint,
    pages = 1,
    { page = 0, ioas = this.ioas }: { page?: number; ioas?: number } = {},
  ): string {
    const user_va = this.at + BigInt((GUEST + page) * PAGE);
    const length = BigInt(pages * PAGE);
    return this.call(IOMMU_IOAS_MAP, { ioas_id: ioas, user_va, length, iova, flags: 7 });
  }

  unmap(iova: bigint, pages = 1): string {
    return this.call(IOMMU_IOAS_UNMAP, { ioas_id: this.ioas, iova, length: BigInt(pages * PAGE) });
  }

  /** The ranges that can be mapped: pairs of the first and the last IOVA. */
  ranges(ioas = this.ioas): (readonly [bigint, bigint])[] {
    const allowed_iovas = this.words();
    expect(this.call(IOMMU_IOAS_IOVA_RANGES, { ioas_id: ioas, num_iovas: 8, allowed_iovas })).toBe('ok');
    const { num_iovas } = this.out(iommu_ioas_iova_ranges);
    const bytes = new DataView(this.memory.buffer, SCRATCH * PAGE);
    return Array.from({ length: num_iovas }, (_, i) => [
      bytes.getBigUint64(16 * i, true),
      bytes.getBigUint64(16 * i + 8, true),
    ]);
  }

  /** Invalidates by commands of two words each. @returns 'ok' or the name of an errno, and the returned entry_num */
  invalidate(hwpt_id: number, words: readonly bigint[], fields: object = {}): readonly [string, number] {
    const data_uptr = this.words(...words);
    const all = { hwpt_id, data_uptr, data_type: 1, entry_len: 16, entry_num: words.length / 2, ...fields };
    const answer = this.call(IOMMU_HWPT_INVALIDATE, all);
    return [answer, this.out(iommu_hwpt_invalidate).entry_num];
  }

  /** Makes the DMA engine of a device move bytes between memory and its buffer. */
  dma(write: boolean, iova: bigint, length = 4, { fd }: Bound = this.dev): string {
    for (const { offset, value } of engineWrites({ write, iova, length, bufferOffset: 0 })) {
      const ret = this.process.pwrite(fd, this.words(value), 8, offset);
      if (ret < 0) return named(ret);
    }
    return 'ok';
  }

  /** Reads a queue. @returns the words that were read, or the name of an errno */
  read({ fd }: Queue, length = 8 * PAGE): string | bigint[] {
    const ret = this.process.read(fd, this.at + BigInt(READ_AT * PAGE), length);
    if (ret < 0) return named(ret);
    expect(ret % 8).toBe(0);
    const bytes = new DataView(this.memory.buffer, READ_AT * PAGE);
    return Array.from({ length: ret / 8 }, (_, i) => bytes.getBigUint64(8 * i, true));
  }

  poll({ fd }: Queue, events = POLLIN): number {
    const entry = { fd, events, revents: 0 };
    this.process.poll([entry]);
    return entry.revents;
  }

  guestPage(page: number): Uint8Array {
    return this.ram.bytes(IPA + BigInt(page * PAGE), PAGE);
  }

  /** The context descriptor of the guest's stage 1. */
  get cd(): View<typeof smmuv3_cd> {
    return view(smmuv3_cd, this.ram.bytes(this.stage1.context, smmuv3_cd.byteLength));
  }

  /** Sets up the guest's memory in stage 2, and a stage 1 that maps one page of it at {@link IOVA}. */
  setUpGuest(): void {
    expect(this.map(IPA, PAGES)).toBe('ok');
    this.stage1.setUp();
    this.stage1.show(IOVA, PAGE_IPA);
  }

  /** The lines of the kernel's log since the last call. */
  log(): string {
    const lines = this.kernel.messages.slice(this.logged).join('\n');
    this.logged = this.kernel.messages.length;
    return lines;
  }

  private logged = 0;
}

export function named(ret: number): string {
  return ret === 0 ? 'ok' : (errnoName(ret) ?? String(ret));
}

/** The id. @throws Error for the name of an errno */
export function sure(id: Id): number {
  expect(id).toEqual(expect.any(Number));
  return Number(id);
}

/** The queue. @throws Error for the name of an errno */
export function sureQueue(queue: Queue | string): Queue {
  if (typeof queue === 'string') throw new Error(`the queue was not allocated: ${queue}`);
  return queue;
}
