import { expect, test } from '@jest/globals';
import { smmuv3_register as register } from '@iommufd/uapi';
import { defaultSmmuv3Config, smmuv3Config } from '../config.js';
import { Machine } from '../machine.testing.js';
import { TestMemory } from '../memory.testing.js';
import { Smmuv3 } from '../smmuv3.js';
import { Features } from './features.js';
import { RegisterFile } from './register-file.js';

const LINES = { eventq: () => {}, priq: () => {}, gerror: () => {}, cmdqSync: () => {} };

test('identification registers are those of the configuration, and read-only', () => {
  const config = { idr: [1, 2, 3, 4, 5, 6], iidr: 7, aidr: 8 } as const;
  const smmu = new Smmuv3(config, new TestMemory(), LINES);
  for (let offset = 0; offset < 32; offset += 4) {
    smmu.write32(offset, 0xffff_ffff);
    expect(smmu.read32(offset)).toBe(offset / 4 + 1);
  }
  // An offset without a register reads as zero.
  expect([smmu.read32(0x3c), smmu.read32(2), smmu.read32(0x20000), smmu.read64(4)]).toEqual([0, 0, 0, 0n]);
});

test('the default configuration', () => {
  const { idr0, idr1, idr3, idr5, aidr, oas } = new Features(defaultSmmuv3Config);
  expect(idr0).toMatchObject({ S1P: 1, S2P: 1, TTF: 2, ATS: 1, PRI: 1, ASID16: 1, VMID16: 1, CD2L: 1 });
  expect(idr0).toMatchObject({ STALL_MODEL: 0, TERM_MODEL: 1, ST_LEVEL: 1, MSI: 0, HTTU: 0, BTM: 0, Hyp: 0 });
  expect(idr1).toMatchObject({ SIDSIZE: 16, SSIDSIZE: 20, CMDQS: 8, EVENTQS: 7, PRIQS: 7 });
  expect([idr3.RIL, idr5.GRAN4K, aidr.ArchMinorRev, oas]).toEqual([1, 1, 2, 44]);
  const plain = new Features(
    smmuv3Config({ stall: false, ats: false, ssidBits: 0, rangeInvalidation: false, asid16: false }),
  );
  expect(plain.idr0).toMatchObject({ ATS: 0, PRI: 0, CD2L: 0, STALL_MODEL: 1, ASID16: 0 });
  expect([plain.idr1.SSIDSIZE, plain.idr1.PRIQS, plain.idr3.RIL, plain.idr5.STALL_MAX]).toEqual([0, 0, 0, 0]);
});

test('control registers are acknowledged at once', () => {
  const { smmu } = new Machine();
  smmu.write32(register.SMMU_CR0, 0xffff_ffff);
  // ATSCHK is supported, VMW and the device permission table are not.
  expect([smmu.read32(register.SMMU_CR0), smmu.read32(register.SMMU_CR0ACK)]).toEqual([0x1f, 0x1f]);
  smmu.write32(register.SMMU_IRQ_CTRL, 0xffff_ffff);
  expect([smmu.read32(register.SMMU_IRQ_CTRL), smmu.read32(register.SMMU_IRQ_CTRLACK)]).toEqual([7, 7]);
  smmu.write32(register.SMMU_CR0ACK, 0);
  expect(smmu.read32(register.SMMU_CR0ACK)).toBe(0x1f);
});

test('bases of enabled queues and tables cannot be written', () => {
  const { smmu, streams, commands } = new Machine();
  const fixed = [
    register.SMMU_STRTAB_BASE,
    register.SMMU_STRTAB_BASE_CFG,
    register.SMMU_CMDQ_BASE,
    register.SMMU_CMDQ_CONS,
    register.SMMU_EVENTQ_BASE,
    register.SMMU_EVENTQ_PROD,
    register.SMMU_PRIQ_BASE,
    register.SMMU_PRIQ_PROD,
    register.SMMU_CR2,
    register.SMMU_EVENTQ_IRQ_CFG1,
  ];
  const before = fixed.map((offset) => smmu.read32(offset));
  for (const offset of fixed) smmu.write32(offset, 0x55);
  expect(fixed.map((offset) => smmu.read32(offset))).toEqual(before);
  expect(smmu.read64(register.SMMU_STRTAB_BASE)).toBe(streams.address);
  expect(smmu.read64(register.SMMU_CMDQ_BASE)).toBe(commands.address | 3n);
  smmu.write32(register.SMMU_CR0, 0);
  smmu.write64(register.SMMU_STRTAB_BASE, 0x12_3456_7800n);
  expect(smmu.read64(register.SMMU_STRTAB_BASE)).toBe(0x12_3456_7800n);
});

