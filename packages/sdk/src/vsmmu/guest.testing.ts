import { afterEach, describe, expect } from '@jest/globals';
import { interruptedSyscalls } from '@iommufd/testkit';
import {
  type Cd,
  cfgiSte,
  CMDQEN,
  type CommandEntry,
  contextDescriptor,
  type Event,
  EVENTQEN,
  GuestDriver,
  GuestRam,
  PAGE,
  PageTables,
  SMMUEN,
  Stage1,
  type Ste,
  streamTableEntry,
  SYNC,
  translatesBy,
} from '@iommufd/testkit/guest';
import {
  DmaFault,
  FakeKernel,
  FakeSmmuv3,
  type Process,
  type SmmuDevice,
  type SmmuDeviceOptions,
  type Smmuv3Config,
} from '@iommufd/fakekernel';
import { queueEntriesUsed, smmuv3_ste, type Syscalls } from '@iommufd/uapi';
import {
  guestIdRegisters,
  guestMemory,
  type Hwpt,
  type IdRegisterOptions,
  type Ioas,
  Iommufd,
  type Memory,
  SdkBackend,
  type VeventqItem,
  type VfioDevice,
  type Veventq,
  type Viommu,
  VirtualSmmuv3,
  type VsmmuState,
} from '../index.js';

/** The guest-physical address of the guest's RAM, which is also its IOVA in the IOAS. */
export const RAM = 0x4000_0000n;
const RAM_BYTES = 6 << 20;
const CMDQ = RAM;
/** Entries of the command queue. */
export const CMDQ_LOG2 = 8;
const EVENTQ = RAM + 0x1_0000n;
/** The initial address of the stream table: linear, 64 streams. */
export const STRTAB = RAM + 0x2_0000n;
const STRTAB_LOG2 = 6;
const HEAP = RAM + 0x3_0000n;
/** Two unused aligned blocks of 2 MiB. */
export const BLOCKS = [RAM + (2n << 20n), RAM + (4n << 20n)] as const;

/** A device of the machine, and its virtual StreamID. */
export interface Passed {
  readonly vsid: number;
  readonly options: SmmuDeviceOptions;
}

export interface MachineOptions {
  readonly config?: Smmuv3Config | undefined;
  /** By default one device: stream 5 of the guest, which is 0x28 of the hardware. */
  readonly devices?: readonly Passed[] | undefined;
  readonly ids?: IdRegisterOptions | undefined;
  /** The depth of the vEVENTQ; 64 by default. */
  readonly depth?: number | undefined;
  /** Base 2 logarithm of the number of entries of the guest's event queue; 6 by default. */
  readonly eventqLog2?: number | undefined;
  /** The machine's hardware, if another guest already runs on it. */
  readonly host?: Host | undefined;
  /** The virtual StreamIDs of the devices that the guest gets; all devices by default. */
  readonly uses?: readonly number[] | undefined;
}

export const ONE: readonly Passed[] = [{ vsid: 5, options: { streamId: 0x28, pasidBits: 8 } }];
export const TWO: readonly Passed[] = [...ONE, { vsid: 9, options: { streamId: 0x30, pasidBits: 8 } }];

/** The hardware, and Linux on it. */
export class Host {
  readonly kernel = new FakeKernel();
  readonly smmu: FakeSmmuv3;
  readonly devices = new Map<number, SmmuDevice>();
  readonly paths = new Map<number, string>();

  constructor({ config, devices = ONE }: MachineOptions) {
    this.smmu = new FakeSmmuv3(this.kernel, config);
    for (const { vsid, options } of devices) this.add(vsid, options);
  }

  add(vsid: number, options: SmmuDeviceOptions): void {
    const device = this.smmu.addDevice(options);
    this.devices.set(vsid, device);
    // On the root bus requester ids are StreamIDs. All other devices have a free address.
    const [id = 0] = device.streamIds;
    const slot = (id >> 3).toString(16).padStart(2, '0');
    this.paths.set(vsid, this.kernel.plug(device, { at: id < 0x100 ? `00:${slot}.${id & 7}` : undefined }));
  }
}

/** The program that runs the guest. */
export class Vmm {
  readonly process: Process;
  readonly iommufd: Iommufd;
  readonly memory: Memory;
  readonly ioas: Ioas;
  readonly devices = new Map<number, VfioDevice>();
  readonly parent: Hwpt;
  readonly viommu: Viommu<'arm-smmuv3'>;
  readonly queue: Veventq<'arm-smmuv3'>;
  readonly backend: SdkBackend;
  readonly smmu: VirtualSmmuv3;
  /** The interrupts of the guest. */
  readonly interrupts: string[] = [];
  /** Called at each interrupt. */
  onInterrupt: (() => void) | undefined;

