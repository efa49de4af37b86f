/**
 * An SMMUv3 to explore: registers, a command queue and an event queue, a stream table, a context descriptor and page
 * tables, in its own memory, which records the accesses of the SMMU. A transaction is shown step by step: each
 * structure that the SMMU reads, up to an address or an event record. Cached structures are not read again.
 */
import { physicalPlaces, Smmuv3, smmuv3Config, type SmmuOutcome } from '@iommufd/smmuv3';
import {
  encodeZeroFilled,
  nextQueueIndex,
  queueEntriesUsed,
  smmuv3_cd,
  smmuv3_command,
  smmuv3_event,
  smmuv3_register,
  smmuv3_ste,
  smmuv3_ste_config,
  splitQueueIndex,
} from '@iommufd/uapi';
import { allRecords } from '@iommufd/uapi/registry';
import { annotate, type AnyType, decode } from '@iommufd/uapi/struct';
import { type Block, recordBlock } from './call-detail.js';
import { hex } from './hex.js';

/** An action of the user. */
export type LabAction =
  | { readonly do: 'translate'; readonly stream: number; readonly address: string; readonly write: boolean }
  | { readonly do: 'command'; readonly name: LabCommand }
  /** The oldest event is consumed. */
  | { readonly do: 'take' }
  /** The overflow is acknowledged: OVACKFLG is set equal to OVFLG. */
  | { readonly do: 'acknowledge' }
  | { readonly do: 'write'; readonly register: string; readonly value: string }
  /** A page is mapped, read-only or writable, or unmapped. Caches are not invalidated. */
  | { readonly do: 'map'; readonly address: string; readonly rights: 'none' | 'read' | 'write' };

/** The commands that can be added to the queue. */
export const LAB_COMMANDS = [
  'CMD_SYNC',
  'CMD_CFGI_STE',
  'CMD_CFGI_CD',
  'CMD_TLBI_NH_ALL',
  'CMD_TLBI_NSNH_ALL',
  'a reserved opcode',
] as const;
/** One of them. */
export type LabCommand = (typeof LAB_COMMANDS)[number];

/** A memory access of the SMMU. */
export interface LabStep {
  readonly what: string;
  readonly block: Block;
}

/** The state of a queue, from its registers. */
export interface LabQueue {
  readonly name: 'CMDQ' | 'EVENTQ';
  readonly log2size: number;
  readonly prod: { readonly index: number; readonly wrap: number };
  readonly cons: { readonly index: number; readonly wrap: number };
  /** For the event queue: OVFLG of PROD, and OVACKFLG of CONS. */
  readonly overflow: { readonly flag: number; readonly acknowledged: number } | undefined;
  readonly used: number;
  readonly entries: readonly { readonly isUsed: boolean; readonly text: string }[];
}

/** A register. */
export interface LabRegister {
  readonly name: string;
  readonly offset: number;
  readonly value: string;
  /** Its fields, the highest first. */
  readonly fields: readonly { readonly name: string; readonly text: string; readonly doc: string }[];
}

/** The shown state. */
export interface LabView {
  readonly registers: readonly LabRegister[];
  readonly queues: readonly LabQueue[];
  /** The memory accesses of the last action. */
  readonly steps: readonly LabStep[];
  /** The result of the last action. */
  readonly outcome: string;
  readonly log: readonly string[];
  readonly streams: readonly { readonly stream: number; readonly text: string }[];
  readonly pages: readonly { readonly address: string; readonly rights: string }[];
}

const RAM = 0x8000_0000n;
const RAM_LENGTH = 0x4_0000;
const STREAM_TABLE = RAM;
const STREAMS_LOG2 = 4;
const COMMANDS = RAM + 0x1000n;
const COMMANDS_LOG2 = 3;
const EVENTS = RAM + 0x2000n;
const EVENTS_LOG2 = 2;
const CONTEXT = RAM + 0x3000n;
const ROOT = RAM + 0x4000n;
const FIRST_TABLE = RAM + 0x5000n;
const FIRST_PAGE = RAM + 0x2_0000n;

