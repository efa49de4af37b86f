import { SMMU_EVENTQ_IRQ_CFG0, SMMU_GERROR, SMMU_IRQ_CTRL } from '@iommufd/uapi';
import { type GuestMemory } from './guest-memory.js';
import { type Shown } from './id-registers.js';
import { mask32, mask64 } from './masks.js';
import { type Registers } from './registers.js';

/**
 * Where interrupts go. Each is an edge: it says that something has happened, and is not taken back. A callback may
 * read and write registers.
 */
export interface VsmmuInterrupts {
  /** The event queue stopped being empty, or overflowed. */
  eventq(): void;
  /** The PRI queue stopped being empty or, with SMMU_PRIQ_IRQ_CFG2.LO, the last request of a group came. */
  priq(): void;
  /** A global error became active. */
  gerror(): void;
  /** A CMD_SYNC asked for an interrupt and for no MSI. */
  cmdqSync(): void;
  /**
   * An MSI to what is no RAM: a doorbell. (One to RAM writes the word there.)
   * @param address guest-physical, aligned to 4
   * @param data the word that is written
   * @returns false if there is nothing that can be written: the guest sees an error
   */
  msi(address: bigint, data: number): void | false;
  /** A CMD_SYNC asked to wake processors from WFE. Called only where SMMU_IDR0.SEV is shown. */
  sev?(): void;
}

/** A field of SMMU_GERROR. */
export type GlobalError = keyof typeof SMMU_GERROR.fields;

type Source = 'EVENTQ' | 'PRIQ' | 'GERROR';

const ADDR = mask64(SMMU_EVENTQ_IRQ_CFG0, 'ADDR');

const sources = {
  EVENTQ: {
    enable: mask32(SMMU_IRQ_CTRL, 'EVENTQ_IRQEN'),
    address: 'SMMU_EVENTQ_IRQ_CFG0',
    data: 'SMMU_EVENTQ_IRQ_CFG1',
    line: 'eventq',
    failure: 'MSI_EVENTQ_ABT_ERR',
  },
  PRIQ: {
    enable: mask32(SMMU_IRQ_CTRL, 'PRIQ_IRQEN'),
    address: 'SMMU_PRIQ_IRQ_CFG0',
    data: 'SMMU_PRIQ_IRQ_CFG1',
    line: 'priq',
    failure: 'MSI_PRIQ_ABT_ERR',
  },
  GERROR: {
    enable: mask32(SMMU_IRQ_CTRL, 'GERROR_IRQEN'),
    address: 'SMMU_GERROR_IRQ_CFG0',
    data: 'SMMU_GERROR_IRQ_CFG1',
    line: 'gerror',
    failure: 'MSI_GERROR_ABT_ERR',
  },
} as const;

/** Raises interrupts and global errors. Source: Arm IHI 0070, sections 3.18, 6.3.16 to 6.3.20. */
export class Interrupts {
  private readonly hasMsi: boolean;
  private readonly hasSev: boolean;

  constructor(
    private readonly registers: Registers,
    private readonly memory: GuestMemory,
    private readonly lines: VsmmuInterrupts,
    { idr0 }: Pick<Shown, 'idr0'>,
  ) {
    this.hasMsi = idr0.MSI === 1;
    this.hasSev = idr0.SEV === 1;
  }

  /** Interrupts, if the guest wants that: by MSI if it has given an address, else by the line. */
  send(source: Source): void {
    const { enable, address, data, line, failure } = sources[source];
    if ((this.registers.SMMU_IRQ_CTRL & enable) === 0) return;
    const to = this.registers[address] & ADDR;
    if (!this.hasMsi || to === 0n) this.lines[line]();
    else if (!this.writeMsi(to, this.registers[data])) this.raise(failure);
  }

  /**
   * A CMD_SYNC is complete that asked for an interrupt: SMMU_IRQ_CTRL has no say.
   * @param address where the MSI goes; 0 for the line
   */
  completeSync(address: bigint, data: number): void {
    if (!this.hasMsi || address === 0n) this.lines.cmdqSync();
    else if (!this.writeMsi(address, data)) this.raise('MSI_CMDQ_ABT_ERR');
  }

  /** A CMD_SYNC is complete that asked for an event. Without SMMU_IDR0.SEV that is as if it had asked for nothing. */
  completeSyncBySev(): void {
    if (this.hasSev) this.lines.sev?.();
  }

  /** Makes a global error active, and interrupts. One that is active already stays so, and nothing happens. */
  raise(error: GlobalError): void {
    const bit = mask32(SMMU_GERROR, error);
    if (this.isActive(bit)) return;
    this.registers.SMMU_GERROR = (this.registers.SMMU_GERROR ^ bit) >>> 0;
    if (error !== 'MSI_GERROR_ABT_ERR') this.send('GERROR');
  }

  /** Has the guest not acknowledged these errors yet? */
  isActive(bits: number): boolean {
    return ((this.registers.SMMU_GERROR ^ this.registers.SMMU_GERRORN) & bits) !== 0;
  }

  /** An MSI is a write of 32 bits. A guest that polls for its CMD_SYNC has them go to its memory. */
  private writeMsi(address: bigint, data: number): boolean {
    const word = new Uint8Array(4);
    new DataView(word.buffer).setUint32(0, data, true);
    return this.memory.write(address, word) || this.lines.msi(address, data) !== false;
  }
}