test('SMMU_GBPA controls transactions while SMMUEN is 0', () => {
  const machine = new Machine();
  const { smmu, memory } = machine;
  const buffer = memory.alloc(5000);
  smmu.write32(register.SMMU_CR0, 0b1110);
  const outcome = machine.translate({ address: buffer.address + 4098n });
  if (outcome.kind !== 'place') throw new Error(outcome.kind);
  const { bytes, byte, length } = outcome.place;
  expect([byte, length]).toEqual([4098, 5000 - 4098]);
  bytes[byte] = 77;
  expect(buffer.bytes[4098]).toBe(77);
  expect(machine.where({ address: buffer.address + 5000n })).toBe('abort');
  expect(machine.where({ address: 1n << 44n })).toBe('abort');
  // Without Update, the write is ignored.
  smmu.write32(register.SMMU_GBPA, 1 << 20);
  expect(machine.translate({ address: buffer.address }).kind).toBe('place');
  smmu.write32(register.SMMU_GBPA, 0x8010_0000);
  expect(smmu.read32(register.SMMU_GBPA)).toBe(0x0010_0000);
  expect(machine.where({ address: buffer.address })).toBe('abort');
  expect(machine.takeEvents()).toEqual([]);
});

test.each([
  ['6.3.12', 'SMMU_CR2', 0xfn, 0x2n],
  ['6.3.14, but for Update', 'SMMU_GBPA', 0x1f_3f1fn, 0x10_1000n],
  ['6.3.20', 'SMMU_GERRORN', 0x7fdn, 0x105n],
  ['6.3.9', 'SMMU_CR0', 0x5dfn, 0xdn],
  ['6.3.25', 'SMMU_STRTAB_BASE_CFG', 0x3_07ffn, 0x3fn],
  ['6.3.21', 'SMMU_EVENTQ_IRQ_CFG0', 0xff_ffff_ffff_fffcn, 0n],
] as const)('what can be written depends on features: %s, %s', (_section, name, all, none) => {
  const everything = 0xffff_ffff;
  for (const [value, expected] of [
    [everything, all],
    [0, none],
  ] as const) {
    const ids = { idr: [value, value, value, value, value, value], iidr: 0, aidr: 0 } as const;
    const file = new RegisterFile(new Features(ids));
    const names: string[] = [];
    const size = name === 'SMMU_EVENTQ_IRQ_CFG0' ? 8 : 4;
    file.write(register[name], size, -1n, (written) => void names.push(written));
    expect([BigInt(file.read(register[name], size)), names]).toEqual([expected, [name]]);
  }
});

test.each([
  ['6.3.24', 'SMMU_STRTAB_BASE', 0x4000_0fff_ffff_ffc0n],
  ['6.3.26', 'SMMU_CMDQ_BASE', 0x4000_0fff_ffff_ffffn],
  ['6.3.29', 'SMMU_EVENTQ_BASE', 0x4000_0fff_ffff_ffffn],
] as const)('bits of an address at and above OAS, 44 bits, are RES0: %s, %s', (_section, name, expected) => {
  const file = new RegisterFile(new Features(defaultSmmuv3Config));
  file.write(register[name], 8, -1n, () => undefined);
  expect(file.read(register[name], 8)).toBe(expected);
});

test('a reset restores the initial values', () => {
  const file = new RegisterFile(new Features(defaultSmmuv3Config), true);
  const first = { ...file.registers };
  file.write(register.SMMU_STRTAB_BASE, 8, 0x1234_5678_0000n, () => undefined);
  file.write(register.SMMU_GBPA, 4, 0x8000_0000, () => undefined);
  expect(file.registers).not.toEqual(first);
  file.reset();
  expect(file.registers).toEqual(first);
  expect(file.read(register.SMMU_GBPA, 4)).toBe(0x0010_1000);
});