/** The streams of the stream table. */
const STREAMS = [
  { stream: 5, text: 'translated by page tables (stage 1)' },
  { stream: 6, text: 'its entry is not valid' },
  { stream: 7, text: 'bypasses translation' },
];

const SHOWN = [
  'SMMU_CR0',
  'SMMU_CR0ACK',
  'SMMU_GERROR',
  'SMMU_GERRORN',
  'SMMU_STRTAB_BASE',
  'SMMU_STRTAB_BASE_CFG',
  'SMMU_CMDQ_BASE',
  'SMMU_CMDQ_PROD',
  'SMMU_CMDQ_CONS',
  'SMMU_EVENTQ_BASE',
  'SMMU_EVENTQ_PROD',
  'SMMU_EVENTQ_CONS',
] as const;

/** The name of a register. */
type RegisterName = keyof typeof smmuv3_register & `SMMU_${string}`;

/** Registers of 64 bits. */
const isWide = (name: string): boolean => /_BASE$/.test(name);

/** OVFLG of SMMU_EVENTQ_PROD, OVACKFLG of SMMU_EVENTQ_CONS. */
const OVERFLOW = 31;

/** Describes a descriptor of VMSAv8-64 with 4 KiB pages. Source: Arm DDI 0487, D8.3. */
function describeDescriptor(value: bigint, level: number): string {
  if ((value & 1n) === 0n) return 'not valid';
  const address = hex(value & 0x0000_ffff_ffff_f000n);
  if ((value & 2n) !== 0n && level < 3) return `a table of level ${level + 1} at ${address}`;
  const isReadOnly = (value & (1n << 7n)) !== 0n;
  return `${level === 3 ? 'the page' : 'the block'} at ${address}, ${isReadOnly ? 'read-only' : 'for reading and writing'}${(value & (1n << 10n)) === 0n ? ', never accessed' : ''}`;
}

/** An SMMU with a memory of its own. */
export class SmmuLab {
  private readonly ram = new Uint8Array(RAM_LENGTH);
  private readonly data = new DataView(this.ram.buffer);
  private readonly smmu: Smmuv3<bigint>;
  private readonly pages = new Map<bigint, 'read' | 'write'>();
  private freeTable = FIRST_TABLE;
  private freePage = FIRST_PAGE;
  private steps: LabStep[] = [];
  private level = 1;
  private outcome = '';
  private readonly log: string[] = [];

  constructor() {
    const line = (name: string) => (): void => void this.log.push(`interrupt: ${name}`);
    this.smmu = new Smmuv3(
      smmuv3Config({ sidBits: STREAMS_LOG2, ssidBits: 0, ats: false }),
      physicalPlaces({
        read: (address, length) => this.read(address, length),
        write: (address, bytes) => this.write(address, bytes),
      }),
      {
        eventq: line('event queue'),
        priq: line('PRI queue'),
        gerror: line('global error'),
        cmdqSync: line('CMD_SYNC'),
      },
    );
    this.fill();
    this.set('SMMU_CMDQ_BASE', COMMANDS | BigInt(COMMANDS_LOG2));
    this.set('SMMU_EVENTQ_BASE', EVENTS | BigInt(EVENTS_LOG2));
    this.set('SMMU_STRTAB_BASE', STREAM_TABLE);
    this.set('SMMU_STRTAB_BASE_CFG', BigInt(STREAMS_LOG2));
    this.set('SMMU_IRQ_CTRL', 7n);
    // SMMUEN, EVENTQEN, CMDQEN
    this.set('SMMU_CR0', 0b1101n);
    this.steps = [];
  }

  private fill(): void {
    const { S1_TRANSLATE, BYPASS } = smmuv3_ste_config;
    const entry = (stream: number, bytes: Uint8Array): void =>
      this.put(STREAM_TABLE + BigInt(stream * smmuv3_ste.byteLength), bytes);
    entry(5, encodeZeroFilled(smmuv3_ste, { V: 1, Config: S1_TRANSLATE, S1ContextPtr: CONTEXT }));
    entry(7, encodeZeroFilled(smmuv3_ste, { V: 1, Config: BYPASS }));
    // Addresses of 39 bits below TTB0, so that walks begin at level 1; faults are recorded and abort.
    this.put(
      CONTEXT,
      encodeZeroFilled(smmuv3_cd, {
        V: 1,
        AA64: 1,
        A: 1,
        R: 1,
        T0SZ: 25,
        EPD1: 1,
        IPS: 4,
        ASID: 1,
        ASET: 1,
        MAIR0: 0xff,
        TTB0: ROOT,
      }),
    );
    for (const address of [0x1000n, 0x2000n, 0x4000_0000n]) this.map(address, 'write');
    this.map(0x3000n, 'read');
  }

