import { expect, test } from '@jest/globals';
import { smmuv3_sync_signal } from '@iommufd/uapi';
import { defaultSmmuv3Config } from '../config.js';
import { TestMemory } from '../memory.testing.js';
import { Features } from './features.js';
import { type InterruptLines, Interrupts } from './interrupts.js';
import { resetRegisters } from './registers.js';

/** An SMMU with MSIs and SEV, and all interrupts enabled. `msi` handles writes to the doorbell, which is not memory. */
function create(msi?: InterruptLines['msi']) {
  const log: string[] = [];
  const line = (name: string) => () => void log.push(name);
  const memory = new TestMemory();
  const registers = { ...resetRegisters(), SMMU_IRQ_CTRL: 7 };
  const lines = {
    eventq: line('eventq'),
    priq: line('priq'),
    gerror: line('gerror'),
    cmdqSync: line('sync'),
    sev: line('sev'),
    ...(msi && { msi }),
  };
  const { idr0, ...others } = new Features(defaultSmmuv3Config);
  const features = { ...others, idr0: { ...idr0, MSI: 1, SEV: 1 } };
  return { log, memory, registers, interrupts: new Interrupts(registers, memory, lines, features) };
}

const DOORBELL = 0x800_0040n;
const { SIG_IRQ, SIG_NONE, SIG_SEV } = smmuv3_sync_signal;

test('an interrupt is an MSI if it has an address: to a doorbell, or a word in memory', () => {
  const written: [bigint, number][] = [];
  const { log, memory, registers, interrupts } = create(
    (address, data) => void written.push([address, data]),
  );
  interrupts.send('EVENTQ');
  expect(log).toEqual(['eventq']);
  registers.SMMU_EVENTQ_IRQ_CFG0 = DOORBELL;
  registers.SMMU_EVENTQ_IRQ_CFG1 = 0x1234_5678;
  interrupts.send('EVENTQ');
  expect(written).toEqual([[DOORBELL, 0x1234_5678]]);
  const block = memory.alloc(8);
  registers.SMMU_EVENTQ_IRQ_CFG0 = block.address + 4n;
  interrupts.send('EVENTQ');
  expect([...block.bytes]).toEqual([0, 0, 0, 0, 0x78, 0x56, 0x34, 0x12]);
  expect([log, written.length]).toEqual([['eventq'], 1]);
});

test('7.5.1: an aborted MSI raises a global error, except for the MSI of GERROR itself', () => {
  const refused = create(() => false);
  const absent = create();
  for (const { log, registers, interrupts } of [refused, absent]) {
    registers.SMMU_EVENTQ_IRQ_CFG0 = DOORBELL;
    interrupts.send('EVENTQ');
    expect([registers.SMMU_GERROR, log]).toEqual([0x20, ['gerror']]);
    registers.SMMU_GERROR_IRQ_CFG0 = DOORBELL;
    interrupts.raise('CMDQ_ERR');
    expect([registers.SMMU_GERROR, log]).toEqual([0xa1, ['gerror']]);
    interrupts.syncCompletion(SIG_IRQ, DOORBELL, 1)?.();
    expect(registers.SMMU_GERROR).toBe(0xb1);
  }
});

test('4.7.3: SMMU_IRQ_CTRL does not mask the completion signal of CMD_SYNC', () => {
  const { log, registers, interrupts } = create();
  registers.SMMU_IRQ_CTRL = 0;
  expect(interrupts.syncCompletion(SIG_NONE, 0n, 0)).toBeUndefined();
  interrupts.syncCompletion(SIG_IRQ, 0n, 0)?.();
  interrupts.syncCompletion(SIG_SEV, 0n, 0)?.();
  expect(log).toEqual(['sync', 'sev']);
});
