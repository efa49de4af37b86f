import {
  CMD_CFGI_ALL,
  isQueueEmpty,
  isQueueFull,
  isQueueOverflowed,
  nextQueueIndex,
  SMMU_CMDQ_BASE,
  SMMU_CMDQ_CONS,
  SMMU_CR0,
  SMMU_EVENTQ_BASE,
  SMMU_IDR1,
  SMMU_IDR5,
  SMMU_IRQ_CTRL,
  SMMU_STRTAB_BASE,
  SMMU_STRTAB_BASE_CFG,
  smmuv3_cd,
  smmuv3_cmdq_error,
  smmuv3_command,
  smmuv3_event,
  smmuv3_register as register,
  smmuv3_ste,
  smmuv3_ste_config,
  splitQueueIndex,
} from '@iommufd/uapi';
import { decode, encodeInto, view } from '@iommufd/uapi/struct';
import type { GuestRam } from './guest-ram.js';
import { Interrupt } from './interrupt.js';
import { PageTable } from './page-table.js';
import { type RegisterPages, Registers } from './registers.js';
import { type Command, type Event, hex, showCommands, showEvents, timeline } from './show.js';

/** Base 2 logarithms: 16 commands, 8 events, 16 streams. They are small, so that a queue overflows soon. */
const COMMANDS = 4;
const EVENTS = 3;
const STREAMS = 4;

/** The address space of the one device. */
const ASID = 1;

/** A CMD_SYNC without an interrupt: the read index shows that it and all commands before it have completed. */
const SYNC: Command = {
  Opcode: smmuv3_command.cases.CMD_SYNC.tag,
  CS: 0,
  MSH: 0,
  MSIAttr: 0,
  MSIData: 0,
  MSIAddress: 0n,
  MSI_NS: 0,
};

/**
 * The driver of an SMMUv3 in a guest. It uses the guest's memory, the registers, and interrupts; they may be those of
 * hardware or of a program.
 */
export class GuestDriver {
  /** The event queue is not empty. */
  readonly eventInterrupt = new Interrupt();
  /** A global error. */
  readonly errorInterrupt = new Interrupt();
  private readonly registers: Registers;
  private readonly commands: bigint;
  private readonly events: bigint;
  private readonly streams: bigint;

  constructor(
    private readonly ram: GuestRam,
    pages: RegisterPages,
  ) {
    this.registers = new Registers(pages);
    this.commands = ram.allocPage();
    this.events = ram.allocPage();
    this.streams = ram.allocPage();
  }

  /** Reads the ID registers, allocates queues and an empty stream table, and enables the SMMU. */
  start(): void {
    const { registers } = this;
    const idr1 = registers.readFields(register.SMMU_IDR1, SMMU_IDR1);
    const most = `${2 ** idr1.CMDQS} commands and ${2 ** idr1.EVENTQS} events`;
    timeline.add(
      'guest',
      `may have queues of ${most}; allocates queues of ${2 ** COMMANDS} and ${2 ** EVENTS}`,
    );
    const commands = { ADDR: this.commands, LOG2SIZE: COMMANDS };
    registers.writeFields(register.SMMU_CMDQ_BASE, SMMU_CMDQ_BASE, commands);
    registers.writeFields(register.SMMU_EVENTQ_BASE, SMMU_EVENTQ_BASE, {
      ADDR: this.events,
      LOG2SIZE: EVENTS,
    });
    registers.writeFields(register.SMMU_STRTAB_BASE, SMMU_STRTAB_BASE, { ADDR: this.streams });
    registers.writeFields(register.SMMU_STRTAB_BASE_CFG, SMMU_STRTAB_BASE_CFG, { LOG2SIZE: STREAMS });
    registers.writeFields(register.SMMU_IRQ_CTRL, SMMU_IRQ_CTRL, { EVENTQ_IRQEN: 1, GERROR_IRQEN: 1 });
    registers.writeFields(register.SMMU_CR0, SMMU_CR0, { CMDQEN: 1, EVENTQEN: 1 });
    // Drops everything that was cached before.
    this.submit(CMD_CFGI_ALL, { Opcode: smmuv3_command.cases.CMD_TLBI_NSNH_ALL.tag });
    timeline.add('guest', 'SMMU_CR0.SMMUEN = 1, with a stream table in which no entry is valid');
    registers.writeFields(register.SMMU_CR0, SMMU_CR0, { CMDQEN: 1, EVENTQEN: 1, SMMUEN: 1 });
  }

  /** Gives a device an address space: a stream table entry points to a context descriptor, which points to page tables. */
  attach(streamId: number, pageTable: PageTable): void {
    const { ram } = this;
    const cdAt = ram.allocPage();
    const cd = view(smmuv3_cd, ram.bytes(cdAt, smmuv3_cd.byteLength));
    Object.assign(cd, { T0SZ: PageTable.T0SZ, EPD1: 1, AA64: 1, R: 1, A: 1, ASET: 1, ASID, MAIR0: 0xff });
    cd.IPS = this.registers.readFields(register.SMMU_IDR5, SMMU_IDR5).OAS;
    cd.TTB0 = pageTable.root;
    cd.V = 1;
    const steAt = this.streams + BigInt(streamId * smmuv3_ste.byteLength);
    const ste = view(smmuv3_ste, ram.bytes(steAt, smmuv3_ste.byteLength));
    ste.Config = smmuv3_ste_config.S1_TRANSLATE;
    ste.S1ContextPtr = cdAt;
    ste.V = 1;
    timeline.add('guest', `STE ${hex(streamId)} -> CD at ${hex(cdAt)} -> tables at ${hex(pageTable.root)}`);
    this.submit({ Opcode: smmuv3_command.cases.CMD_CFGI_STE.tag, SSec: 0, StreamID: streamId, Leaf: 1 });
  }