  private at(address: bigint): number {
    return Number(address - RAM);
  }

  private put(address: bigint, bytes: Uint8Array): void {
    this.ram.set(bytes, this.at(address));
  }

  private map(address: bigint, rights: 'none' | 'read' | 'write'): void {
    let table = ROOT;
    for (let level = 1; ; level++) {
      const slot = this.at(table + ((address >> BigInt(39 - 9 * level)) & 511n) * 8n);
      if (level === 3) {
        const known = this.data.getBigUint64(slot, true) & 0x0000_ffff_ffff_f000n;
        const page = known === 0n ? this.freePage : known;
        if (known === 0n) this.freePage += 0x1000n;
        // AF, SH, AP: read-only is AP[2]; EL0 has it too.
        const descriptor = page | 3n | (3n << 8n) | (1n << 10n) | (rights === 'read' ? 3n << 6n : 1n << 6n);
        this.data.setBigUint64(slot, rights === 'none' ? 0n : descriptor, true);
        if (rights === 'none') this.pages.delete(address);
        else this.pages.set(address, rights);
        return;
      }
      if (this.data.getBigUint64(slot, true) === 0n) {
        if (this.freeTable >= FIRST_PAGE)
          throw new RangeError('address: there is no memory for another table');
        this.data.setBigUint64(slot, this.freeTable | 3n, true);
        this.freeTable += 0x1000n;
      }
      table = this.data.getBigUint64(slot, true) & 0x0000_ffff_ffff_f000n;
    }
  }

  private isThere(address: bigint, length: number): boolean {
    return address >= RAM && address + BigInt(length) <= RAM + BigInt(RAM_LENGTH);
  }

  private read(address: bigint, length: number): Uint8Array | undefined {
    if (!this.isThere(address, length)) return undefined;
    const bytes = this.ram.subarray(this.at(address), this.at(address) + length);
    this.note(address, bytes.slice(), 'reads');
    return bytes;
  }

  private write(address: bigint, bytes: Uint8Array): boolean {
    if (!this.isThere(address, bytes.length)) return false;
    this.put(address, bytes);
    this.note(address, bytes.slice(), 'writes');
    return true;
  }

  /** Records a memory access, with the structure that is there. */
  private note(address: bigint, bytes: Uint8Array, way: 'reads' | 'writes'): void {
    const add = (what: string, type: AnyType, from: Uint8Array): void =>
      void this.steps.push({ what: `${way} ${what}`, block: { ...recordBlock(what, type, from), address } });
    if (address < COMMANDS)
      add(`the entry of stream ${this.at(address) / smmuv3_ste.byteLength}`, smmuv3_ste, bytes);
    else if (address < EVENTS) add('a command', smmuv3_command, bytes);
    else if (address < CONTEXT) add('an event record', smmuv3_event, bytes);
    else if (address < ROOT) add('the context descriptor', smmuv3_cd, bytes);
    else {
      const value = new DataView(bytes.buffer).getBigUint64(0, true);
      const level = this.level++;
      const block = {
        name: `descriptor of level ${level}`,
        address,
        type: '',
        before: undefined,
        after: bytes,
        fields: [],
      };
      this.steps.push({
        what: `${way} the descriptor of level ${level}: ${describeDescriptor(value, level)}`,
        block,
      });
    }
  }

  private get(name: RegisterName): bigint {
    const offset = smmuv3_register[name];
    return isWide(name) ? this.smmu.read64(offset) : BigInt(this.smmu.read32(offset));
  }

