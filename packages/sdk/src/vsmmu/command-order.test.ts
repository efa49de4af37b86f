import { expect, test } from '@jest/globals';
import { CommandQueue, EventQueue, Interrupts, type Registers, resetRegisters } from '@iommufd/smmuv3';
import { CommandDecoder } from './command-rules.js';
import { GuestCommands } from './guest-commands.js';
import { guestIdRegisters, showIdRegisters } from './id-registers.js';
import { OwnDevices } from './own-devices.js';
import { Streams } from './streams.js';
import { asidWord, CMDQ, HARDWARE, Ram, StubBackend } from './vsmmu.testing.js';

/** A command queue whose registers record writes. */
function watched() {
  const log: string[] = [];
  const note = (line: string): void => {
    log.push(line);
  };
  const registers: Registers = new Proxy(resetRegisters(false), {
    set: (target, name, value: unknown) => {
      note(`${String(name)} = 0x${Number(value).toString(16)}`);
      return Reflect.set(target, name, value);
    },
  });
  const memory = new Ram();
  const backend = new StubBackend(note);
  const features = showIdRegisters(guestIdRegisters(HARDWARE, { msi: true }));
  const lines = {
    eventq: () => note('irq eventq'),
    priq: () => note('irq priq'),
    gerror: () => note('irq gerror'),
    cmdqSync: () => note('irq sync'),
    msi: () => note('msi'),
  };
  const interrupts = new Interrupts(registers, memory, lines, features);
  const streams = new Streams(registers, memory, backend, features);
  const decoder = new CommandDecoder(features);
  const events = new EventQueue(registers, memory, interrupts, features);
  const own = new OwnDevices({ registers, memory, features, events, interrupts });
  const commands = new GuestCommands({ decoder, backend, streams, own });
  const queue = new CommandQueue(registers, memory, interrupts, features, commands);
  Object.assign(registers, { SMMU_CR0: 8, SMMU_IRQ_CTRL: 7, SMMU_CMDQ_BASE: CMDQ | 4n });
  log.splice(0);
  return { log, registers, memory, backend, queue };
}

test('an error: the index, the code, the error, the interrupt, in the order of 7.1', () => {
  const { log, registers, memory, backend, queue } = watched();
  backend.refuses = (low) => low === asidWord(3);
  memory.write64(CMDQ, asidWord(1), 0n, asidWord(2), 0n, asidWord(3), 0n, asidWord(4), 0n);
  registers.SMMU_CMDQ_PROD = 4;
  queue.run();
  expect(log).toEqual([
    'SMMU_CMDQ_PROD = 0x4',
    'invalidate 4',
    // The commands that Linux had not issued.
    'invalidate 2',
    'SMMU_CMDQ_CONS = 0x2',
    'SMMU_CMDQ_CONS = 0x1000002',
    'SMMU_GERROR = 0x1',
    'irq gerror',
  ]);
});

test('a CMD_SYNC completes in order: earlier commands, the index, its interrupt', () => {
  const { log, registers, memory, queue } = watched();
  memory.write64(CMDQ, asidWord(1), 0n, 0x1046n, 0n, 0x1046n, 0x800_0040n);
  registers.SMMU_CMDQ_PROD = 3;
  queue.run();
  expect(log).toEqual([
    'SMMU_CMDQ_PROD = 0x3',
    'invalidate 1',
    'SMMU_CMDQ_CONS = 0x1',
    'SMMU_CMDQ_CONS = 0x2',
    'irq sync',
    'SMMU_CMDQ_CONS = 0x3',
    'msi',
  ]);
});
