import { smmuv3_register as register, type smmuv3_pri, smmuv3_ste_config } from '@iommufd/uapi';
import type { Decoded } from '@iommufd/uapi/struct';
import {
  type Cd,
  type CommandEntry,
  type Event,
  GuestDriver,
  GuestRam,
  type Leaf,
  PageTables,
  registersOf,
  Stage1,
  type Ste,
  streamTableEntry,
} from '@iommufd/testkit/guest';
import { type Smmuv3Config, smmuv3Config } from './config.js';
import type { Mapping, TranslationTable } from './memory.js';
import { type Block, TestMemory, type TestPlace } from './memory.testing.js';
import { Smmuv3 } from './smmuv3.js';
import type { SmmuOutcome, StreamTransaction } from './stream-transaction.js';

/** Start of the guest's RAM, as an IPA. */
export const RAM = 0x8000_0000n;
const RAM_PAGES = 1024;

/** A translation table that is an object, with one entry per page. */
export class PageMap implements TranslationTable<TestPlace> {
  private readonly pages = new Map<bigint, { page: number; read: boolean; write: boolean }>();

  constructor(private readonly bytes: Uint8Array) {}

  map(address: bigint, page: number, count = 1, read = true, write = true): void {
    for (let i = 0; i < count; i++)
      this.pages.set((address >> 12n) + BigInt(i), { page: page + i, read, write });
  }

  unmap(address: bigint, count = 1): void {
    for (let i = 0; i < count; i++) this.pages.delete((address >> 12n) + BigInt(i));
  }

  lookup(address: bigint): Mapping<TestPlace> | undefined {
    const found = this.pages.get(address >> 12n);
    if (found === undefined) return undefined;
    const offset = Number(address & 0xfffn);
    const { page, read, write } = found;
    const byte = page * 4096 + offset;
    return { place: { bytes: this.bytes, byte, length: 4096 - offset }, read, write };
  }
}

/** The memory of a guest, and its stage 2. */
export class Guest extends GuestRam {
  readonly stage2 = new PageMap(this.all);
  private readonly tables = new PageTables(this);

  constructor() {
    super(new Uint8Array(RAM_PAGES * 4096), RAM);
    this.stage2.map(RAM, 0, RAM_PAGES);
  }

  /** The address of the descriptor of an address, in tables with this root. */
  slot(root: bigint, address: bigint, level?: number): bigint {
    return this.tables.slot(root, address, level);
  }

  /** Maps an address in tables with this root. */
  map(root: bigint, address: bigint, ipa: bigint, leaf?: Leaf): void {
    this.tables.map(root, address, ipa, leaf);
  }
}

const STREAMS_LOG2 = 6;
const QUEUE_LOG2 = 3;

/** An enabled SMMU with a linear stream table for 64 streams, queues of 8 entries, and one guest. */
export class Machine {
  readonly memory = new TestMemory();
  readonly pulses: string[] = [];
  readonly smmu: Smmuv3<TestPlace>;
  readonly guest = new Guest();
  readonly stage2 = this.memory.addTable(this.guest.stage2);
  readonly streams = this.memory.alloc(64 << STREAMS_LOG2, 64 << STREAMS_LOG2);
  readonly commands = this.memory.alloc(16 << QUEUE_LOG2);
  readonly events = this.memory.alloc(32 << QUEUE_LOG2);
  readonly requests = this.memory.alloc(16 << QUEUE_LOG2);

  private readonly driver: GuestDriver;

  constructor(config: Smmuv3Config = smmuv3Config({ sidBits: 8 })) {
    const line = (name: string) => () => void this.pulses.push(name);
    this.smmu = new Smmuv3(config, this.memory, {
      eventq: line('eventq'),
      priq: line('priq'),
      gerror: line('gerror'),
      cmdqSync: line('cmdqSync'),
    });
    this.driver = new GuestDriver(this.memory, registersOf(this.smmu));
    const at = ({ address }: Block, log2size = QUEUE_LOG2) => ({ address, log2size });
    this.smmu.write32(register.SMMU_CR2, 0b010);
    this.driver.setUp(
      {
        CMDQ: at(this.commands),
        EVENTQ: at(this.events),
        PRIQ: at(this.requests),
        STRTAB: at(this.streams, STREAMS_LOG2),
      },
      0b1111,
    );
  }

  /** Adds commands to the queue, and writes SMMU_CMDQ_PROD. */
  command(...commands: readonly CommandEntry[]): void {
    this.driver.issue(...commands);
  }

  /** Consumes all events of the queue. @param acknowledge true to acknowledge an overflow */
  takeEvents(acknowledge = false): Event[] {
    const taken = this.driver.takeEvents();
    if (acknowledge) this.driver.acknowledge('EVENTQ');
    return taken;
  }

  /** The same for the PRI queue. */
  takeRequests(acknowledge = false): Decoded<typeof smmuv3_pri>[] {
    const taken = this.driver.takeRequests();
    if (acknowledge) this.driver.acknowledge('PRIQ');
    return taken;
  }

  /** Writes an STE, without an invalidation. */
  ste(streamId: number, fields: Ste): void {
    this.streams.bytes.set(streamTableEntry(fields), streamId * 64);
  }

  /** An STE with stage 2, for IPAs of 44 bits. */
  steStage2(streamId: number, fields: Ste = {}): void {
    this.ste(streamId, { Config: smmuv3_ste_config.S2_TRANSLATE, ...this.stage2Fields, ...fields });
  }

  /** An STE with both stages. @returns the root of the guest's tables */
  steNested(
    streamId: number,
    { ste = {}, cd = {} }: { ste?: Ste; cd?: Cd } = {},
  ): { readonly root: bigint; readonly context: bigint } {
    const stage1 = new Stage1(this.guest);
    const { root, context } = stage1;
    stage1.setUp(cd);
    const config = { Config: smmuv3_ste_config.S1_S2_TRANSLATE, S1ContextPtr: context };
    this.ste(streamId, { ...config, ...this.stage2Fields, ...ste });
    return { root, context };
  }

  get stage2Fields() {
    return {
      S2TTB: this.stage2,
      S2T0SZ: 20,
      S2SL0: 2,
      S2PS: 4,
      S2AA64: 1,
      S2R: 1,
      S2VMID: 7,
    };
  }

  translate(transaction: Partial<StreamTransaction> = {}): SmmuOutcome<TestPlace> {
    return this.smmu.translate({
      streamId: 1,
      substreamId: undefined,
      address: 0x1000n,
      write: false,
      ...transaction,
    });
  }

  /** The target of a transaction, as an IPA of the guest's RAM; its outcome if it fails. */
  where(transaction: Partial<StreamTransaction> = {}): bigint | 'abort' | 'stall' {
    const outcome = this.translate(transaction);
    return outcome.kind === 'place' ? RAM + BigInt(outcome.place.byte) : outcome.kind;
  }
}
