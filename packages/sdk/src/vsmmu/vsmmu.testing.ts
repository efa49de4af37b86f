import type { iommu_hw_info_arm_smmuv3 } from '@iommufd/uapi';
import { IOMMU_HWPT_INVALIDATE, smmuv3_command, smmuv3_register } from '@iommufd/uapi';
import { type Decoded, encode, type Encodable } from '@iommufd/uapi/struct';
import { InvalidationError } from '../calls/error.js';
import {
  guestIdRegisters,
  type GuestMemory,
  type IdRegisterOptions,
  type InvalidationCommand,
  type PageResponse,
  type StreamConfig,
  VirtualSmmuv3,
  type VsmmuBackend,
  type VsmmuInterrupts,
} from './index.js';

export type Command = Encodable<typeof smmuv3_command>;

/** What the machine of the tapes tells of its SMMU. */
export const HARDWARE: Pick<Decoded<typeof iommu_hw_info_arm_smmuv3>, 'idr' | 'aidr' | 'flags'> = {
  idr: [0x0d44_101b, 0x0273_0010, 0, 0x1414, 0, 0x74],
  aidr: 1,
  flags: 0,
};

export const RAM_BASE = 0x4000_0000n;
export const RAM_BYTES = 0x10_0000;
export const CMDQ = 0x4000_0000n;
export const EVTQ = 0x4001_0000n;
export const PRIQ = 0x4002_0000n;
export const STRTAB = 0x4004_0000n;

/** RAM of a guest in one piece. Addresses from `hole.from` to `hole.to` are none. */
export class Ram implements GuestMemory {
  readonly bytes = new Uint8Array(RAM_BYTES);
  hole: { from: bigint; to: bigint } | undefined;

  read(address: bigint, length: number): Uint8Array | undefined {
    if (!this.isThere(address, length)) return undefined;
    const at = Number(address - RAM_BASE);
    return this.bytes.subarray(at, at + length);
  }

  write(address: bigint, bytes: Uint8Array): boolean {
    if (!this.isThere(address, bytes.length)) return false;
    this.bytes.set(bytes, Number(address - RAM_BASE));
    return true;
  }

  u64(address: bigint): bigint {
    return new DataView(this.bytes.buffer).getBigUint64(Number(address - RAM_BASE), true);
  }

  setU64(address: bigint, ...words: readonly bigint[]): void {
    const view = new DataView(this.bytes.buffer);
    words.forEach((word, i) => view.setBigUint64(Number(address - RAM_BASE) + 8 * i, word, true));
  }

  private isThere(address: bigint, length: number): boolean {
    const end = address + BigInt(length);
    if (address < RAM_BASE || end > RAM_BASE + BigInt(RAM_BYTES)) return false;
    return this.hole === undefined || end <= this.hole.from || address >= this.hole.to;
  }
}

/** A host that writes down what it is asked, and refuses what it is told to, as Linux does. */
export class StubBackend implements VsmmuBackend {
  readonly streams = new Set<number>();
  readonly configs = new Map<number, StreamConfig>();
  /** Commands that have run, by their lower word: like Linux, in batches of 63 that are checked before they run. */
  readonly ran: bigint[] = [];
  /** Which commands the guest may not give. */
  refuses: (low: bigint) => boolean = () => false;
  /** What every call fails with. */
  failure: Error | undefined;

  constructor(private readonly log: (line: string) => void) {}

  invalidate(commands: readonly InvalidationCommand[]): void {
    this.log(`invalidate ${commands.length}`);
    if (this.failure) throw this.failure;
    let batch: bigint[] = [];
    commands.forEach(({ cmd }, i) => {
      const low = cmd[0] ?? 0n;
      if (this.refuses(low)) throw refusal(commands, i);
      batch.push(low);
      if (batch.length === 63 || i === commands.length - 1) {
        this.ran.push(...batch);
        batch = [];
      }
    });
  }

  setStream(streamId: number, config: StreamConfig): void {
    this.log(`stream ${streamId} ${config.kind}`);
    if (this.failure) throw this.failure;
    this.configs.set(streamId, config);
  }

  respond({ StreamID, PRGIndex, Resp }: PageResponse): void {
    this.log(`respond ${StreamID} ${PRGIndex} ${Resp}`);
  }
}

/** What the SDK throws when the kernel refuses an entry. */
export function refusal(
  commands: readonly InvalidationCommand[],
  index: number,
  errno = 5,
): InvalidationError {
  const failed = { call: IOMMU_HWPT_INVALIDATE.name, args: {}, errno };
  return new InvalidationError(failed, IOMMU_HWPT_INVALIDATE.errors, commands, index);
}

