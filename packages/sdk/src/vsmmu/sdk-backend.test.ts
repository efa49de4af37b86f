import { describe, expect, test } from '@jest/globals';
import {
  errno,
  type Ioctl,
  IOMMU_DESTROY,
  IOMMU_HWPT_ALLOC,
  iommu_hwpt_arm_smmuv3,
  IOMMU_HWPT_INVALIDATE,
  IOMMU_IOAS_ALLOC,
  IOMMU_VDEVICE_ALLOC,
  IOMMU_VIOMMU_ALLOC,
  iommu_viommu_arm_smmuv3_invalidate,
  type Syscalls,
} from '@iommufd/uapi';
import { decode, decodeArray, encode } from '@iommufd/uapi/struct';
import { Context } from '../calls/context.js';
import { Device } from '../objects/device.js';
import { Ioas } from '../objects/ioas.js';
import type { Viommu } from '../objects/viommu.js';
import { guestIdRegisters, SdkBackend, VirtualSmmuv3 } from './index.js';
import { asidWord, HARDWARE, HARDWARE_WITH_ATS, Ram, steS1 } from './vsmmu.testing.js';

const MIB = 1 << 20;
const NOTHING = (): number => 0;

/** The part of a kernel that the backend uses. It records requests. */
class StubKernel {
  readonly log: string[] = [];
  /** The result of the next request of a name, once. */
  readonly failures = new Map<string, number>();
  /** The index of the refused entry of the next invalidation, once. */
  refusedEntry: number | undefined;
  private readonly memory = new Uint8Array(MIB);
  private top = 4096;
  private lastId = 0;

  readonly sys: Syscalls = {
    open: NOTHING,
    close: NOTHING,
    dup: NOTHING,
    read: NOTHING,
    write: NOTHING,
    pread: NOTHING,
    pwrite: NOTHING,
    poll: NOTHING,
    wait: () => Promise.resolve(0),
    munmap: NOTHING,
    memfd: NOTHING,
    eventfd: NOTHING,
    mmap: (_address, length) => {
      this.top += length;
      return BigInt(this.top - length);
    },
    memory: (address, length) => this.memory.subarray(Number(address), Number(address) + length),
    ioctl: (_fd, request, arg) => this.ioctl(request, arg),
  };

  take(): string[] {
    return this.log.splice(0);
  }

  note(line: string, name = ''): void {
    this.log.push(line);
    const failure = this.failures.get(name);
    if (failure === undefined) return;
    this.failures.delete(name);
    throw failure;
  }

  private ioctl(request: number, arg: bigint): number {
    try {
      this.answer(request, arg);
      return 0;
    } catch (failure) {
      if (typeof failure === 'number') return -failure;
      throw failure;
    }
  }

