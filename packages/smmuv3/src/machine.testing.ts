import {
  smmuv3_cd,
  smmuv3_command,
  smmuv3_event,
  smmuv3_pri,
  smmuv3_register as register,
  smmuv3_ste,
  smmuv3_ste_config,
} from '@iommufd/uapi';
import {
  type BitFields,
  type BitStruct,
  type BitValues,
  decode,
  type Decoded,
  encode,
  type Encodable,
} from '@iommufd/uapi/struct';
import { type Smmuv3Config, smmuv3Config } from './config.js';
import type { Mapping, TranslationTable } from './memory.js';
import { TestMemory, type TestPlace } from './memory.testing.js';
import { Smmuv3 } from './smmuv3.js';
import type { SmmuOutcome, StreamTransaction } from './stream-transaction.js';

export type Event = Decoded<typeof smmuv3_event>;

/** Where the guest's RAM begins, as an IPA. */
export const RAM = 0x8000_0000n;
const RAM_PAGES = 1024;

/** A record with some fields, the others zero. */
export function record<B extends BitFields>(
  struct: BitStruct<B>,
  fields: Partial<BitValues<B>>,
): Uint8Array<ArrayBuffer> {
  return encode(struct, { ...decode(struct, new Uint8Array(struct.byteLength)), ...fields });
}

/** A translation table that is an object: by page, made by hand. */
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

/** What a descriptor of the guest's tables says. */
export interface Leaf {
  /** 3 unless it is a block. */
  readonly level?: number;
  /** AP[2:1]: 1 unless it says something else, reads and writes for all. */
  readonly ap?: number;
  readonly accessed?: boolean;
  readonly global?: boolean;
  readonly uxn?: boolean;
  readonly pxn?: boolean;
}

export function leafOf(
  address: bigint,
  { level = 3, ap = 1, accessed = true, global = false, uxn = false, pxn = false }: Leaf = {},
): bigint {
  const flags =
    (BigInt(ap) << 6n) |
    (accessed ? 1n << 10n : 0n) |
    (global ? 0n : 1n << 11n) |
    (uxn ? 1n << 54n : 0n) |
    (pxn ? 1n << 53n : 0n);
  return address | flags | (level === 3 ? 3n : 1n);
}

/** The memory of a guest, and what stage 2 shows of it. */
export class Guest {
  readonly ram = new Uint8Array(RAM_PAGES * 4096);
  readonly stage2 = new PageMap(this.ram);
  private free = 0;

  constructor() {
    this.stage2.map(RAM, 0, RAM_PAGES);
  }

  /** Pages that are not used yet. */
  alloc(pages = 1): bigint {
    const page = this.free;
    this.free += pages;
    return RAM + BigInt(page) * 4096n;
  }

  write(ipa: bigint, bytes: Uint8Array): void {
    this.ram.set(bytes, Number(ipa - RAM));
  }

  private view(ipa: bigint): DataView {
    return new DataView(this.ram.buffer, Number(ipa - RAM), 8);
  }

  write64(ipa: bigint, value: bigint): void {
    this.view(ipa).setBigUint64(0, value, true);
  }

  read64(ipa: bigint): bigint {
    return this.view(ipa).getBigUint64(0, true);
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

  /** Maps an address in tables with this root. */
  map(root: bigint, address: bigint, ipa: bigint, leaf: Leaf = {}): void {
    this.write64(this.slot(root, address, leaf.level ?? 3), leafOf(ipa, leaf));
  }
}

/** Fields of a CD for 39 bits of addresses below, in 4 KB pages. */
export const CD = {
  V: 1,
  AA64: 1,
  A: 1,
  R: 1,
  T0SZ: 25,
  EPD1: 1,
  IPS: 4,
  ASID: 1,
  ASET: 1,
} as const;

const STREAMS_LOG2 = 6;
const QUEUE_LOG2 = 3;

/** An SMMU that is on: a linear stream table for 64 streams, queues of 8 entries, and one guest. */
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