  private set(name: RegisterName, value: bigint): void {
    const offset = smmuv3_register[name];
    if (isWide(name)) this.smmu.write64(offset, BigInt.asUintN(64, value));
    else this.smmu.write32(offset, Number(BigInt.asUintN(32, value)));
  }

  /** Performs an action. @throws RangeError if it is invalid; then nothing has happened */
  perform(action: LabAction): void {
    const { steps, outcome } = this;
    this.steps = [];
    this.level = 1;
    this.outcome = '';
    try {
      this.act(action);
    } catch (error) {
      this.steps = steps;
      this.outcome = outcome;
      throw error;
    }
  }

  private act(action: LabAction): void {
    switch (action.do) {
      case 'translate': {
        const { stream: streamId, write } = action;
        if (!Number.isInteger(streamId) || streamId < 0 || streamId >= 1 << STREAMS_LOG2)
          throw new RangeError(`stream: expected 0 to ${(1 << STREAMS_LOG2) - 1}, found ${streamId}`);
        const address = numberOf('address', action.address);
        const found = this.smmu.translate({ streamId, substreamId: undefined, address, write });
        const isCached = this.steps.length === 0 && found.kind === 'place';
        this.outcome = `stream ${streamId} ${write ? 'writes' : 'reads'} ${hex(address)}: ${outcomeText(found)}${isCached ? ', from the caches: nothing was read' : ''}`;
        break;
      }
      case 'command':
        this.command(action.name);
        break;
      case 'take':
        this.take();
        break;
      case 'acknowledge': {
        const flag = (this.get('SMMU_EVENTQ_PROD') >> BigInt(OVERFLOW)) & 1n;
        const cons = this.get('SMMU_EVENTQ_CONS') & ~(1n << BigInt(OVERFLOW));
        this.set('SMMU_EVENTQ_CONS', cons | (flag << BigInt(OVERFLOW)));
        this.outcome = `OVACKFLG is ${flag}, equal to OVFLG`;
        break;
      }
      case 'write': {
        const name = SHOWN.find((each) => each === action.register);
        if (name === undefined)
          throw new RangeError(`register: ${JSON.stringify(action.register)} is not shown here`);
        this.set(name, numberOf('value', action.value));
        this.outcome = `${name} reads as ${hex(this.get(name))}`;
        break;
      }
      case 'map': {
        const address = numberOf('address', action.address);
        if (address % 0x1000n !== 0n || address >= 1n << 39n)
          throw new RangeError(`address: expected a page below ${hex(1n << 39n)}, found ${hex(address)}`);
        this.map(address, action.rights);
        this.outcome = `${hex(address)} is ${action.rights === 'none' ? 'no longer mapped' : `mapped for ${action.rights === 'read' ? 'reading' : 'reading and writing'}`}; cached translations stay until a command invalidates them`;
        break;
      }
    }
    if (this.outcome !== '') this.log.push(this.outcome);
  }

  private command(name: LabCommand): void {
    const prod = Number(this.get('SMMU_CMDQ_PROD'));
    const cons = Number(this.get('SMMU_CMDQ_CONS'));
    if (queueEntriesUsed(prod, cons, COMMANDS_LOG2) === 1 << COMMANDS_LOG2)
      throw new RangeError('the command queue is full');
    const at = COMMANDS + BigInt((prod & ((1 << COMMANDS_LOG2) - 1)) * smmuv3_command.byteLength);
    const { cases } = smmuv3_command;
    const bytes =
      name === 'a reserved opcode'
        ? Uint8Array.from([0xff, ...new Array<number>(15).fill(0)])
        : name === 'CMD_CFGI_STE'
          ? encodeZeroFilled(smmuv3_command, { Opcode: cases.CMD_CFGI_STE.tag, StreamID: 5, Leaf: 1 })
          : name === 'CMD_CFGI_CD'
            ? encodeZeroFilled(smmuv3_command, { Opcode: cases.CMD_CFGI_CD.tag, StreamID: 5, Leaf: 1 })
            : encodeZeroFilled(smmuv3_command, { Opcode: cases[name].tag });
    this.put(at, bytes);
    this.set('SMMU_CMDQ_PROD', BigInt(nextQueueIndex(prod, COMMANDS_LOG2)));
    const left = queueEntriesUsed(
      Number(this.get('SMMU_CMDQ_PROD')),
      Number(this.get('SMMU_CMDQ_CONS')),
      COMMANDS_LOG2,
    );
    this.outcome =
      left === 0
        ? `${name} was consumed`
        : `${name} is in the queue, which has stopped: see SMMU_GERROR, and ERR of SMMU_CMDQ_CONS`;
  }