  private answer(request: number, arg: bigint): void {
    const at = (address: bigint, length: number): Uint8Array => this.sys.memory(address, length);
    const is = (ioctl: Ioctl): boolean => ioctl.request === request;
    if (is(IOMMU_IOAS_ALLOC)) {
      const bytes = at(arg, IOMMU_IOAS_ALLOC.struct.byteLength);
      const asked = decode(IOMMU_IOAS_ALLOC.struct, bytes);
      bytes.set(encode(IOMMU_IOAS_ALLOC.struct, { ...asked, out_ioas_id: ++this.lastId }));
    } else if (is(IOMMU_HWPT_ALLOC)) {
      const bytes = at(arg, IOMMU_HWPT_ALLOC.struct.byteLength);
      const asked = decode(IOMMU_HWPT_ALLOC.struct, bytes);
      const id = ++this.lastId;
      const data = at(asked.data_uptr ?? 0n, asked.data_len ?? 0);
      const ste = asked.data_type === 2 ? decode(iommu_hwpt_arm_smmuv3, data).ste : [];
      this.note(
        `hwpt ${id} of ${asked.dev_id} [${ste.map((word) => word.toString(16)).join()}]`,
        'HWPT_ALLOC',
      );
      bytes.set(encode(IOMMU_HWPT_ALLOC.struct, { ...asked, out_hwpt_id: id }));
    } else if (is(IOMMU_VIOMMU_ALLOC)) {
      const bytes = at(arg, IOMMU_VIOMMU_ALLOC.struct.byteLength);
      const asked = decode(IOMMU_VIOMMU_ALLOC.struct, bytes);
      bytes.set(encode(IOMMU_VIOMMU_ALLOC.struct, { ...asked, out_viommu_id: ++this.lastId }));
    } else if (is(IOMMU_VDEVICE_ALLOC)) {
      const bytes = at(arg, IOMMU_VDEVICE_ALLOC.struct.byteLength);
      const asked = decode(IOMMU_VDEVICE_ALLOC.struct, bytes);
      const id = ++this.lastId;
      this.note(`vdevice ${id} of ${asked.dev_id} as ${asked.virt_id}`, 'VDEVICE_ALLOC');
      bytes.set(encode(IOMMU_VDEVICE_ALLOC.struct, { ...asked, out_vdevice_id: id }));
    } else if (is(IOMMU_HWPT_INVALIDATE)) {
      const asked = decode(IOMMU_HWPT_INVALIDATE.struct, at(arg, IOMMU_HWPT_INVALIDATE.struct.byteLength));
      const data = at(asked.data_uptr, asked.entry_len * asked.entry_num);
      const entries = decodeArray(iommu_viommu_arm_smmuv3_invalidate, data);
      this.note(`invalidate ${entries.map(({ cmd }) => cmd[0]?.toString(16)).join()}`, 'HWPT_INVALIDATE');
      const { refusedEntry: entry_num } = this;
      if (entry_num === undefined) return;
      this.refusedEntry = undefined;
      at(arg, IOMMU_HWPT_INVALIDATE.struct.byteLength).set(
        encode(IOMMU_HWPT_INVALIDATE.struct, { ...asked, entry_num }),
      );
      throw errno.EIO;
    } else if (is(IOMMU_DESTROY)) {
      const { id } = decode(IOMMU_DESTROY.struct, at(arg, IOMMU_DESTROY.struct.byteLength));
      this.note(`destroy ${id}`, 'DESTROY');
    } else throw errno.ENOTTY;
  }
}

class StubDevice extends Device {
  constructor(
    context: Context,
    private readonly kernel: StubKernel,
    id: number,
  ) {
    super(context, id);
  }

  protected override attachTo(id: number): number {
    try {
      this.kernel.note(`attach ${this.id} to ${id}`, 'ATTACH');
    } catch {
      throw new Error('EADDRINUSE');
    }
    return id;
  }

  protected override detachFrom(): void {
    this.kernel.note(`detach ${this.id}`);
  }

  protected override destroy(): void {
    this.kernel.note(`close ${this.id}`);
  }
}

interface Testbed {
  readonly kernel: StubKernel;
  readonly viommu: Viommu<'arm-smmuv3'>;
  readonly device: StubDevice;
  readonly other: StubDevice;
}

/** IOAS 1, nest parent 2, virtual IOMMU 3, devices 100 and 101. */
function testbed(): Testbed {
  const kernel = new StubKernel();
  const context = new Context(kernel.sys, 3);
  const device = new StubDevice(context, kernel, 100);
  const other = new StubDevice(context, kernel, 101);
  const parent = device.allocHwpt({ ioas: Ioas.alloc(context), nestParent: true });
  const viommu = device.allocViommu({ type: 'arm-smmuv3', parent });
  kernel.take();
  return { kernel, viommu, device, other };
}

const BYPASS = { kind: 'bypass' } as const;
const translate = (contextPtr: bigint) => ({ kind: 'translate', ste: [steS1(contextPtr), 0n] }) as const;