export interface GuestOptions extends IdRegisterOptions {
  /** {@link HARDWARE} if it is left out. */
  readonly hardware?: Pick<typeof HARDWARE, 'idr' | 'aidr'>;
  readonly streams?: readonly number[];
  readonly abortsAtReset?: boolean;
  readonly interrupts?: Partial<VsmmuInterrupts>;
  readonly ram?: Ram;
}

/** A guest that drives a virtual SMMU as Linux does, and all that happens to it, in order. */
export class Guest {
  readonly log: string[] = [];
  readonly ram: Ram;
  readonly backend: StubBackend;
  readonly smmu: VirtualSmmuv3;
  private readonly log2size = new Map<string, number>();

  constructor({
    hardware = HARDWARE,
    streams = [],
    abortsAtReset = false,
    interrupts,
    ram = new Ram(),
    ...options
  }: GuestOptions = {}) {
    const log = (line: string): void => {
      this.log.push(line);
    };
    this.ram = ram;
    this.backend = new StubBackend(log);
    for (const id of streams) this.backend.streams.add(id);
    this.smmu = new VirtualSmmuv3({
      memory: ram,
      backend: this.backend,
      interrupts: {
        eventq: () => log('irq eventq'),
        priq: () => log('irq priq'),
        gerror: () => log('irq gerror'),
        cmdqSync: () => log('irq sync'),
        sev: () => log('sev'),
        msi: (address, data) => log(`msi 0x${address.toString(16)} ${data}`),
        ...interrupts,
      },
      idRegisters: guestIdRegisters(hardware, options),
      abortsAtReset,
    });
    this.taken();
  }

  /** What has happened since this was asked last. */
  taken(): string[] {
    return this.log.splice(0);
  }

  get(name: keyof typeof smmuv3_register & `SMMU_${string}`): number {
    return this.smmu.read(smmuv3_register[name], 4);
  }

  set(name: keyof typeof smmuv3_register & `SMMU_${string}`, value: number): void {
    this.smmu.write(smmuv3_register[name], 4, value);
  }

  set64(name: keyof typeof smmuv3_register & `SMMU_${string}`, value: bigint): void {
    this.smmu.write(smmuv3_register[name], 8, value);
  }

  /** Sets the queues up and turns them on, with interrupts; not the SMMU itself. */
  start(log2size = 4, cr0 = 0xc): this {
    for (const [queue, address] of [
      ['CMDQ', CMDQ],
      ['EVENTQ', EVTQ],
      ['PRIQ', PRIQ],
    ] as const) {
      this.set64(`SMMU_${queue}_BASE`, address | BigInt(log2size));
      this.log2size.set(queue, log2size);
    }
    this.set('SMMU_IRQ_CTRL', 7);
    this.set('SMMU_CR0', cr0);
    return this;
  }

  /** Writes commands at PROD, without telling anybody. @returns the new PROD */
  write(...commands: readonly (Command | readonly [bigint, bigint])[]): number {
    const log2size = this.log2size.get('CMDQ') ?? 0;
    const size = 2 ** log2size;
    let prod = this.get('SMMU_CMDQ_PROD');
    for (const command of commands) {
      const at = CMDQ + BigInt((prod % size) * 16);
      if ('Opcode' in command) this.ram.write(at, encode(smmuv3_command, command));
      else this.ram.setU64(at, ...command);
      prod = (prod + 1) % (2 * size);
    }
    return prod;
  }

  /** Has commands consumed. */
  issue(...commands: readonly (Command | readonly [bigint, bigint])[]): this {
    this.set('SMMU_CMDQ_PROD', this.write(...commands));
    return this;
  }
}

export const SYNC = {
  Opcode: 0x46,
  CS: 0,
  MSH: 0,
  MSIAttr: 0,
  MSIData: 0,
  MSIAddress: 0n,
  MSI_NS: 0,
} as const;
export const syncIrq = (MSIAddress = 0n, MSIData = 0): Command => ({ ...SYNC, CS: 1, MSIAddress, MSIData });
export const tlbiAsid = (ASID: number): Command => ({ Opcode: 0x11, VMID: 0, ASID });
/** Its lower word. */
export const asidWord = (asid: number): bigint => (BigInt(asid) << 48n) | 0x11n;
export const cfgiSte = (StreamID: number): Command => ({ Opcode: 3, SSec: 0, StreamID, Leaf: 1 });
export const cfgiCdAll = (StreamID: number): Command => ({ Opcode: 6, SSec: 0, StreamID });
/** An opcode that nobody has. */
export const BAD: readonly [bigint, bigint] = [0xffn, 0n];

/** Word 0 of a stream table entry that translates stage 1. */
export const steS1 = (contextPtr: bigint): bigint => contextPtr | 0xbn;
export const STE_BYPASS = 0x9n;
export const STE_ABORT = 0x1n;
