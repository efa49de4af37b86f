/**
 * Setting up an SMMU: the driver allocates the queues and the stream table (`arm_smmu_init_structures()`), and then programs the
 * registers in the order of `arm_smmu_device_reset()`.
 */
import { register32, register64 } from '@iommufd/smmuv3';
import {
  arm_smmu_features,
  SMMU_CMDQ_BASE,
  SMMU_CR0,
  SMMU_CR1,
  SMMU_CR2,
  SMMU_EVENTQ_BASE,
  SMMU_IRQ_CTRL,
  SMMU_PRIQ_BASE,
  smmuv3_command,
  smmuv3_cr1_cacheability,
  smmuv3_event,
  smmuv3_pri,
  smmuv3_register,
  smmuv3_shareability,
} from '@iommufd/uapi';
import type { PhysicalBlock, PhysicalMemory } from '../../hardware/physical-memory.js';
import type { SmmuHardware } from '../../hardware/smmu-hardware.js';
import { cfgiAll, tlbiEl2All, tlbiNsnhAll } from './command.js';
import { CommandQueue } from './command-queue.js';
import { OutputQueue } from './output-queue.js';
import type { Probed } from './probe.js';
import { StreamTable } from './stream-table.js';

const { ARM_SMMU_FEAT_ATS, ARM_SMMU_FEAT_HYP, ARM_SMMU_FEAT_PRI } = arm_smmu_features;

/** The structures that driver and hardware share. */
interface Structures {
  readonly commands: CommandQueue;
  readonly events: OutputQueue;
  readonly pageRequests: OutputQueue | undefined;
  readonly streamTable: StreamTable;
  /** `arm_smmu_device_reset()`: programs the registers and enables the SMMU. */
  readonly enable: () => void;
}

/** Allocates the queues and the stream table. */
export function reset(
  hardware: SmmuHardware,
  memory: PhysicalMemory,
  probed: Probed,
  log: (message: string) => void,
): Structures {
  const { cmdqShift, evtqShift, priqShift, features } = probed;
  const alloc = (name: string, log2size: number, entry: number): PhysicalBlock => {
    const block = memory.alloc(entry << log2size, entry << log2size);
    log(`allocated ${1 << log2size} entries for ${name}`);
    return block;
  };
  const cmdq = alloc('cmdq', cmdqShift, smmuv3_command.byteLength);
  const evtq = alloc('evtq', evtqShift, smmuv3_event.byteLength);
  const hasPri = (features & ARM_SMMU_FEAT_PRI) !== 0;
  const priq = hasPri ? alloc('priq', priqShift, smmuv3_pri.byteLength) : undefined;
  const streamTable = new StreamTable(memory, probed);
  const commands = new CommandQueue(hardware, cmdq, cmdqShift, log);
  const { SMMU_EVENTQ_PROD, SMMU_EVENTQ_CONS, SMMU_PRIQ_PROD, SMMU_PRIQ_CONS } = smmuv3_register;
  const events = new OutputQueue(
    hardware,
    { prod: SMMU_EVENTQ_PROD, cons: SMMU_EVENTQ_CONS },
    evtq,
    evtqShift,
    smmuv3_event.byteLength,
  );
  const pageRequests =
    priq &&
    new OutputQueue(
      hardware,
      { prod: SMMU_PRIQ_PROD, cons: SMMU_PRIQ_CONS },
      priq,
      priqShift,
      smmuv3_pri.byteLength,
    );

  const enable = (): void => {
    const switches = new Switches(hardware);
    hardware.write32(smmuv3_register.SMMU_CR1, memoryAttributes());
    hardware.write32(smmuv3_register.SMMU_CR2, register32(SMMU_CR2, { PTM: 1, RECINVSID: 1 }));
    streamTable.install(hardware);

    const cmdqBase = register64(SMMU_CMDQ_BASE, { RA: 1, ADDR: cmdq.address, LOG2SIZE: cmdqShift });
    hardware.write64(smmuv3_register.SMMU_CMDQ_BASE, cmdqBase);
    hardware.write32(smmuv3_register.SMMU_CMDQ_PROD, 0);
    hardware.write32(smmuv3_register.SMMU_CMDQ_CONS, 0);
    switches.turnOn({ CMDQEN: 1 });
    commands.issue([cfgiAll()], true);
    if ((features & ARM_SMMU_FEAT_HYP) !== 0) commands.issue([tlbiEl2All()], true);
    commands.issue([tlbiNsnhAll()], true);

    const evtqBase = register64(SMMU_EVENTQ_BASE, { WA: 1, ADDR: evtq.address, LOG2SIZE: evtqShift });
    hardware.write64(smmuv3_register.SMMU_EVENTQ_BASE, evtqBase);
    hardware.write32(SMMU_EVENTQ_PROD, 0);
    hardware.write32(SMMU_EVENTQ_CONS, 0);
    switches.turnOn({ EVENTQEN: 1 });

    if (priq !== undefined) {
      const priqBase = register64(SMMU_PRIQ_BASE, { WA: 1, ADDR: priq.address, LOG2SIZE: priqShift });
      hardware.write64(smmuv3_register.SMMU_PRIQ_BASE, priqBase);
      hardware.write32(SMMU_PRIQ_PROD, 0);
      hardware.write32(SMMU_PRIQ_CONS, 0);
      switches.turnOn({ PRIQEN: 1 });
    }
    if ((features & ARM_SMMU_FEAT_ATS) !== 0) switches.turnOn({ ATSCHK: 1 });
    enableInterrupts(hardware, hasPri);
    switches.turnOn({ SMMUEN: 1 });
  };
  return { commands, events, pageRequests, streamTable, enable };
}

type Cr0 = Parameters<typeof register32<(typeof SMMU_CR0)['fields']>>[1];

/** SMMU_CR0. Its bits are enabled one by one: `arm_smmu_write_reg_sync()`. @throws Error if a bit is not acknowledged */
class Switches {
  private on: Cr0 = {};

  constructor(private readonly hardware: SmmuHardware) {
    this.turnOn({});
  }

  turnOn(more: Cr0): void {
    this.on = { ...this.on, ...more };
    const value = register32(SMMU_CR0, this.on);
    this.hardware.write32(smmuv3_register.SMMU_CR0, value);
    if (this.hardware.read32(smmuv3_register.SMMU_CR0ACK) !== value)
      throw new Error(`the SMMU does not acknowledge SMMU_CR0 = 0x${value.toString(16)}`);
  }
}

/** SMMU_CR1: queues and tables are in inner-shareable write-back memory. */
function memoryAttributes(): number {
  const { WB } = smmuv3_cr1_cacheability;
  const { ISH } = smmuv3_shareability;
  return register32(SMMU_CR1, {
    TABLE_SH: ISH,
    TABLE_OC: WB,
    TABLE_IC: WB,
    QUEUE_SH: ISH,
    QUEUE_OC: WB,
    QUEUE_IC: WB,
  });
}

/** `arm_smmu_setup_irqs()`, with wired interrupts. */
function enableInterrupts(hardware: SmmuHardware, hasPri: boolean): void {
  hardware.write32(smmuv3_register.SMMU_IRQ_CTRL, 0);
  const on = { EVENTQ_IRQEN: 1, GERROR_IRQEN: 1, PRIQ_IRQEN: hasPri ? 1 : 0 };
  hardware.write32(smmuv3_register.SMMU_IRQ_CTRL, register32(SMMU_IRQ_CTRL, on));
}