  /** Appends commands and a CMD_SYNC to the queue, and checks that they complete. */
  submit(...commands: readonly Command[]): void {
    const { registers } = this;
    const all = [...commands, SYNC];
    let prod = registers.read(register.SMMU_CMDQ_PROD);
    for (const command of all) {
      if (isQueueFull(prod, registers.read(register.SMMU_CMDQ_CONS), COMMANDS)) throw new Error('no room');
      this.put(command, prod);
      prod = nextQueueIndex(prod, COMMANDS);
    }
    timeline.add('guest', `SMMU_CMDQ_PROD = ${hex(prod)}: ${showCommands(all)}`);
    registers.write(register.SMMU_CMDQ_PROD, prod);
    this.waitForCommands();
  }

  /** Recovers a stopped command queue: replaces the command at which it stopped by a CMD_SYNC, and acknowledges the error. */
  recover(): void {
    const { registers } = this;
    const cons = registers.read(register.SMMU_CMDQ_CONS);
    const why = smmuv3_cmdq_error.format(registers.readFields(register.SMMU_CMDQ_CONS, SMMU_CMDQ_CONS).ERR);
    const { index } = splitQueueIndex(cons, COMMANDS);
    const gerror = registers.read(register.SMMU_GERROR);
    const errors = `SMMU_GERROR ${hex(gerror)}, SMMU_GERRORN ${hex(registers.read(register.SMMU_GERRORN))}`;
    timeline.alarm('guest', `${errors}, SMMU_CMDQ_CONS ${hex(cons)}: ${why} at index ${index}`);
    this.put(SYNC, cons);
    timeline.add('guest', `replaces it by a SYNC; SMMU_GERRORN = ${hex(gerror)}: acknowledges the error`);
    registers.write(register.SMMU_GERRORN, gerror);
    this.waitForCommands();
  }

  private put(command: Command, prodOrCons: number): void {
    const { index } = splitQueueIndex(prodOrCons, COMMANDS);
    const { byteLength } = smmuv3_command;
    const at = this.commands + BigInt(index * byteLength);
    encodeInto(smmuv3_command, command, this.ram.bytes(at, byteLength));
  }

  /** Checks once that the read index has passed the CMD_SYNC. A real driver would poll it. */
  private waitForCommands(): void {
    const prod = this.registers.read(register.SMMU_CMDQ_PROD);
    const cons = this.registers.read(register.SMMU_CMDQ_CONS);
    const isDone = isQueueEmpty(prod, cons, COMMANDS);
    // ERR is valid only while the error is active, so only RD is compared.
    const { index, wrap } = splitQueueIndex(cons, COMMANDS);
    const rd = `SMMU_CMDQ_CONS.RD ${hex(index + wrap * 2 ** COMMANDS)}`;
    if (isDone) timeline.add('guest', `${rd}: done`);
    else timeline.alarm('guest', `${rd}: the SYNC is not done`);
  }

  /** Reads all events from the queue, and acknowledges an overflow. */
  readEvents(): void {
    const { registers } = this;
    const prod = registers.read(register.SMMU_EVENTQ_PROD);
    let cons = registers.read(register.SMMU_EVENTQ_CONS);
    const { byteLength } = smmuv3_event;
    const events: Event[] = [];
    while (!isQueueEmpty(prod, cons, EVENTS)) {
      const { index } = splitQueueIndex(cons, EVENTS);
      events.push(decode(smmuv3_event, this.ram.bytes(this.events + BigInt(index * byteLength), byteLength)));
      cons = nextQueueIndex(cons, EVENTS);
    }
    timeline.add('guest', `reads ${showEvents(events)}`);
    if (isQueueOverflowed(prod, cons)) {
      const indexes = `SMMU_EVENTQ_PROD ${hex(prod)}, SMMU_EVENTQ_CONS ${hex(cons)}`;
      timeline.alarm('guest', `${indexes}: OVFLG is not OVACKFLG, events were lost`);
      timeline.add('guest', `SMMU_EVENTQ_CONS = ${hex(prod)}: acknowledged`);
    }
    // The queue is empty then, and OVACKFLG equals OVFLG: the fields of CONS and PROD have the same positions.
    registers.write(register.SMMU_EVENTQ_CONS, prod);
  }
}

/** The command that invalidates the cached translation of a page. */
export function dropPage(Address: bigint): Extract<Command, { readonly Opcode: 0x12 }> {
  const Opcode = smmuv3_command.cases.CMD_TLBI_NH_VA.tag;
  return { Opcode, ASID, VMID: 0, Address, Leaf: 1, NUM: 0, SCALE: 0, TTL128: 0, TTL: 0, TG: 0 };
}
