import { afterEach, describe, expect } from '@jest/globals';
import {
  DmaFault,
  FakeKernel,
  FakeSmmuv3,
  type Process,
  type SmmuDevice,
  type SmmuDeviceOptions,
  type Smmuv3Config,
} from '@iommufd/fakekernel';
import {
  nextQueueIndex,
  queueEntriesUsed,
  smmuv3_cd,
  smmuv3_command,
  smmuv3_event,
  smmuv3_register,
  smmuv3_ste,
  smmuv3_ste_config,
  type Syscalls,
} from '@iommufd/uapi';
import {
  type BitFields,
  type BitStruct,
  type BitValues,
  decode,
  type Decoded,
  encode,
  view,
} from '@iommufd/uapi/struct';
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
import { interruptedSyscalls } from '../testing/interrupted-syscalls.testing.js';
import { cfgiSte, type Command, SYNC } from './vsmmu.testing.js';

export type Ste = Partial<Decoded<typeof smmuv3_ste>>;
export type Cd = Partial<Decoded<typeof smmuv3_cd>>;
export type GuestEvent = Decoded<typeof smmuv3_event>;
type RegisterName = keyof typeof smmuv3_register & `SMMU_${string}`;
/** What goes into the command queue: fields, or the two words. */
export type Entry = Command | readonly [bigint, bigint];

export const PAGE = 4096;
/** The guest's RAM: guest-physical, which is what the IOAS maps. */
export const RAM = 0x4000_0000n;
const RAM_BYTES = 6 << 20;
const CMDQ = RAM;
/** Entries of the command queue. */
export const CMDQ_LOG2 = 8;
const EVENTQ = RAM + 0x1_0000n;
/** Where the stream table is unless the guest moves it: linear, 64 streams. */
export const STRTAB = RAM + 0x2_0000n;
const STRTAB_LOG2 = 6;
const HEAP = RAM + 0x3_0000n;
/** An aligned block of 2 MiB, and another: nothing else is there. */
export const BLOCKS = [RAM + (2n << 20n), RAM + (4n << 20n)] as const;

/** SMMU_CR0. */
export const SMMUEN = 1;
export const EVENTQEN = 4;
export const CMDQEN = 8;

/** Fields of a CD for 39 bits of addresses below, in 4 KB pages. */
const CD: Cd = { V: 1, AA64: 1, A: 1, R: 1, T0SZ: 25, EPD1: 1, IPS: 4, ASID: 1, ASET: 1 };

/** A record with some fields, the others zero. */
export function record<B extends BitFields>(
  struct: BitStruct<B>,
  fields: Partial<BitValues<B>>,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(struct.byteLength);
  // Fields that are left out stay as they are.
  Object.assign(view(struct, bytes), fields);
  return bytes;
}

/** What a page or block descriptor of the guest says. */
export interface Leaf {
  /** 3 unless it is a block. */
  readonly level?: number;
  /** AP[2:1]: 1 unless it says something else, reads and writes for all. */
  readonly ap?: number;
  readonly accessed?: boolean;
  readonly global?: boolean;
}

function leafOf(address: bigint, { level = 3, ap = 1, accessed = true, global = false }: Leaf = {}): bigint {
  const flags = (BigInt(ap) << 6n) | (accessed ? 1n << 10n : 0n) | (global ? 0n : 1n << 11n);
  return address | flags | (level === 3 ? 3n : 1n);
}

/** A device of the machine, and the StreamID that the guest knows it by. */
export interface Passed {
  readonly vsid: number;
  readonly options: SmmuDeviceOptions;
}

export interface MachineOptions {
  readonly config?: Smmuv3Config | undefined;
  /** Stream 5 of the guest, which is 0x28 of the hardware, if it is left out. */
  readonly devices?: readonly Passed[] | undefined;
  readonly ids?: IdRegisterOptions | undefined;
  /** Events that the vEVENTQ holds: 64 if it is left out. */
  readonly depth?: number | undefined;
  /** Base 2 logarithm of the entries of the guest's event queue: 6 if it is left out. */
  readonly eventqLog2?: number | undefined;
  /** The machine's hardware, where another guest runs already. */
  readonly host?: Host | undefined;
  /** Which of the devices the guest gets: all if it is left out. */
  readonly uses?: readonly number[] | undefined;
}

export const ONE: readonly Passed[] = [{ vsid: 5, options: { streamId: 0x28, pasidBits: 8 } }];
export const TWO: readonly Passed[] = [...ONE, { vsid: 9, options: { streamId: 0x30, pasidBits: 8 } }];