  constructor(host: Host, wrap: (sys: Syscalls) => Syscalls, { ids, depth = 64, uses }: MachineOptions) {
    this.process = host.kernel.spawn();
    this.iommufd = Iommufd.open(wrap(this.process));
    this.memory = this.iommufd.allocMemory(RAM_BYTES);
    this.ioas = this.iommufd.allocIoas();
    this.ioas.mapMemory(this.memory, { iova: RAM });
    for (const [vsid, path] of host.paths)
      if (uses?.includes(vsid) ?? true) this.devices.set(vsid, this.iommufd.openDevice(path));
    const [first] = this.devices.values();
    if (first === undefined) throw new Error('there is no device');
    const hardware = first.hwInfo({ type: 'arm-smmuv3' });
    if (hardware.type !== 'arm-smmuv3') throw new Error(`the IOMMU is ${hardware.type}`);
    this.parent = first.allocHwpt({ ioas: this.ioas, nestParent: true });
    this.viommu = first.allocViommu({ type: 'arm-smmuv3', parent: this.parent });
    this.queue = this.viommu.allocVeventq({ type: 'arm-smmuv3', depth });
    this.backend = new SdkBackend({
      viommu: this.viommu,
      devices: this.devices,
      hardware: hardware.data,
    });
    const note = (line: string) => (): void => {
      this.interrupts.push(line);
      this.onInterrupt?.();
    };
    this.smmu = new VirtualSmmuv3({
      memory: guestMemory({ memory: this.memory, base: RAM }),
      backend: this.backend,
      interrupts: {
        eventq: note('eventq'),
        priq: note('priq'),
        gerror: note('gerror'),
        cmdqSync: note('sync'),
        msi: note('msi'),
      },
      idRegisters: guestIdRegisters(hardware.data, ids),
    });
  }

  /** Passes pending events to the guest. @returns the events */
  pump(): VeventqItem<Event>[] {
    const items = this.queue.read();
    this.smmu.handleEvents(items);
    return items;
  }

  /** Ends the program. */
  end(): void {
    this.backend.close();
    this.iommufd.close();
    this.process.exit();
  }
}

/** The outcome of an access of a device: the byte read, or `aborted`. */
export type Outcome = number | 'aborted';

/** A guest on a virtual SMMU, with its VMM and host. Its methods are the operations of the guest's software and devices. */
export class Machine extends GuestDriver {
  host: Host;
  vmm: Vmm;
  readonly ram: GuestRam;
  readonly tables: PageTables;

  constructor(
    private readonly wrap: (sys: Syscalls) => Syscalls,
    readonly options: MachineOptions,
  ) {
    const host = options.host ?? new Host(options);
    const vmm = new Vmm(host, wrap, options);
    const ram = new GuestRam(vmm.memory.bytes(), RAM, { from: HEAP, to: BLOCKS[0] });
    super(ram, vmm.smmu);
    this.host = host;
    this.vmm = vmm;
    this.ram = ram;
    this.tables = new PageTables(ram);
    // No stream has a valid entry.
    this.setUp(
      {
        CMDQ: { address: CMDQ, log2size: CMDQ_LOG2 },
        EVENTQ: { address: EVENTQ, log2size: options.eventqLog2 ?? 6 },
        STRTAB: { address: STRTAB, log2size: STRTAB_LOG2 },
      },
      CMDQEN | EVENTQEN | SMMUEN,
    );
    this.interrupts();
  }

  /** The interrupts since the last call. */
  interrupts(): string[] {
    return this.vmm.interrupts.splice(0);
  }

  /** The messages of the host's kernel from index `from` on. */
  messages(from = 0): string {
    return this.host.kernel.messages.slice(from).join('\n');
  }

  /** Allocates a page filled with one byte. */
  page(byte: number): bigint {
    const at = this.ram.alloc();
    this.fill(at, byte);
    return at;
  }

  fill(address: bigint, byte: number, length = PAGE): void {
    this.ram.bytes(address, length).fill(byte);
  }

  /** Writes a context descriptor, without an invalidation. */
  cd(address: bigint, fields: Cd): void {
    this.ram.write(address, contextDescriptor(fields));
  }

  /** Writes an entry of a linear stream table, without an invalidation. */
  ste(vsid: number, fields: Ste): void {
    this.steAt(STRTAB + BigInt(vsid * smmuv3_ste.byteLength), fields);
  }