  constructor(config: Smmuv3Config = smmuv3Config({ sidBits: 8 })) {
    const line = (name: string) => () => void this.pulses.push(name);
    this.smmu = new Smmuv3(config, this.memory, {
      eventq: line('eventq'),
      priq: line('priq'),
      gerror: line('gerror'),
      cmdqSync: line('cmdqSync'),
    });
    const { smmu } = this;
    smmu.write64(register.SMMU_STRTAB_BASE, this.streams.address);
    smmu.write32(register.SMMU_STRTAB_BASE_CFG, STREAMS_LOG2);
    smmu.write64(register.SMMU_CMDQ_BASE, this.commands.address | BigInt(QUEUE_LOG2));
    smmu.write64(register.SMMU_EVENTQ_BASE, this.events.address | BigInt(QUEUE_LOG2));
    smmu.write64(register.SMMU_PRIQ_BASE, this.requests.address | BigInt(QUEUE_LOG2));
    smmu.write32(register.SMMU_CR2, 0b010);
    smmu.write32(register.SMMU_IRQ_CTRL, 0b111);
    smmu.write32(register.SMMU_CR0, 0b1111);
  }

  /** Puts commands into the queue, and tells the SMMU. */
  command(...commands: Encodable<typeof smmuv3_command>[]): void {
    let prod = this.smmu.read32(register.SMMU_CMDQ_PROD);
    for (const command of commands) {
      this.commands.bytes.set(encode(smmuv3_command, command), (prod % 8) * 16);
      prod = (prod + 1) % 16;
    }
    this.smmu.write32(register.SMMU_CMDQ_PROD, prod);
  }

  /** Takes all events out of their queue; the overflow is acknowledged if that is said. */
  takeEvents(acknowledge = false): Event[] {
    const prod = this.smmu.read32(register.SMMU_EVENTQ_PROD);
    const cons = this.smmu.read32(register.SMMU_EVENTQ_CONS);
    const taken: Event[] = [];
    for (let at = cons & 15; at !== (prod & 15); at = (at + 1) % 16) {
      const start = (at % 8) * 32;
      taken.push(decode(smmuv3_event, this.events.bytes.subarray(start, start + 32)));
    }
    const flag = (acknowledge ? prod : cons) & (1 << 31);
    this.smmu.write32(register.SMMU_EVENTQ_CONS, ((prod & 15) | flag) >>> 0);
    return taken;
  }

  /** The same of the PRI queue. */
  takeRequests(acknowledge = false): Decoded<typeof smmuv3_pri>[] {
    const prod = this.smmu.read32(register.SMMU_PRIQ_PROD);
    const cons = this.smmu.read32(register.SMMU_PRIQ_CONS);
    const taken: Decoded<typeof smmuv3_pri>[] = [];
    for (let at = cons & 15; at !== (prod & 15); at = (at + 1) % 16) {
      const start = (at % 8) * 16;
      taken.push(decode(smmuv3_pri, this.requests.bytes.subarray(start, start + 16)));
    }
    const flag = (acknowledge ? prod : cons) & (1 << 31);
    this.smmu.write32(register.SMMU_PRIQ_CONS, ((prod & 15) | flag) >>> 0);
    return taken;
  }

  /** Writes an STE, without an invalidation. */
  ste(streamId: number, fields: Partial<Decoded<typeof smmuv3_ste>>): void {
    this.streams.bytes.set(record(smmuv3_ste, { V: 1, ...fields }), streamId * 64);
  }

  /** An STE with stage 2, for IPAs of 44 bits. */
  steStage2(streamId: number, fields: Partial<Decoded<typeof smmuv3_ste>> = {}): void {
    this.ste(streamId, { Config: smmuv3_ste_config.S2_TRANSLATE, ...this.stage2Fields, ...fields });
  }

  /** An STE with both stages. @returns the root of the guest's tables */
  steNested(
    streamId: number,
    {
      ste = {},
      cd = {},
    }: { ste?: Partial<Decoded<typeof smmuv3_ste>>; cd?: Partial<Decoded<typeof smmuv3_cd>> } = {},
  ): { readonly root: bigint; readonly context: bigint } {
    const root = this.guest.alloc();
    const context = this.guest.alloc();
    this.guest.write(context, record(smmuv3_cd, { ...CD, TTB0: root, ...cd }));
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

  /** Where a transaction goes, as an IPA of the guest's RAM; how it ended if it goes nowhere. */
  where(transaction: Partial<StreamTransaction> = {}): bigint | 'abort' | 'stall' {
    const outcome = this.translate(transaction);
    return outcome.kind === 'place' ? RAM + BigInt(outcome.place.byte) : outcome.kind;
  }
}
