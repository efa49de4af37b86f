/**
 * A guest's driver for an SMMUv3: it accesses registers by name, writes commands to a queue in memory, and reads events from another.
 * The SMMU can be that of `@iommufd/smmuv3` or the virtual one of the SDK.
 */
import {
  nextQueueIndex,
  queueEntriesUsed,
  smmuv3_command,
  smmuv3_event,
  smmuv3_pri,
  smmuv3_register,
} from '@iommufd/uapi';
import { type AnyType, decode, type Decoded } from '@iommufd/uapi/struct';
import { commandBytes, type CommandEntry, SYNC } from './commands.js';
import type { Event } from './events.js';
import type { GuestRam } from './guest-ram.js';

export type RegisterName = keyof typeof smmuv3_register & `SMMU_${string}`;

/** The registers of an SMMU, by offset. */
export interface Registers {
  read(offset: number, size: 4 | 8): number | bigint;
  write(offset: number, size: 4 | 8, value: number | bigint): void;
}

/** Adapts an SMMU that has separate methods for each width. */
export const registersOf = (smmu: {
  read32(offset: number): number;
  read64(offset: number): bigint;
  write32(offset: number, value: number): void;
  write64(offset: number, value: bigint): void;
}): Registers => ({
  read: (offset, size) => (size === 4 ? smmu.read32(offset) : smmu.read64(offset)),
  write: (offset, size, value) => {
    if (size === 4) smmu.write32(offset, Number(value));
    else smmu.write64(offset, BigInt(value));
  },
});

/** A table or queue in memory: its address, and the base 2 logarithm of the number of entries. */
export interface Entries {
  readonly address: bigint;
  readonly log2size: number;
}

/** The queues and the table that a driver sets up. Omitted ones keep their reset values. */
export interface Layout {
  readonly CMDQ: Entries;
  readonly EVENTQ: Entries;
  readonly PRIQ?: Entries;
  /** A linear stream table. */
  readonly STRTAB?: Entries;
}

/** SMMU_CR0. */
export const SMMUEN = 1;
export const PRIQEN = 2;
export const EVENTQEN = 4;
export const CMDQEN = 8;
/** OVFLG of SMMU_EVENTQ_PROD and SMMU_PRIQ_PROD, OVACKFLG of their CONS. */
const OVERFLOW = 1 << 31;

export class GuestDriver {
  private layout: Layout | undefined;

  /**
   * @param memory the memory with the queues
   * @param registers the registers of the SMMU
   */
  constructor(
    private readonly memory: Pick<GuestRam, 'read' | 'write'>,
    public registers: Registers,
  ) {}

  get(name: RegisterName): number {
    return Number(this.registers.read(smmuv3_register[name], 4));
  }

  get64(name: RegisterName): bigint {
    return BigInt(this.registers.read(smmuv3_register[name], 8));
  }

  set(name: RegisterName, value: number): void {
    this.registers.write(smmuv3_register[name], 4, value);
  }

  set64(name: RegisterName, value: bigint): void {
    this.registers.write(smmuv3_register[name], 8, value);
  }

  /** Writes the base registers of the queues and the stream table, then SMMU_CR0, and enables all interrupts. */
  setUp(layout: Layout, cr0: number): void {
    this.layout = layout;
    const { CMDQ, EVENTQ, PRIQ, STRTAB } = layout;
    this.set64('SMMU_CMDQ_BASE', CMDQ.address | BigInt(CMDQ.log2size));
    this.set64('SMMU_EVENTQ_BASE', EVENTQ.address | BigInt(EVENTQ.log2size));
    if (PRIQ !== undefined) this.set64('SMMU_PRIQ_BASE', PRIQ.address | BigInt(PRIQ.log2size));
    if (STRTAB !== undefined) {
      this.set64('SMMU_STRTAB_BASE', STRTAB.address);
      this.set('SMMU_STRTAB_BASE_CFG', STRTAB.log2size);
    }
    this.set('SMMU_IRQ_CTRL', 7);
    this.set('SMMU_CR0', cr0);
  }

  /** The address of the command queue's entry at an index register. */
  entry(prodOrCons: number): bigint {
    return entryAt(this.placeOf('CMDQ'), prodOrCons, smmuv3_command.byteLength);
  }

  /** Appends commands to the queue, without writing SMMU_CMDQ_PROD. @returns the value that it must get */
  put(...entries: readonly CommandEntry[]): number {
    const { log2size } = this.placeOf('CMDQ');
    let prod = this.get('SMMU_CMDQ_PROD');
    for (const entry of entries) {
      this.putAt(prod, entry);
      prod = nextQueueIndex(prod, log2size);
    }
    return prod;
  }

  private putAt(prodOrCons: number, entry: CommandEntry): void {
    if (!this.memory.write(this.entry(prodOrCons), commandBytes(entry)))
      throw new Error('the queue is not in memory');
  }

  /** Issues commands. */
  issue(...entries: readonly CommandEntry[]): this {
    this.set('SMMU_CMDQ_PROD', this.put(...entries));
    return this;
  }

  /** Recovers from an error as Linux does: replaces the command at which the queue stopped by a CMD_SYNC, and continues. */
  skip(): void {
    this.putAt(this.get('SMMU_CMDQ_CONS'), SYNC);
    this.set('SMMU_GERRORN', this.get('SMMU_GERROR'));
  }

  /** Reads up to `most` events from the event queue. */
  takeEvents(most = Infinity): Event[] {
    return this.take('EVENTQ', smmuv3_event, most);
  }

  /** Reads all page requests from the PRI queue. */
  takeRequests(): Decoded<typeof smmuv3_pri>[] {
    return this.take('PRIQ', smmuv3_pri, Infinity);
  }

  /** Acknowledges an overflow as Linux does: copies the flag of PROD to CONS. */
  acknowledge(queue: 'EVENTQ' | 'PRIQ'): void {
    const flag = this.get(`SMMU_${queue}_PROD`) & OVERFLOW;
    this.set(`SMMU_${queue}_CONS`, ((this.get(`SMMU_${queue}_CONS`) & ~OVERFLOW) | flag) >>> 0);
  }

  private take<T extends AnyType>(queue: 'EVENTQ' | 'PRIQ', type: T, most: number): Decoded<T>[] {
    const at = this.placeOf(queue);
    const taken: Decoded<T>[] = [];
    for (let cons = this.get(`SMMU_${queue}_CONS`); taken.length < most;) {
      if (queueEntriesUsed(this.get(`SMMU_${queue}_PROD`), cons, at.log2size) === 0) break;
      const bytes = this.memory.read(entryAt(at, cons, type.byteLength), type.byteLength);
      if (bytes === undefined) throw new Error('the queue is not in memory');
      taken.push(decode(type, bytes));
      cons = nextQueueIndex(cons, at.log2size);
      this.set(`SMMU_${queue}_CONS`, cons);
    }
    return taken;
  }

  private placeOf(name: 'CMDQ' | 'EVENTQ' | 'PRIQ'): Entries {
    const queue = this.layout?.[name];
    if (queue === undefined) throw new Error(`the driver has not set ${name} up`);
    return queue;
  }
}

function entryAt({ address, log2size }: Entries, prodOrCons: number, length: number): bigint {
  return address + BigInt((prodOrCons & (2 ** log2size - 1)) * length);
}
