import {
  commandBytes,
  type CommandEntry,
  eventOf,
  GuestDriver,
  type Registers,
  registersOf,
} from '@iommufd/testkit/guest';
import { type IdRegisters, type PageRequest, physicalPlaces, Smmuv3 } from '@iommufd/smmuv3';
import { smmuv3_event } from '@iommufd/uapi';
import { VirtualSmmuv3 } from './index.js';
import { CMDQ, EVTQ, PRIQ, Ram, STRTAB, StubBackend } from './vsmmu.testing.js';

/**
 * The two users of `@iommufd/smmuv3`, driven by one script: the SMMUv3 of the fake hardware, and the virtual SMMUv3 of a guest.
 * Both have the same identification registers, and queues at the same addresses.
 */

const { C_BAD_STREAMID, F_STE_FETCH, C_BAD_STE } = smmuv3_event.cases;
/** A StreamID outside of every stream table here, and one with a valid entry. */
const UNKNOWN = 0x1000;
export const STREAM = 5;

/** The result of a stream table lookup: no entry, an illegal one, or one that translates stage 1. */
export type FoundSte = 'none' | 'illegal' | 'translates';

/** Interrupt lines that write to a log. */
const linesTo = (log: string[]) => ({
  eventq: () => void log.push('eventq'),
  priq: () => void log.push('priq'),
  gerror: () => void log.push('gerror'),
  cmdqSync: () => void log.push('sync'),
  sev: () => void log.push('sev'),
  msi: (address: bigint, data: number) => void log.push(`msi 0x${address.toString(16)} ${data}`),
});

/** The operations of a script on an SMMU. */
export abstract class User extends GuestDriver {
  constructor(
    readonly ram: Ram,
    private readonly log: string[],
    registers: Registers,
  ) {
    super(ram, registers);
  }

  /** A transaction of a stream without an entry: C_BAD_STREAMID. */
  abstract badStream(): void;
  /** Looks up a stream. */
  abstract find(streamId: number): FoundSte;
  /** A page request. @returns the outcome, or the response code */
  abstract request(request: PageRequest): 'queued' | 'ignored' | number;

  /** The log since the last call. */
  taken(): string[] {
    return this.log.splice(0);
  }

  /** Sets up queues of four entries and a linear stream table of 64 entries, and enables them, with interrupts. */
  start(cr0 = 0xf): this {
    const at = (address: bigint, log2size = 2) => ({ address, log2size });
    this.set('SMMU_CR2', 2);
    this.setUp({ CMDQ: at(CMDQ), EVENTQ: at(EVTQ), PRIQ: at(PRIQ), STRTAB: at(STRTAB, 6) }, cr0);
    return this;
  }

  /** Writes a command at an index of the queue. */
  write(index: number, command: CommandEntry, queue = CMDQ): void {
    this.ram.write(queue + BigInt(16 * index), commandBytes(command));
  }
}

class HardwareUser extends User {
  private readonly smmu: Smmuv3<bigint>;
  private readonly responses: number[];

  constructor(ids: IdRegisters) {
    const ram = new Ram();
    const log: string[] = [];
    const responses: number[] = [];
    const smmu = new Smmuv3(ids, physicalPlaces(ram), linesTo(log));
    smmu.connect(STREAM, {
      priResponse: ({ response }) => void responses.push(response),
      atcInvalidate: () => true,
    });
    super(ram, log, registersOf(smmu));
    this.smmu = smmu;
    this.responses = responses;
  }

  override badStream(): void {
    this.translate(UNKNOWN);
  }

  /** An entry that translates causes a fault of its own, because there are no context descriptors. */
  override find(streamId: number): FoundSte {
    const index = this.get('SMMU_EVENTQ_PROD');
    this.translate(streamId);
    const number = Number(this.ram.read64(EVTQ + BigInt(index * 32)) & 0xffn);
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
  private readonly backend: StubBackend;
  private readonly smmu: VirtualSmmuv3;

  constructor(idRegisters: IdRegisters) {
    const memory = new Ram();
    const log: string[] = [];
    const backend = new StubBackend(() => undefined);
    const smmu = new VirtualSmmuv3({ memory, backend, interrupts: linesTo(log), idRegisters });
    super(memory, log, smmu);
    this.backend = backend;
    this.smmu = smmu;
  }

  /** The host's hardware records the event, and the host forwards it. */
  override badStream(): void {
    const event = eventOf({ EventNumber: C_BAD_STREAMID.tag, StreamID: UNKNOWN });
    this.smmu.handleEvents([{ kind: 'event', sequence: 0, event }]);
  }

  override find(streamId: number): FoundSte {
    this.backend.streams.add(streamId);
    this.smmu.configureStream(streamId);
    const kind = this.backend.configs.get(streamId)?.kind;
    if (kind === 'abort') return 'none';
    return kind === 'invalid' ? 'illegal' : 'translates';
  }

  override request(request: PageRequest): 'queued' | 'ignored' | number {
    const outcome = this.smmu.pageRequest(request);
    return typeof outcome === 'object' ? outcome.response : outcome;
  }
}

/** Both users, by name. */
export const users = [
  ['the fake hardware', (ids: IdRegisters): User => new HardwareUser(ids)],
  ['the SMMU of a guest', (ids: IdRegisters): User => new GuestUser(ids)],
] as const;
