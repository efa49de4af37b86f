import { describe, expect, test } from '@jest/globals';
import { contextDescriptor, leafOf } from '@iommufd/testkit/guest';
import {
  smmuv3_address_size,
  smmuv3_event,
  smmuv3_register as register,
  smmuv3_ste_config,
} from '@iommufd/uapi';
import { type Smmuv3Config, smmuv3Config } from '../config.js';
import { Machine, PageMap, RAM } from '../machine.testing.js';

const VA = 0x1000n;
const page = (number: number): bigint => RAM + BigInt(number) * 4096n;

describe.each([
  ['4 KB', 6],
  ['16 KB', 8],
  ['64 KB', 10],
])('a stream table of two levels with leaves of %s', (_name, split) => {
  test('covers the streams of each leaf, and none beyond', () => {
    const machine = new Machine(smmuv3Config({ sidBits: 16 }));
    const { memory, smmu, guest } = machine;
    const first = memory.alloc(8 << (16 - split));
    const leaf = memory.alloc(64 << split, 64 << split);
    const half = memory.alloc(32 << split, 32 << split);
    const view = new DataView(first.bytes.buffer);
    view.setBigUint64(8, leaf.address | BigInt(split + 1), true);
    view.setBigUint64(16, half.address | BigInt(split), true);
    view.setBigUint64(24, leaf.address | BigInt(split + 2), true);
    machine.steStage2(0);
    const ste = machine.streams.bytes.subarray(0, 64);
    const last = 2 ** split - 1;
    leaf.bytes.set(ste, last * 64);
    half.bytes.set(ste, ((last - 1) / 2) * 64);
    guest.stage2.map(VA, 99);
    smmu.write32(register.SMMU_CR0, 0b1110);
    smmu.write64(register.SMMU_STRTAB_BASE, first.address);
    smmu.write32(register.SMMU_STRTAB_BASE_CFG, 15 | (split << 6) | (1 << 16));
    smmu.write32(register.SMMU_CR0, 0b1111);
    const leafSize = 2 ** split;
    const where = (streamId: number) => machine.where({ streamId, address: VA });
    const event = (streamId: number): unknown => {
      expect(where(streamId)).toBe('abort');
      return machine.takeEvents().map(({ EventNumber }) => EventNumber);
    };
    expect(where(leafSize + last)).toBe(page(99));
    expect(where(2 * leafSize + (last - 1) / 2)).toBe(page(99));
    // No span, an entry beyond the span, a span beyond the split, a stream beyond LOG2SIZE.
    for (const streamId of [0, 2 * leafSize + leafSize / 2, 3 * leafSize, 2 ** 15]) {
      expect(event(streamId)).toEqual([2]);
    }
    expect(event(leafSize)).toEqual([4]);
    memory.free(half.address);
    expect(event(2 * leafSize)).toEqual([3]);
    memory.free(first.address);
    expect(event(4 * leafSize)).toEqual([3]);
  });
});

test.each([
  ['linear', 0, 0],
  ['4 KB', 1, 6],
  ['64 KB', 2, 10],
  ['a reserved form, which is linear', 3, 0],
])('context descriptors of substreams are found in a table of %s', (_name, S1Fmt, split) => {
  const machine = new Machine();
  const { guest } = machine;
  guest.alloc();
  const { context } = machine.steNested(1, { ste: { S1CDMax: 11, S1Fmt, S1DSS: 2 } });
  // Up to 2048 consecutive descriptors.
  guest.alloc(64);
  const leaves = new Map<number, bigint>();
  const ssids = [0, 1, 63, 64, 1023, 1024, 1030];
  for (const [i, ssid] of ssids.entries()) {
    const root = guest.alloc();
    guest.map(root, VA, page(500 + i));
    const cd = contextDescriptor({ ASID: i, TTB0: root });
    if (split === 0) {
      guest.write(context + BigInt(ssid * 64), cd);
      continue;
    }
    const first = ssid >> split;
    const table = leaves.get(first) ?? guest.alloc(16);
    leaves.set(first, table);
    guest.write64(context + BigInt(first * 8), table | 1n);
    guest.write(table + BigInt((ssid % 2 ** split) * 64), cd);
  }
  for (const [i, ssid] of ssids.entries()) {
    // Substream 0 is used by transactions without a substream.
    const substreamId = ssid === 0 ? undefined : ssid;
    expect([ssid, machine.where({ substreamId, address: VA })]).toEqual([ssid, page(500 + i)]);
  }
  expect(machine.where({ substreamId: 0, address: VA })).toBe('abort');
});

