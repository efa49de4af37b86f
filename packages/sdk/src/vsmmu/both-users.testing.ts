import { type IdRegisters, type PageRequest, physicalPlaces, Smmuv3 } from '@iommufd/smmuv3';
import { smmuv3_command, smmuv3_event, smmuv3_register } from '@iommufd/uapi';
import { decode, encode } from '@iommufd/uapi/struct';
import { VirtualSmmuv3 } from './index.js';
import { CMDQ, type Command, EVTQ, PRIQ, Ram, STRTAB, StubBackend } from './vsmmu.testing.js';

/**
 * The two users of `@iommufd/smmuv3`, driven by one script: the SMMUv3 of a machine, as the fake hardware has it, and the one that
 * a guest sees. Both have the same identification registers and queues at the same addresses.
 */

export type RegisterName = keyof typeof smmuv3_register & `SMMU_${string}`;

const { C_BAD_STREAMID, F_STE_FETCH, C_BAD_STE } = smmuv3_event.cases;
/** A StreamID that no stream table here has, and one that has an entry for all that it needs. */
const UNKNOWN = 0x1000;
export const STREAM = 5;

/** What an SMMU finds in its stream table: no entry, one that is not legal, one that translates stage 1. */
export type FoundSte = 'none' | 'illegal' | 'translates';

/** What a script does with an SMMU. */
export abstract class User {
  readonly ram = new Ram();
  readonly log: string[] = [];
  /** The interrupt lines. */
  protected readonly lines = {
    eventq: () => void this.log.push('eventq'),
    priq: () => void this.log.push('priq'),
    gerror: () => void this.log.push('gerror'),
    cmdqSync: () => void this.log.push('sync'),
    sev: () => void this.log.push('sev'),
    msi: (address: bigint, data: number) => void this.log.push(`msi 0x${address.toString(16)} ${data}`),
  };

  abstract read(offset: number, size: 4): number;
  abstract read(offset: number, size: 8): bigint;
  abstract write(offset: number, size: 4 | 8, value: number | bigint): void;
  /** A transaction of a stream without an entry: C_BAD_STREAMID. */
  abstract badStream(): void;
  /** Looks a stream up. */
  abstract find(streamId: number): FoundSte;
  /** A page request. @returns what becomes of it, or the code that it is answered with */
  abstract request(request: PageRequest): 'queued' | 'ignored' | number;

  /** What has happened since this was asked last. */
  taken(): string[] {
    return this.log.splice(0);
  }

  get(name: RegisterName): number {
    return this.read(smmuv3_register[name], 4);
  }

  get64(name: RegisterName): bigint {
    return this.read(smmuv3_register[name], 8);
  }

  set(name: RegisterName, value: number): void {
    this.write(smmuv3_register[name], 4, value);
  }

  set64(name: RegisterName, value: bigint): void {
    this.write(smmuv3_register[name], 8, value);
  }

  /** Sets up queues of four entries and a linear stream table of 64, and turns all on, with interrupts. */
  start(cr0 = 0xf): this {
    for (const [name, address] of [
      ['SMMU_CMDQ_BASE', CMDQ],
      ['SMMU_EVENTQ_BASE', EVTQ],
      ['SMMU_PRIQ_BASE', PRIQ],
    ] as const)
      this.set64(name, address | 2n);
    this.set64('SMMU_STRTAB_BASE', STRTAB);
    this.set('SMMU_STRTAB_BASE_CFG', 6);
    this.set('SMMU_CR2', 2);
    this.set('SMMU_IRQ_CTRL', 7);
    this.set('SMMU_CR0', cr0);
    return this;
  }

  /** Writes a command where the queue is. */
  put(index: number, command: Command | bigint, queue = CMDQ): void {
    const at = queue + BigInt(16 * index);
    if (typeof command === 'bigint') this.ram.setU64(at, command, 0n);
    else this.ram.write(at, encode(smmuv3_command, command));
  }
}