  private take(): void {
    const prod = Number(this.get('SMMU_EVENTQ_PROD'));
    const cons = Number(this.get('SMMU_EVENTQ_CONS'));
    if (queueEntriesUsed(prod, cons, EVENTS_LOG2) === 0) throw new RangeError('the event queue is empty');
    this.outcome = `the event was consumed: ${this.eventText(cons & ((1 << EVENTS_LOG2) - 1))}`;
    this.set('SMMU_EVENTQ_CONS', BigInt(nextQueueIndex(cons, EVENTS_LOG2)));
  }

  private eventText(index: number): string {
    const at = this.at(EVENTS) + index * smmuv3_event.byteLength;
    const bytes = this.ram.slice(at, at + smmuv3_event.byteLength);
    const { EventNumber } = decode(smmuv3_event, bytes, { lenient: true });
    return smmuv3_event.nameOf(EventNumber) ?? hex(EventNumber);
  }

  private commandText(index: number): string {
    const at = this.at(COMMANDS) + index * smmuv3_command.byteLength;
    const opcode = this.ram[at] ?? 0;
    return smmuv3_command.nameOf(opcode) ?? `opcode ${hex(opcode)}`;
  }

  private queue(name: 'CMDQ' | 'EVENTQ', log2size: number): LabQueue {
    const prod = Number(this.get(`SMMU_${name}_PROD`));
    const cons = Number(this.get(`SMMU_${name}_CONS`));
    const size = 1 << log2size;
    const written = splitQueueIndex(prod, log2size);
    const taken = splitQueueIndex(cons, log2size);
    const used = queueEntriesUsed(prod, cons, log2size);
    const first = cons & (size - 1);
    return {
      name,
      log2size,
      prod: written,
      cons: taken,
      overflow: name === 'EVENTQ' ? { flag: written.overflow, acknowledged: taken.overflow } : undefined,
      used,
      entries: Array.from({ length: size }, (_, i) => {
        const isUsed = (i - first + size) % size < used;
        return { isUsed, text: !isUsed ? '' : name === 'CMDQ' ? this.commandText(i) : this.eventText(i) };
      }),
    };
  }

  /** The current state. */
  view(): LabView {
    const registers = SHOWN.map((name) => {
      const value = this.get(name);
      const type = allRecords.get(name);
      const bytes = new Uint8Array(type?.byteLength ?? 8);
      const data = new DataView(new ArrayBuffer(8));
      data.setBigUint64(0, value, true);
      bytes.set(new Uint8Array(data.buffer).subarray(0, bytes.length));
      const bits = type === undefined ? [] : annotate(type, bytes).flatMap((each) => each.bits ?? []);
      return {
        name,
        offset: smmuv3_register[name],
        value: hex(value),
        fields: bits.map((bit) => ({ name: bit.name, text: bit.text, doc: bit.doc })),
      };
    });
    return {
      registers,
      queues: [this.queue('CMDQ', COMMANDS_LOG2), this.queue('EVENTQ', EVENTS_LOG2)],
      steps: this.steps,
      outcome: this.outcome,
      log: this.log.slice(-12),
      streams: STREAMS,
      pages: [...this.pages].map(([address, rights]) => ({ address: hex(address), rights })),
    };
  }
}

function numberOf(name: string, text: string): bigint {
  if (!/^\s*(0x[0-9a-f]+|\d+)\s*$/i.test(text))
    throw new RangeError(`${name}: ${JSON.stringify(text)} is not a number`);
  return BigInt(text.trim());
}

function outcomeText(outcome: SmmuOutcome<bigint>): string {
  if (outcome.kind === 'place') return `goes to ${hex(outcome.place)}`;
  return outcome.kind === 'stall' ? 'waits for CMD_RESUME' : 'is aborted';
}