test('S1DSS lets transactions without a substream bypass stage 1', () => {
  const machine = new Machine();
  const { guest, memory } = machine;
  const { root, context } = machine.steNested(1, { ste: { S1CDMax: 1, S1DSS: 1 } });
  guest.write(context + 64n, contextDescriptor({ TTB0: root }));
  guest.map(root, VA, page(99));
  guest.stage2.map(VA, 98);
  expect(machine.where({ address: VA })).toBe(page(98));
  expect(machine.where({ address: VA, substreamId: 1 })).toBe(page(99));
  // The same without stage 2.
  const contexts = memory.alloc(128);
  const target = memory.alloc(4096);
  machine.ste(2, {
    Config: smmuv3_ste_config.S1_TRANSLATE,
    S1ContextPtr: contexts.address,
    S1CDMax: 1,
    S1DSS: 1,
  });
  expect(machine.translate({ streamId: 2, address: target.address }).kind).toBe('place');
  expect(machine.takeEvents()).toEqual([]);
});

/** An SMMU with 56-bit addresses: SMMU_IDR5.OAS, bits 2:0. */
function wideConfig(): Smmuv3Config {
  const config = smmuv3Config({ sidBits: 8 });
  const [idr0, idr1, idr2, idr3, idr4, idr5] = config.idr;
  return { ...config, idr: [idr0, idr1, idr2, idr3, idr4, (idr5 & ~7) | smmuv3_address_size.BITS_56] };
}