describe('a stream', () => {
  test('gets its vDEVICE first, then a page table, and is moved without a gap', () => {
    const { kernel, viommu, device } = testbed();
    const backend = new SdkBackend({ viommu, devices: [[0x28, device]] });
    expect(kernel.take()).toEqual(['vdevice 4 of 100 as 40']);
    backend.setStream(0x28, BYPASS);
    expect(kernel.take()).toEqual(['hwpt 5 of 100 [9,0]', 'attach 100 to 5']);
    backend.setStream(0x28, translate(0x5000n));
    expect(kernel.take()).toEqual(['hwpt 6 of 100 [500b,0]', 'attach 100 to 6', 'destroy 5']);
    backend.setStream(0x28, { kind: 'abort' });
    expect(kernel.take()).toEqual(['hwpt 7 of 100 [1,0]', 'attach 100 to 7', 'destroy 6']);
    backend.setStream(0x28, { kind: 'invalid' });
    expect(kernel.take()).toEqual(['hwpt 8 of 100 [0,0]', 'attach 100 to 8', 'destroy 7']);
  });

  test('whose entry does not change gets its context descriptors invalidated, if it translates', () => {
    const { kernel, viommu, device } = testbed();
    const backend = new SdkBackend({ viommu, devices: [[0x28, device]] });
    backend.setStream(0x28, BYPASS);
    kernel.take();
    backend.setStream(0x28, BYPASS);
    expect(kernel.take()).toEqual([]);
    backend.setStream(0x28, translate(0x5000n));
    kernel.take();
    backend.setStream(0x28, translate(0x5000n));
    expect(kernel.take()).toEqual(['invalidate 2800000006']);
  });

  test('whose entry the kernel refuses gets an invalid one', () => {
    const { kernel, viommu, device } = testbed();
    const backend = new SdkBackend({ viommu, devices: [[1, device]] });
    kernel.failures.set('HWPT_ALLOC', errno.EIO);
    backend.setStream(1, translate(0x5000n));
    expect(kernel.take().slice(1)).toEqual([
      'hwpt 5 of 100 [500b,0]',
      'hwpt 6 of 100 [0,0]',
      'attach 100 to 6',
    ]);
  });

  test('that cannot be moved keeps its attachment, and nothing leaks', () => {
    const { kernel, viommu, device } = testbed();
    const backend = new SdkBackend({ viommu, devices: [[1, device]] });
    backend.setStream(1, BYPASS);
    kernel.take();
    kernel.failures.set('ATTACH', errno.EADDRINUSE);
    expect(() => backend.setStream(1, translate(0x5000n))).toThrow('EADDRINUSE');
    expect(kernel.take()).toEqual(['hwpt 6 of 100 [500b,0]', 'attach 100 to 6', 'destroy 6']);
    kernel.failures.set('HWPT_ALLOC', errno.ENOMEM);
    expect(() => backend.setStream(1, translate(0x5000n))).toThrow('ENOMEM');
    kernel.take();
    backend.setStream(1, translate(0x5000n));
    expect(kernel.take()).toEqual(['hwpt 8 of 100 [500b,0]', 'attach 100 to 8', 'destroy 5']);
  });

  test('has one device, and a StreamID of 32 bits', () => {
    const { viommu, device, other } = testbed();
    const backend = new SdkBackend({ viommu, devices: [[1, device]] });
    expect(() => backend.addDevice(1, other)).toThrow('another device');
    for (const id of [-1, 2 ** 32, 1.5]) expect(() => backend.addDevice(id, other)).toThrow('32 bits');
    backend.addDevice(0xffff_ffff, other);
    expect([...backend.streams]).toEqual([1, 0xffff_ffff]);
    expect(() => backend.setStream(7, BYPASS)).toThrow('no device');
  });
});

describe('at the end', () => {
  test('devices are detached, then page tables and vDEVICEs are closed', () => {
    const { kernel, viommu, device, other } = testbed();
    const backend = new SdkBackend({
      viommu,
      devices: [
        [1, device],
        [2, other],
      ],
    });
    backend.setStream(1, BYPASS);
    backend.setStream(2, translate(0x5000n));
    kernel.take();
    backend.removeDevice(2);
    expect(kernel.take()).toEqual(['detach 101', 'destroy 7', 'destroy 5']);
    expect([...backend.streams]).toEqual([1]);
    backend[Symbol.dispose]();
    expect(kernel.take()).toEqual(['detach 100', 'destroy 6', 'destroy 4']);
    backend.close();
    backend.removeDevice(1);
    expect(kernel.take()).toEqual([]);
  });

  test('a device that is closed or attached elsewhere is not detached', () => {
    const { kernel, viommu, device, other } = testbed();
    const backend = new SdkBackend({
      viommu,
      devices: [
        [1, device],
        [2, other],
      ],
    });
    backend.setStream(1, BYPASS);
    backend.setStream(2, BYPASS);
    device.close();
    other.attach(viommu.parent);
    kernel.take();
    backend.close();
    expect(kernel.take()).toEqual(['destroy 6', 'destroy 7', 'destroy 5']);
  });

  test('a refused step can be retried', () => {
    const { kernel, viommu, device, other } = testbed();
    const backend = new SdkBackend({
      viommu,
      devices: [
        [1, device],
        [2, other],
      ],
    });
    backend.setStream(1, BYPASS);
    backend.setStream(2, BYPASS);
    kernel.take();
    kernel.failures.set('DESTROY', errno.EBUSY);
    expect(() => backend.close()).toThrow('EBUSY');
    expect(kernel.take()).toEqual(['detach 100', 'destroy 6', 'detach 101', 'destroy 7', 'destroy 5']);
    backend.close();
    expect(kernel.take()).toEqual(['destroy 6', 'destroy 4']);
  });
});

