/**
 * Interrupts and global errors. Every queue signals through {@link Interrupts}. It sends an MSI or signals one of the
 * {@link InterruptLines}, which are callbacks of the owner of the SMMU.
 */
import { SMMU_EVENTQ_IRQ_CFG0, SMMU_GERROR, SMMU_IRQ_CTRL, smmuv3_sync_signal } from '@iommufd/uapi';
import type { SystemMemory } from '../memory.js';
import type { Features } from './features.js';
import { mask32, mask64 } from './fields.js';
import type { Registers } from './registers.js';

/**
 * The interrupt lines of an SMMU. All are edge-triggered. A callback may read and write registers.
 * Source: Arm IHI 0070, section 3.18.2.
 */
export interface InterruptLines {
  /** The event queue has become non-empty. */
  eventq(): void;
  /** The PRI queue has become non-empty or, with SMMU_PRIQ_IRQ_CFG2.LO, the last request of a group has arrived. */
  priq(): void;
  /** A global error has become active. */
  gerror(): void;
  /** A CMD_SYNC that requested an interrupt without an MSI has completed. */
  cmdqSync(): void;
  /**
   * An MSI to an address that is not memory, such as a doorbell. (An MSI to memory writes the word there.) Without this
   * callback, such an MSI is an external abort.
   * @param address physical, aligned to 4 bytes
   * @param data the word to write
   * @returns false for an external abort, which is reported as a global error
   */
  msi?(address: bigint, data: number): void | false;
  /** A CMD_SYNC that requested to wake PEs from WFE has completed. Called only with SMMU_IDR0.SEV. */
  sev?(): void;
}

/** A field of SMMU_GERROR. */
export type GlobalError = keyof typeof SMMU_GERROR.fields & string;

/** The interrupts that SMMU_IRQ_CTRL enables. */
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
   * @param registers enable bits, MSI addresses and data, SMMU_GERROR
   * @param memory target of MSIs
   * @param lines target of all other interrupts
   * @param features SMMU_IDR0.MSI and SMMU_IDR0.SEV
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

  /** Interrupts if SMMU_IRQ_CTRL enables it: by an MSI if an address is set, otherwise by the line. */
  send(source: InterruptSource): void {
    const { enable, address, data, line, failure } = sources[source];
    if ((this.registers.SMMU_IRQ_CTRL & enable) === 0) return;
    const configured = this.registers[address];
    const to = this.hasMsi && configured !== 0n ? configured & ADDR : 0n;
    if (to === 0n) this.lines[line]();
    else if (!this.writeMsi(to, this.registers[data])) this.raise(failure);
  }

  /**
   * The completion signal of a CMD_SYNC, which SMMU_IRQ_CTRL does not mask (Arm IHI 0070, 4.7.3).
   * @param signal its CS, a value of `smmuv3_sync_signal`
   * @param address its MSIAddress: the target of the MSI; 0 for the line
   * @param data its MSIData: the word to write
   * @returns the signal, to be called after the command is consumed; undefined for none
   */
  syncCompletion(signal: number, address: bigint, data: number): (() => void) | undefined {
    // 3 is reserved and illegal. With `Departures.acceptsForeignCommands` it is accepted and acts as 1.
    if ((signal & SIG_IRQ) !== 0) return () => this.completeSync(address, data);
    // Without SMMU_IDR0.SEV, SIG_SEV acts as SIG_NONE.
    return signal === SIG_SEV && this.hasSev ? () => this.lines.sev?.() : undefined;
  }

  private completeSync(address: bigint, data: number): void {
    if (!this.hasMsi || address === 0n) this.lines.cmdqSync();
    else if (!this.writeMsi(address, data)) this.raise('MSI_CMDQ_ABT_ERR');
  }

  /** Activates a global error and interrupts. Does nothing if the error is active already. */
  raise(error: GlobalError): void {
    const bit = mask32(SMMU_GERROR, error);
    if (this.isActive(bit)) return;
    this.registers.SMMU_GERROR = (this.registers.SMMU_GERROR ^ bit) >>> 0;
    // 7.5.1: a failed GERROR MSI is not reported by another MSI to the same address.
    if (error !== 'MSI_GERROR_ABT_ERR') this.send('GERROR');
  }

  /**
   * True if one of these global errors is active.
   * @param bits of SMMU_GERROR
   */
  isActive(bits: number): boolean {
    return ((this.registers.SMMU_GERROR ^ this.registers.SMMU_GERRORN) & bits) !== 0;
  }

  /** Writes an MSI, a 32-bit write. Software that polls for the completion of CMD_SYNC sets an address in its own memory. */
  private writeMsi(address: bigint, data: number): boolean {
    const word = new Uint8Array(4);
    new DataView(word.buffer).setUint32(0, data, true);
    if (this.memory.write(address, word)) return true;
    return this.lines.msi !== undefined && this.lines.msi(address, data) !== false;
  }
}