/** The hardware, with Linux on it. */
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
    this.paths.set(vsid, this.kernel.plug(device));
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
  /** The interrupts that the guest got. */
  readonly interrupts: string[] = [];
  /** Called at each of them. */
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

  /** Passes on what came. @returns what it was */
  pump(): VeventqItem<GuestEvent>[] {
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

/** How an access of a device ended: what it read, or `aborted`. */
export type Outcome = number | 'aborted';

/** A guest on a virtual SMMU, with all that is below it: what it does is what its software would. */
export class Machine {
  host: Host;
  vmm: Vmm;
  readonly eventqLog2: number;
  private free = HEAP;
  private strtab = STRTAB;
  private ram: DataView;

  constructor(
    private readonly wrap: (sys: Syscalls) => Syscalls,
    readonly options: MachineOptions,
  ) {
    this.host = options.host ?? new Host(options);
    this.vmm = new Vmm(this.host, wrap, options);
    this.eventqLog2 = options.eventqLog2 ?? 6;
    this.ram = viewOf(this.vmm.memory);
    this.start();
  }

  /** The guest's driver sets the SMMU up and turns it on: no stream has a valid entry. */
  private start(): void {
    this.set64('SMMU_CMDQ_BASE', CMDQ | BigInt(CMDQ_LOG2));
    this.set64('SMMU_EVENTQ_BASE', EVENTQ | BigInt(this.eventqLog2));
    this.set64('SMMU_STRTAB_BASE', STRTAB);
    this.set('SMMU_STRTAB_BASE_CFG', STRTAB_LOG2);
    this.set('SMMU_IRQ_CTRL', 7);
    this.set('SMMU_CR0', CMDQEN | EVENTQEN | SMMUEN);
    this.interrupts();
  }

  get(name: RegisterName): number {
    return this.vmm.smmu.read(smmuv3_register[name], 4);
  }

  set(name: RegisterName, value: number): void {
    this.vmm.smmu.write(smmuv3_register[name], 4, value);
  }

  set64(name: RegisterName, value: bigint): void {
    this.vmm.smmu.write(smmuv3_register[name], 8, value);
  }

  /** The interrupts since this was asked last. */
  interrupts(): string[] {
    return this.vmm.interrupts.splice(0);
  }

  /** What the host's kernel has said since `from`. */
  messages(from = 0): string {
    return this.host.kernel.messages.slice(from).join('\n');
  }

  /** Zeroed pages that nobody uses, aligned to their number. */
  alloc(pages = 1): bigint {
    const bytes = BigInt(pages * PAGE);
    const at = ((this.free + bytes - 1n) / bytes) * bytes;
    this.free = at + bytes;
    if (this.free > BLOCKS[0]) throw new Error('the guest has no more memory');
    return at;
  }

  /** A page full of one byte. */
  page(byte: number): bigint {
    const at = this.alloc();
    this.fill(at, byte);
    return at;
  }

  fill(address: bigint, byte: number, length = PAGE): void {
    this.bytes(address, length).fill(byte);
  }

  bytes(address: bigint, length: number): Uint8Array {
    return new Uint8Array(this.ram.buffer, this.ram.byteOffset + Number(address - RAM), length);
  }

  read64(address: bigint): bigint {
    return this.ram.getBigUint64(Number(address - RAM), true);
  }

  write64(address: bigint, ...words: readonly bigint[]): void {
    words.forEach((word, i) => this.ram.setBigUint64(Number(address - RAM) + 8 * i, word, true));
  }

  /** Where the descriptor of an address is in tables of 4 KB pages for 39 bits, which are made on the way. */
  slot(root: bigint, address: bigint, level = 3): bigint {
    let table = root;
    for (let at = 1; ; at++) {
      const index = (address >> BigInt(39 - 9 * at)) & 511n;
      const slot = table + index * 8n;
      if (at === level) return slot;
      if (this.read64(slot) === 0n) this.write64(slot, this.alloc() | 3n);
      table = this.read64(slot) & 0x0000_ffff_ffff_f000n;
    }
  }

  /** Maps an address in tables with this root; nobody is told. */
  map(root: bigint, address: bigint, to: bigint, leaf: Leaf = {}): void {
    this.write64(this.slot(root, address, leaf.level), leafOf(to, leaf));
  }

  /** Writes a context descriptor; nobody is told. */
  cd(address: bigint, fields: Cd): void {
    this.bytes(address, smmuv3_cd.byteLength).set(record(smmuv3_cd, { ...CD, ...fields }));
  }

  /** Writes a stream table entry where the table is said to be linear; nobody is told. */
  ste(vsid: number, fields: Ste): void {
    this.steAt(this.strtab + BigInt(vsid * smmuv3_ste.byteLength), fields);
  }

  steAt(address: bigint, fields: Ste): void {
    this.bytes(address, smmuv3_ste.byteLength).set(record(smmuv3_ste, { V: 1, ...fields }));
  }

  /** Has a stream translated: an entry, one page of context descriptors, and empty tables for the first of them. */
  translate(vsid: number, { ste = {}, cd = {} }: { ste?: Ste; cd?: Cd } = {}): Context {
    const root = this.alloc();
    const context = this.alloc();
    this.cd(context, { TTB0: root, ...cd });
    this.ste(vsid, { Config: smmuv3_ste_config.S1_TRANSLATE, S1ContextPtr: context, ...ste });
    this.issue(cfgiSte(vsid), SYNC);
    return { root, context };
  }

  /** Gives a stream another entry. */
  reconfigure(vsid: number, fields: Ste): void {
    this.ste(vsid, fields);
    this.issue(cfgiSte(vsid), SYNC);
  }

  /** Where the nth entry of the command queue is. */
  entry(index: number): bigint {
    return CMDQ + BigInt((index % (1 << CMDQ_LOG2)) * smmuv3_command.byteLength);
  }

  /** Writes commands behind those that are there; nobody is told. @returns the new write index */
  put(...entries: readonly Entry[]): number {
    let prod = this.get('SMMU_CMDQ_PROD');
    for (const entry of entries) {
      const at = this.entry(prod);
      if ('Opcode' in entry) this.bytes(at, 16).set(encode(smmuv3_command, entry));
      else this.write64(at, ...entry);
      prod = nextQueueIndex(prod, CMDQ_LOG2);
    }
    return prod;
  }

  /** Issues commands. */
  issue(...entries: readonly Entry[]): void {
    this.set('SMMU_CMDQ_PROD', this.put(...entries));
  }

  /** What the command queue says: how many wait, the error, and whether it stands still. */
  queue(): { readonly left: number; readonly error: number; readonly stopped: boolean } {
    const cons = this.get('SMMU_CMDQ_CONS');
    return {
      left: queueEntriesUsed(this.get('SMMU_CMDQ_PROD'), cons, CMDQ_LOG2),
      error: (cons >>> 24) & 0x7f,
      stopped: ((this.get('SMMU_GERROR') ^ this.get('SMMU_GERRORN')) & 1) === 1,
    };
  }

  /** As Linux does it: a CMD_SYNC in the place of the command that the queue stands at, and on. */
  skip(): void {
    this.bytes(this.entry(this.get('SMMU_CMDQ_CONS')), 16).set(encode(smmuv3_command, SYNC));
    this.set('SMMU_GERRORN', this.get('SMMU_GERROR'));
  }

  /** Is a command legal? One that is not is skipped. */
  accepts(entry: Entry): boolean {
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

  /** Takes up to `most` events out of the guest's queue. */
  take(most = Infinity): GuestEvent[] {
    const taken: GuestEvent[] = [];
    for (let cons = this.get('SMMU_EVENTQ_CONS'); taken.length < most;) {
      if (queueEntriesUsed(this.get('SMMU_EVENTQ_PROD'), cons, this.eventqLog2) === 0) break;
      const index = cons & (2 ** this.eventqLog2 - 1);
      taken.push(decode(smmuv3_event, this.bytes(EVENTQ + BigInt(32 * index), 32)));
      cons = nextQueueIndex(cons, this.eventqLog2);
      this.set('SMMU_EVENTQ_CONS', cons);
    }
    return taken;
  }

  /** What happened arrives, and the guest looks: all events in its queue. */
  events(): GuestEvent[] {
    this.vmm.pump();
    return this.take();
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

  /** The guest goes on in another process, perhaps on another host; the old one is gone before that. */
  migrate(state: VsmmuState, host?: MachineOptions): void {
    const ram = this.vmm.memory.bytes().slice();
    this.vmm.end();
    expect(this.host.kernel.leftOver()).toEqual([]);
    if (host !== undefined) this.host = new Host(host);
    this.vmm = new Vmm(this.host, this.wrap, this.options);
    this.vmm.memory.bytes().set(ram);
    this.ram = viewOf(this.vmm.memory);
    this.vmm.smmu.load(state);
  }

  end(): void {
    this.vmm.end();
  }
}

export interface Context {
  /** Of its tables. */
  readonly root: bigint;
  /** Where its first context descriptor is. */
  readonly context: bigint;
}

function viewOf(memory: Memory): DataView {
  const { buffer, byteOffset, byteLength } = memory.bytes();
  return new DataView(buffer, byteOffset, byteLength);
}

function aborted(error: unknown): 'aborted' {
  if (error instanceof DmaFault && error.reason === 'aborted') return 'aborted';
  throw error;
}

/** Makes the machine of a test. */
export type Start = (options?: MachineOptions) => Machine;

/** Defines tests that must pass with system calls that do what they should, and on a bad day. */
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