describe('invalidations', () => {
  const commands = [{ cmd: [asidWord(1), 0n] }, { cmd: [asidWord(2), 0n] }] as const;

  test('go to the virtual IOMMU together', () => {
    const { kernel, viommu } = testbed();
    new SdkBackend({ viommu }).invalidate(commands);
    expect(kernel.take()).toEqual(['invalidate 1000000000011,2000000000011']);
  });

  test('are made twice for hardware with the erratum', () => {
    const { kernel, viommu } = testbed();
    new SdkBackend({ viommu, hardware: { flags: 1, idr: [0, 0, 0, 0, 0, 0] } }).invalidate(commands);
    expect(kernel.take()).toHaveLength(2);
  });
});

test('a complete virtual SMMU on the SDK', () => {
  const { kernel, viommu, device } = testbed();
  const memory = new Ram();
  const smmu = new VirtualSmmuv3({
    memory,
    backend: new SdkBackend({ viommu, devices: [[1, device]], hardware: HARDWARE }),
    interrupts: { eventq() {}, priq() {}, gerror: () => kernel.note('irq gerror'), cmdqSync() {}, msi() {} },
    idRegisters: guestIdRegisters(HARDWARE),
  });
  expect(kernel.take()).toEqual(['vdevice 4 of 100 as 1', 'hwpt 5 of 100 [9,0]', 'attach 100 to 5']);
  smmu.write(0x90, 8, 0x4000_0004n);
  smmu.write(0x20, 4, 8);
  memory.write64(0x4000_0000n, asidWord(1), 0n, asidWord(2), 0n, 0x46n, 0n);
  smmu.write(0x98, 4, 3);
  expect(kernel.take()).toEqual(['invalidate 1000000000011,2000000000011']);
  // Refused by number, it is the guest's fault; those before it are issued again.
  kernel.refusedEntry = 1;
  memory.write64(0x4000_0030n, asidWord(3), 0n, asidWord(4), 0n);
  smmu.write(0x50, 4, 1);
  smmu.write(0x98, 4, 5);
  expect(kernel.take()).toEqual([
    'invalidate 3000000000011,4000000000011',
    'invalidate 3000000000011',
    'irq gerror',
  ]);
  expect(smmu.read(0x9c, 4)).toBe(0x0100_0004);
  smmu.write(0x64, 4, 1);
  kernel.take();
  // Refused as a whole, it is not.
  kernel.failures.set('HWPT_INVALIDATE', errno.EIO);
  memory.write64(0x4000_0050n, asidWord(5), 0n);
  expect(() => smmu.write(0x98, 4, 6)).toThrow('EIO');
  expect(smmu.read(0x9c, 4) & 0xff).toBe(5);
});

test('ID registers that the hardware does not have are refused: ATS', () => {
  const { viommu } = testbed();
  const interrupts = { eventq() {}, priq() {}, gerror() {}, cmdqSync() {}, msi() {} };
  const ids = guestIdRegisters(HARDWARE_WITH_ATS, { ats: true });
  const make = (backend: SdkBackend) =>
    new VirtualSmmuv3({ memory: new Ram(), backend, interrupts, idRegisters: ids });
  expect(() => make(new SdkBackend({ viommu, hardware: HARDWARE }))).toThrow('IDR0.ATS');
  expect(() => make(new SdkBackend({ viommu, hardware: HARDWARE_WITH_ATS }))).not.toThrow();
});