class HardwareUser extends User {
  private readonly smmu: Smmuv3<bigint>;
  private readonly responses: number[] = [];

  constructor(ids: IdRegisters) {
    super();
    this.smmu = new Smmuv3(ids, physicalPlaces(this.ram), this.lines);
    this.smmu.connect(STREAM, {
      priResponse: ({ response }) => void this.responses.push(response),
      atcInvalidate: () => true,
    });
  }

  override read(offset: number, size: 4): number;
  override read(offset: number, size: 8): bigint;
  override read(offset: number, size: 4 | 8): number | bigint {
    return size === 4 ? this.smmu.read32(offset) : this.smmu.read64(offset);
  }

  override write(offset: number, size: 4 | 8, value: number | bigint): void {
    if (size === 4) this.smmu.write32(offset, Number(value));
    else this.smmu.write64(offset, BigInt(value));
  }

  override badStream(): void {
    this.translate(UNKNOWN);
  }

  /** What follows from an entry that translates is a fault of its own: there are no context descriptors. */
  override find(streamId: number): FoundSte {
    const index = this.get('SMMU_EVENTQ_PROD');
    this.translate(streamId);
    const number = Number(this.ram.u64(EVTQ + BigInt(index * 32)) & 0xffn);
    if (number === C_BAD_STREAMID.tag || number === F_STE_FETCH.tag) return 'none';
    return number === C_BAD_STE.tag ? 'illegal' : 'translates';
  }

  private translate(streamId: number): void {
    this.smmu.translate({ streamId, substreamId: undefined, address: 0n, write: false });
  }

  override request(request: PageRequest): 'queued' | 'ignored' | number {
    const isQueued = this.smmu.pageRequest({
      streamId: request.StreamID,
      substreamId: request.SSV === 1 ? request.SubstreamID : undefined,
      address: request.PageAddress,
      read: request.R === 1,
      write: request.W === 1,
      last: request.Last === 1,
      prgIndex: request.PRGIndex,
    });
    if (isQueued) return 'queued';
    return this.responses.pop() ?? 'ignored';
  }
}

class GuestUser extends User {
  private readonly backend = new StubBackend(() => undefined);
  private readonly smmu: VirtualSmmuv3;

  constructor(idRegisters: IdRegisters) {
    super();
    const { backend, ram: memory, lines: interrupts } = this;
    this.smmu = new VirtualSmmuv3({ memory, backend, interrupts, idRegisters });
  }

  override read(offset: number, size: 4): number;
  override read(offset: number, size: 8): bigint;
  override read(offset: number, size: 4 | 8): number | bigint {
    return size === 4 ? this.smmu.read(offset, 4) : this.smmu.read(offset, 8);
  }

  override write(offset: number, size: 4 | 8, value: number | bigint): void {
    this.smmu.write(offset, size, value);
  }

  /** The hardware behind it records the event, and the host passes it on. */
  override badStream(): void {
    const fields = { StreamID: UNKNOWN, SSV: 0, SubstreamID: 0 };
    const bytes = encode(smmuv3_event, { EventNumber: C_BAD_STREAMID.tag, ...fields });
    this.smmu.handleEvents([{ kind: 'event', sequence: 0, event: decode(smmuv3_event, bytes) }]);
  }

  override find(streamId: number): FoundSte {
    this.backend.streams.add(streamId);
    this.smmu.configureStream(streamId);
    const kind = this.backend.configs.get(streamId)?.kind;
    if (kind === 'abort') return 'none';
    return kind === 'invalid' ? 'illegal' : 'translates';
  }

  override request(request: PageRequest): 'queued' | 'ignored' | number {
    return this.smmu.pageRequest(request);
  }
}

/** Both users, by name. */
export const users = [
  ['the fake hardware', (ids: IdRegisters): User => new HardwareUser(ids)],
  ['the SMMU of a guest', (ids: IdRegisters): User => new GuestUser(ids)],
] as const;