  steAt(address: bigint, fields: Ste): void {
    this.ram.write(address, streamTableEntry(fields));
  }

  /** Enables translation of a stream: an entry, one page of context descriptors, and empty tables for the first descriptor. */
  translate(vsid: number, { ste = {}, cd = {} }: { ste?: Ste; cd?: Cd } = {}): Context {
    const stage1 = new Stage1(this.ram);
    const { root, context } = stage1;
    stage1.setUp(cd);
    this.ste(vsid, { ...translatesBy(context), ...ste });
    this.issue(cfgiSte(vsid), SYNC);
    return { root, context };
  }

  /** Replaces the entry of a stream, and invalidates it. */
  reconfigure(vsid: number, fields: Ste): void {
    this.ste(vsid, fields);
    this.issue(cfgiSte(vsid), SYNC);
  }

  /** The state of the command queue: the number of pending commands, the error, and whether it is stopped. */
  queue(): { readonly left: number; readonly error: number; readonly stopped: boolean } {
    const cons = this.get('SMMU_CMDQ_CONS');
    return {
      left: queueEntriesUsed(this.get('SMMU_CMDQ_PROD'), cons, CMDQ_LOG2),
      error: (cons >>> 24) & 0x7f,
      stopped: ((this.get('SMMU_GERROR') ^ this.get('SMMU_GERRORN')) & 1) === 1,
    };
  }

  /** Issues a command. @returns true if it is legal; an illegal one is skipped */
  accepts(entry: CommandEntry): boolean {
    this.issue(entry);
    const { left, error, stopped } = this.queue();
    if (!stopped) {
      expect(left).toBe(0);
      return true;
    }
    expect({ left, error }).toEqual({ left: 1, error: 1 });
    this.skip();
    expect(this.queue()).toMatchObject({ left: 0, stopped: false });
    return false;
  }

  /** Delivers pending events. @returns all events in the guest's queue */
  events(): Event[] {
    this.vmm.pump();
    return this.takeEvents();
  }

  device(vsid: number): SmmuDevice {
    const device = this.host.devices.get(vsid);
    if (device === undefined) throw new Error(`stream ${vsid} has no device`);
    return device;
  }

  /** The first byte that a device reads at an address. */
  async read(vsid: number, address: bigint, pasid?: number): Promise<Outcome> {
    return this.device(vsid)
      .dma.read(address, 1, { pasid })
      .then(([byte = 0]) => byte, aborted);
  }

  /** A device writes a byte. */
  async write(vsid: number, address: bigint, byte: number, pasid?: number): Promise<Outcome> {
    return this.device(vsid)
      .dma.write(address, Uint8Array.of(byte), { pasid })
      .then(() => byte, aborted);
  }

  /** Moves the guest to another process, perhaps on another host, after the old process has ended. */
  migrate(state: VsmmuState, host?: MachineOptions): void {
    this.ram.moveTo(new Uint8Array(RAM_BYTES));
    this.vmm.end();
    expect(this.host.kernel.leftOver()).toEqual([]);
    if (host !== undefined) this.host = new Host(host);
    this.vmm = new Vmm(this.host, this.wrap, this.options);
    this.ram.moveTo(this.vmm.memory.bytes());
    this.registers = this.vmm.smmu;
    this.vmm.smmu.load(state);
  }

  end(): void {
    this.vmm.end();
  }
}

export interface Context {
  /** The address of its first page table. */
  readonly root: bigint;
  /** The address of its first context descriptor. */
  readonly context: bigint;
}

function aborted(error: unknown): 'aborted' {
  if (error instanceof DmaFault && error.reason === 'aborted') return 'aborted';
  throw error;
}

/** Creates the machine of a test. */
export type Start = (options?: MachineOptions) => Machine;

/** Defines tests that must pass with plain system calls, and with interrupted ones. */
export function onGoodAndBadDays(define: (start: Start) => void): void {
  const days = [
    { name: 'on a good day', wrap: (sys: Syscalls) => sys },
    { name: 'with EINTR, EAGAIN and late poll()', wrap: (sys: Syscalls) => interruptedSyscalls(sys, 1) },
  ];
  describe.each(days)('$name', ({ wrap }) => {
    const running: Machine[] = [];
    afterEach(() => {
      const ended = running.splice(0);
      for (const machine of ended) machine.end();
      for (const { host } of ended) expect(host.kernel.leftOver()).toEqual([]);
    });
    define((options = {}) => {
      const machine = new Machine(wrap, options);
      running.push(machine);
      return machine;
    });
  });
}