describe('stage 1', () => {
  const narrow = smmuv3Config({ sidBits: 8 });
  test.each([
    ['51 of a table is part of it', narrow, 51n, true],
    ['52 of a table is RES0 without 56-bit addresses', narrow, 52n, false],
    ['55 of a table is RES0 without 56-bit addresses', narrow, 55n, false],
    ['52 of a table is part of it with 56-bit addresses', wideConfig(), 52n, true],
  ])('bit %s', (_name, config, bit, isIllegal) => {
    const machine = new Machine(config);
    const { guest } = machine;
    const root = guest.alloc();
    guest.map(root, VA, page(90));
    machine.steNested(1, { cd: { TTB0: root | (1n << bit) } });
    expect(machine.where({ address: VA })).toBe(isIllegal ? 'abort' : page(90));
    const events = isIllegal ? [smmuv3_event.cases.C_BAD_CD.tag] : [];
    expect(machine.takeEvents().map(({ EventNumber }) => EventNumber)).toEqual(events);
  });

  test('translates addresses of both TTBs, with and without tags', () => {
    const machine = new Machine();
    const { guest } = machine;
    const high = guest.alloc();
    const { root } = machine.steNested(1, {
      cd: { EPD1: 0, T1SZ: 25, TG1: 2, TTB1: high, TBI0: 1 },
    });
    guest.map(root, VA, page(90));
    guest.map(high, (1n << 39n) - 0x1000n, page(91));
    expect(machine.where({ address: VA })).toBe(page(90));
    expect(machine.where({ address: VA | (0x5an << 56n) })).toBe(page(90));
    expect(machine.where({ address: VA | (1n << 40n) })).toBe('abort');
    expect(machine.where({ address: 0xffff_ffff_ffff_f008n })).toBe(page(91) + 8n);
    expect(machine.where({ address: 0x5aff_ffff_ffff_f008n })).toBe('abort');
    expect(machine.where({ address: 0xffff_ff7f_ffff_f008n })).toBe('abort');
    expect(machine.takeEvents()).toMatchObject(
      [VA | (1n << 40n), 0x5aff_ffff_ffff_f008n, 0xffff_ff7f_ffff_f008n].map((InputAddr) => ({ InputAddr })),
    );
  });

  test('ignores permissions of table descriptors with HAD', () => {
    const machine = new Machine();
    const { guest } = machine;
    const { root } = machine.steNested(1, { cd: { HAD0: 1 } });
    guest.map(root, VA, page(99));
    const slot = guest.slot(root, VA, 1);
    guest.write64(slot, guest.read64(slot) | (0xfn << 59n));
    expect(machine.where({ address: VA, write: true })).toBe(page(99));
    expect(machine.where({ address: VA, instruction: true })).toBe(page(99));
  });

  test.each([
    ['AFFD', { AFFD: 1 }, { accessed: false }, {}, 'read'],
    ['WXN', { WXN: 1 }, { ap: 1 }, { instruction: true }, 'abort'],
    ['WXN on a read-only page', { WXN: 1 }, { ap: 3 }, { instruction: true }, 'read'],
    ['PAN', { PAN: 1 }, { ap: 1 }, { privileged: true }, 'abort'],
    ['PAN on a privileged page', { PAN: 1 }, { ap: 0 }, { privileged: true }, 'read'],
    ['privileged pages', {}, { ap: 0 }, { privileged: true, write: true }, 'read'],
    ['privileged read-only pages', {}, { ap: 2 }, { privileged: true, write: true }, 'abort'],
    [
      'privileged execution of a page that all can write',
      {},
      {},
      { privileged: true, instruction: true },
      'abort',
    ],
    ['PXN', {}, { ap: 3, pxn: true }, { privileged: true, instruction: true }, 'abort'],
    ['no PXN', {}, { ap: 3, uxn: true }, { privileged: true, instruction: true }, 'read'],
    ['execution only', {}, { ap: 0 }, { instruction: true }, 'read'],
    ['a write is not an instruction fetch', {}, { uxn: true }, { write: true, instruction: true }, 'read'],
  ])('applies permissions: %s', (_name, cd, leaf, access, expected) => {
    const machine = new Machine();
    const { root } = machine.steNested(1, { cd });
    machine.guest.map(root, VA, page(99), leaf);
    expect(machine.where({ address: VA, ...access })).toBe(expected === 'read' ? page(99) : expected);
  });

  test('reads tables and context from physical memory without stage 2', () => {
    const machine = new Machine();
    const { memory } = machine;
    const [context, first, second, target] = [64, 4096, 4096, 4096].map((length) => memory.alloc(length));
    if (!context || !first || !second || !target) throw new Error('there are four');
    context.bytes.set(contextDescriptor({ T0SZ: 34, TTB0: first.address }));
    new DataView(first.bytes.buffer).setBigUint64(0, second.address | 3n, true);
    new DataView(second.bytes.buffer).setBigUint64(8, leafOf(target.address), true);
    new DataView(second.bytes.buffer).setBigUint64(16, leafOf(0x1000n), true);
    machine.ste(1, { Config: smmuv3_ste_config.S1_TRANSLATE, S1ContextPtr: context.address });
    const outcome = machine.translate({ address: VA + 4n });
    if (outcome.kind !== 'place') throw new Error(outcome.kind);
    outcome.place.bytes[outcome.place.byte] = 9;
    expect(target.bytes[4]).toBe(9);
    // An access to an address without memory is aborted by the memory, not by the SMMU.
    expect(machine.where({ address: 2n * VA })).toBe('abort');
    expect(machine.takeEvents()).toEqual([]);
  });

  test('looks up a table that is an object', () => {
    const machine = new Machine();
    const { memory, guest } = machine;
    const table = new PageMap(guest.all);
    const context = memory.alloc(64);
    context.bytes.set(contextDescriptor({ TTB0: memory.addTable(table) }));
    machine.ste(1, { Config: smmuv3_ste_config.S1_TRANSLATE, S1ContextPtr: context.address });
    table.map(VA, 99, 1, true, false);
    expect(machine.where({ address: VA + 5n })).toBe(page(99) + 5n);
    expect(machine.where({ address: VA, write: true })).toBe('abort');
    expect(machine.where({ address: 2n * VA })).toBe('abort');
    table.unmap(VA);
    expect(machine.where({ address: VA })).toBe(page(99));
    machine.command({
      Opcode: 0x12,
      ...{ Leaf: 1, TTL: 3, TG: 1 },
      ASID: 1,
      Address: VA,
    });
    expect(machine.where({ address: VA })).toBe('abort');
    expect(machine.takeEvents()).toMatchObject([
      { EventNumber: 0x13, RnW: 0, S2: 0 },
      { EventNumber: 0x10, S2: 0, InputAddr: 2n * VA },
      { EventNumber: 0x10, S2: 0, InputAddr: VA },
    ]);
  });

  test('of EL2 streams has one TTB, and privileged accesses only', () => {
    const config = smmuv3Config({ sidBits: 8 });
    const [idr0, ...others] = config.idr;
    const machine = new Machine({ ...config, idr: [idr0 | (1 << 9), ...others] });
    const { memory } = machine;
    const [context, table, target] = [64, 4096, 4096].map((length) => memory.alloc(length));
    if (!context || !table || !target) throw new Error('there are three');
    // EPD0 and EPD1 are ignored.
    context.bytes.set(contextDescriptor({ EPD0: 1, EPD1: 0, T0SZ: 39, TTB0: table.address }));
    const block = target.address & ~0x1f_ffffn;
    const address = target.address & 0x1f_ffffn;
    const view = new DataView(table.bytes.buffer);
    view.setBigUint64(0, leafOf(block, { level: 2, ap: 0 }), true);
    machine.ste(1, { Config: smmuv3_ste_config.S1_TRANSLATE, S1ContextPtr: context.address, STRW: 2 });
    expect(machine.translate({ address }).kind).toBe('place');
    view.setBigUint64(0, 0n, true);
    machine.command({ Opcode: 0x30 }, { Opcode: 0x10, VMID: 0 });
    expect(machine.translate({ address }).kind).toBe('place');
    machine.command({ Opcode: 0x20 });
    expect(machine.translate({ address }).kind).toBe('abort');
    expect(machine.where({ address: address | (0xffn << 56n) })).toBe('abort');
  });
});

test('a stream that bypasses everything uses physical addresses', () => {
  const machine = new Machine();
  const target = machine.memory.alloc(64);
  machine.ste(1, { Config: smmuv3_ste_config.BYPASS });
  const outcome = machine.translate({ address: target.address + 60n, write: true });
  if (outcome.kind !== 'place') throw new Error(outcome.kind);
  expect([outcome.place.byte, outcome.place.length]).toEqual([60, 4]);
  expect(machine.where({ address: target.address + 64n })).toBe('abort');
  expect(machine.takeEvents()).toEqual([]);
});
