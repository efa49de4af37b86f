import type { iommu_hw_info_arm_smmuv3 } from '@iommufd/uapi';
import { CMDQEN, EVENTQEN, GuestDriver, GuestRam } from '@iommufd/testkit/guest';
import { IOMMU_HWPT_INVALIDATE } from '@iommufd/uapi';
import type { Decoded } from '@iommufd/uapi/struct';
import { InvalidationError } from '../calls/error.js';
import {
  guestIdRegisters,
  type IdRegisterOptions,
  type InvalidationCommand,
  type PageRequest,
  type PageResponse,
  type StreamConfig,
  VirtualSmmuv3,
  type VirtualSmmuv3Options,
  type VsmmuBackend,
  type VsmmuInterrupts,
} from './index.js';

/** The hardware information of the machine of the tapes. */
export const HARDWARE: Pick<Decoded<typeof iommu_hw_info_arm_smmuv3>, 'idr' | 'aidr' | 'flags'> = {
  idr: [0x0d44_101b, 0x0273_0010, 0, 0x1414, 0, 0x74],
  aidr: 1,
  flags: 0,
};

const [IDR0 = 0, ...IDRS] = HARDWARE.idr;
/** The same, with ATS. */
export const HARDWARE_WITH_ATS: typeof HARDWARE = { ...HARDWARE, idr: [IDR0 | (1 << 10), ...IDRS] };

export const RAM_BASE = 0x4000_0000n;
export const RAM_BYTES = 0x10_0000;
export const CMDQ = 0x4000_0000n;
export const EVTQ = 0x4001_0000n;
export const PRIQ = 0x4002_0000n;
export const STRTAB = 0x4004_0000n;

/** The RAM of a guest, in one piece. */
export class Ram extends GuestRam {
  constructor() {
    super(new Uint8Array(RAM_BYTES), RAM_BASE);
  }
}

/** A host that records its calls, and fails on request as Linux does. */
export class StubBackend implements VsmmuBackend {
  readonly streams = new Set<number>();
  readonly configs = new Map<number, StreamConfig>();
  /** The lower words of the commands that were executed. As in Linux, batches of 63 are checked before they are executed. */
  readonly ran: bigint[] = [];
  /** Returns true for commands that the guest may not issue. */
  refuses: (low: bigint) => boolean = () => false;
  /** The error that every call throws. */
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

/** The error that the SDK throws if the kernel refuses an entry. */
export function refusal(
  commands: readonly InvalidationCommand[],
  index: number,
  errno = 5,
): InvalidationError {
  const failed = { call: IOMMU_HWPT_INVALIDATE.name, args: {}, errno };
  return new InvalidationError(failed, IOMMU_HWPT_INVALIDATE.errors, commands, index);
}

export interface GuestOptions
  extends IdRegisterOptions, Pick<VirtualSmmuv3Options, 'budget' | 'defer' | 'onHostError'> {
  /** {@link HARDWARE} by default, with ATS if the options have it. */
  readonly hardware?: Pick<typeof HARDWARE, 'idr' | 'aidr'>;
  readonly streams?: readonly number[];
  readonly abortsAtReset?: boolean;
  readonly interrupts?: Partial<VsmmuInterrupts>;
  readonly ram?: Ram;
}

/** A guest that drives a virtual SMMU as Linux does, with a log of its interrupts and the host's operations. */
export class Guest extends GuestDriver {
  readonly log: string[];
  readonly ram: Ram;
  readonly backend: StubBackend;
  readonly smmu: VirtualSmmuv3;

  constructor({
    hardware,
    streams = [],
    abortsAtReset = false,
    interrupts,
    ram = new Ram(),
    budget,
    defer,
    onHostError,
    ...options
  }: GuestOptions = {}) {
    const lines: string[] = [];
    const log = (line: string): void => {
      lines.push(line);
    };
    const backend = new StubBackend(log);
    for (const id of streams) backend.streams.add(id);
    const smmu = new VirtualSmmuv3({
      memory: ram,
      backend,
      interrupts: {
        eventq: () => log('irq eventq'),
        priq: () => log('irq priq'),
        gerror: () => log('irq gerror'),
        cmdqSync: () => log('irq sync'),
        sev: () => log('sev'),
        msi: (address, data) => log(`msi 0x${address.toString(16)} ${data}`),
        ...interrupts,
      },
      idRegisters: guestIdRegisters(
        hardware ?? (options.ats === true ? HARDWARE_WITH_ATS : HARDWARE),
        options,
      ),
      abortsAtReset,
      budget,
      defer,
      onHostError,
    });
    super(ram, smmu);
    this.log = lines;
    this.ram = ram;
    this.backend = backend;
    this.smmu = smmu;
    this.taken();
  }

  /** The log since the last call. */
  taken(): string[] {
    return this.log.splice(0);
  }

  /** Sets up the queues and enables them, with interrupts, but not the SMMU itself. */
  start(log2size = 4, cr0 = CMDQEN | EVENTQEN): this {
    const at = (address: bigint) => ({ address, log2size });
    this.setUp({ CMDQ: at(CMDQ), EVENTQ: at(EVTQ), PRIQ: at(PRIQ) }, cr0);
    return this;
  }
}

/** The lower word of a TLBI by ASID. */
export const asidWord = (asid: number): bigint => (BigInt(asid) << 48n) | 0x11n;

/** Word 0 of a stream table entry that translates stage 1. */
export const steS1 = (contextPtr: bigint): bigint => contextPtr | 0xbn;
export const STE_BYPASS = 0x9n;
export const STE_ABORT = 0x1n;

/** A page request of stream 5, the last of its group. */
export const pageRequest = (fields: Partial<PageRequest> = {}): PageRequest => ({
  StreamID: 5,
  SubstreamID: 0,
  Priv: 0,
  X: 0,
  R: 1,
  W: 0,
  Last: 1,
  SSV: 0,
  PRGIndex: 3,
  PageAddress: 0x1000n,
  ...fields,
});
