import { SMMU_EVENTQ_IRQ_CFG0, SMMU_GERROR, SMMU_IRQ_CTRL, smmuv3_sync_signal } from '@iommufd/uapi';
import type { SystemMemory } from '../memory.js';
import type { Features } from './features.js';
import { mask32, mask64 } from './fields.js';
import type { Registers } from './registers.js';

/**
 * Where interrupts go. Each is an edge: it says that something has happened, and is not taken back. A callback may
 * read and write registers. Source: Arm IHI 0070, section 3.18.2.
 */
export interface InterruptLines {
  /** The event queue is not empty any more. */
  eventq(): void;
  /** The PRI queue is not empty any more or, with SMMU_PRIQ_IRQ_CFG2.LO, the last request of a group has come. */
  priq(): void;
  /** A global error has become active. */
  gerror(): void;
  /** A CMD_SYNC asked for an interrupt and for no MSI. */
  cmdqSync(): void;
  /**
   * An MSI to what is no memory: a doorbell. (One to memory writes the word there.)
   * @param address physical, aligned to 4
   * @param data the word that is written
   * @returns false if there is nothing that can be written, as without this: software sees an error
   */
  msi?(address: bigint, data: number): void | false;
  /** A CMD_SYNC asked to wake processors from WFE. Called only with SMMU_IDR0.SEV. */
  sev?(): void;
}

/** A field of SMMU_GERROR. */
export type GlobalError = keyof typeof SMMU_GERROR.fields & string;

/** What can interrupt through SMMU_IRQ_CTRL. */
export type InterruptSource = 'EVENTQ' | 'PRIQ' | 'GERROR';

const ADDR = mask64(SMMU_EVENTQ_IRQ_CFG0, 'ADDR');
const { SIG_IRQ, SIG_SEV } = smmuv3_sync_signal;

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

/**
 * Interrupts and global errors. An error is active while its bits in SMMU_GERROR and SMMU_GERRORN differ.
 * Source: Arm IHI 0070, sections 3.18, 6.3.16 to 6.3.20 and 7.5.
 */
export class Interrupts {
  private readonly hasMsi: boolean;
  private readonly hasSev: boolean;

  /**
   * @param registers which interrupts are on, and where MSIs go
   * @param memory where MSIs may go
   * @param lines where interrupts go else
   * @param features whether there are MSIs, and CMD_SYNC can wake processors
   */
  constructor(
    private readonly registers: Registers,
    private readonly memory: SystemMemory,
    private readonly lines: InterruptLines,
    { idr0 }: Pick<Features, 'idr0'>,
  ) {
    this.hasMsi = idr0.MSI === 1;
    this.hasSev = idr0.SEV === 1;
  }

  /** Interrupts if SMMU_IRQ_CTRL has it on: by MSI if there is an address for it, else by the line. */
  send(source: InterruptSource): void {
    const { enable, address, data, line, failure } = sources[source];
    if ((this.registers.SMMU_IRQ_CTRL & enable) === 0) return;
    const to = this.hasMsi ? this.registers[address] & ADDR : 0n;
    if (to === 0n) this.lines[line]();
    else if (!this.writeMsi(to, this.registers[data])) this.raise(failure);
  }

  /**
   * What a CMD_SYNC asks for when it is complete. SMMU_IRQ_CTRL has no say in it (Arm IHI 0070, 4.7.3).
   * @param signal its CS, of `smmuv3_sync_signal`
   * @param address its MSIAddress: where the MSI goes; 0 for the line
   * @param data its MSIData: the word that is written
   * @returns what to do once it counts as consumed; undefined for nothing
   */
  syncCompletion(signal: number, address: bigint, data: number): (() => void) | undefined {
    if (signal === SIG_IRQ) return () => this.completeSync(address, data);
    // Without SMMU_IDR0.SEV that is as if it had asked for nothing.
    return signal === SIG_SEV && this.hasSev ? () => this.lines.sev?.() : undefined;
  }

  private completeSync(address: bigint, data: number): void {
    if (!this.hasMsi || address === 0n) this.lines.cmdqSync();
    else if (!this.writeMsi(address, data)) this.raise('MSI_CMDQ_ABT_ERR');
  }

  /** Makes a global error active, and interrupts. One that is active already stays so, and nothing happens. */
  raise(error: GlobalError): void {
    const bit = mask32(SMMU_GERROR, error);
    if (this.isActive(bit)) return;
    this.registers.SMMU_GERROR = (this.registers.SMMU_GERROR ^ bit) >>> 0;
    // 7.5.1: an MSI that failed is not told by another one to the same address.
    if (error !== 'MSI_GERROR_ABT_ERR') this.send('GERROR');
  }

  /**
   * Is one of these global errors active?
   * @param bits of SMMU_GERROR
   */
  isActive(bits: number): boolean {
    return ((this.registers.SMMU_GERROR ^ this.registers.SMMU_GERRORN) & bits) !== 0;
  }

  /** An MSI is a write of 32 bits. Software that polls for its CMD_SYNC has them go to its memory. */
  private writeMsi(address: bigint, data: number): boolean {
    const word = new Uint8Array(4);
    new DataView(word.buffer).setUint32(0, data, true);
    if (this.memory.write(address, word)) return true;
    return this.lines.msi !== undefined && this.lines.msi(address, data) !== false;
  }
}
