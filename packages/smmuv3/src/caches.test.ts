import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  cfgiCd,
  cfgiCdAll,
  cfgiRange,
  cfgiSte,
  type Command,
  contextDescriptor,
  leafOf,
  NSNH_ALL,
} from '@iommufd/testkit/guest';
import { CMD_CFGI_ALL, smmuv3_register as register, smmuv3_ste_config } from '@iommufd/uapi';
import { smmuv3Config } from './config.js';
import { Machine, RAM } from './machine.testing.js';

const { ABORT } = smmuv3_ste_config;
const VA = 0x1000n;
const page = (number: number): bigint => RAM + BigInt(number) * 4096n;

let machine: Machine;

beforeEach(() => {
  machine = new Machine();
});

describe('stream table entries', () => {
  const dropped: readonly (readonly [string, Command, boolean])[] = [
    ['CFGI_STE', cfgiSte(5), true],
    ['CFGI_STE of another stream', cfgiSte(4), false],
    ['CFGI_STE_RANGE', cfgiRange(4, 0), true],
    ['CFGI_STE_RANGE whose stream is in the middle', cfgiRange(7, 1), true],
    ['CFGI_STE_RANGE of others', cfgiRange(6, 0), false],
    ['CFGI_STE_RANGE of more', cfgiRange(63, 30), true],
    ['CFGI_ALL', { ...CMD_CFGI_ALL, StreamID: 1 }, true],
    ['CFGI_CD_ALL', cfgiCdAll(5), false],
    ['TLBI_NSNH_ALL', NSNH_ALL, false],
  ];

  test.each(dropped)('are used until they are invalidated: %s', (_name, command, isDropped) => {
    machine.guest.stage2.map(VA, 99);
    machine.steStage2(5);
    expect(machine.where({ streamId: 5, address: VA })).toBe(page(99));
    machine.ste(5, { Config: ABORT });
    expect(machine.where({ streamId: 5, address: VA })).toBe(page(99));
    machine.command(command);
    expect(machine.where({ streamId: 5, address: VA })).toBe(isDropped ? 'abort' : page(99));
  });

  test('are cached even if they are illegal', () => {
    machine.guest.stage2.map(VA, 99);
    machine.ste(5, { V: 0 });
    expect(machine.where({ streamId: 5, address: VA })).toBe('abort');
    machine.steStage2(5);
    expect(machine.where({ streamId: 5, address: VA })).toBe('abort');
    machine.command(cfgiSte(5));
    expect(machine.where({ streamId: 5, address: VA })).toBe(page(99));
    expect(machine.takeEvents()).toHaveLength(2);
  });

  test('are not cached if they are illegal, with the departure of an emulator', () => {
    machine = new Machine(smmuv3Config({ sidBits: 8, departures: { cachesLegalStructuresOnly: true } }));
    machine.guest.stage2.map(VA, 99);
    machine.ste(5, { V: 0 });
    expect(machine.where({ streamId: 5, address: VA })).toBe('abort');
    machine.steStage2(5);
    expect(machine.where({ streamId: 5, address: VA })).toBe(page(99));
  });

  test('keep first-level descriptors when invalidated with Leaf', () => {
    const { memory, smmu, guest } = machine;
    const first = memory.alloc(64);
    const leaves = [memory.alloc(64 * 64, 64 * 64), memory.alloc(64 * 64, 64 * 64)];
    const [one, other] = leaves.map(({ address }) => address | 7n);
    const point = (at: bigint): void => new DataView(first.bytes.buffer).setBigUint64(0, at, true);
    smmu.write32(register.SMMU_CR0, 0b1110);
    smmu.write64(register.SMMU_STRTAB_BASE, first.address);
    smmu.write32(register.SMMU_STRTAB_BASE_CFG, 8 | (6 << 6) | (1 << 16));
    smmu.write32(register.SMMU_CR0, 0b1111);
    guest.stage2.map(VA, 99);
    machine.steStage2(5);
    leaves[1]?.bytes.set(machine.streams.bytes.subarray(5 * 64, 6 * 64), 5 * 64);
    // An invalid descriptor is not cached.
    expect(machine.where({ streamId: 5, address: VA })).toBe('abort');
    point(one ?? 0n);
    expect(machine.where({ streamId: 5, address: VA })).toBe('abort');
    point(other ?? 0n);
    machine.command(cfgiSte(5));
    expect(machine.where({ streamId: 5, address: VA })).toBe('abort');
    machine.command(cfgiSte(5, 0));
    expect(machine.where({ streamId: 5, address: VA })).toBe(page(99));
    expect(machine.takeEvents().map(({ EventNumber }) => EventNumber)).toEqual([2, 4, 4]);
  });
});

describe('context descriptors', () => {
  test.each<readonly [string, Command, boolean]>([
    ['CFGI_CD', cfgiCd(1), true],
    ['CFGI_CD of another index', cfgiCd(1, 1), false],
    ['CFGI_CD of another stream', cfgiCd(2), false],
    ['CFGI_CD_ALL', cfgiCdAll(1), true],
    ['CFGI_STE', cfgiSte(1), true],
    ['CFGI_ALL', CMD_CFGI_ALL, true],
    ['TLBI_NSNH_ALL', NSNH_ALL, false],
  ])('are used until they are invalidated: %s', (_name, command, isDropped) => {
    const { guest } = machine;
    const { root, context } = machine.steNested(1);
    guest.map(root, VA, page(99));
    expect(machine.where({ address: VA })).toBe(page(99));
    guest.write(context, contextDescriptor({ TTB0: root, V: 0 }));
    machine.command(NSNH_ALL);
    expect(machine.where({ address: VA })).toBe(page(99));
    machine.command(command);
    expect(machine.where({ address: VA })).toBe(isDropped ? 'abort' : page(99));
    // An illegal descriptor also stays cached.
    guest.write(context, contextDescriptor({ TTB0: root }));
    expect(machine.where({ address: VA })).toBe(isDropped ? 'abort' : page(99));
    machine.command(cfgiCd(1));
    expect(machine.where({ address: VA })).toBe(page(99));
  });

  test('of substreams keep first-level descriptors when invalidated with Leaf', () => {
    const { guest } = machine;
    const { root, context } = machine.steNested(1, { ste: { S1CDMax: 8, S1Fmt: 1, S1DSS: 1 } });
    const leaves = [guest.alloc(), guest.alloc()];
    const [one = 0n, other = 0n] = leaves;
    guest.map(root, VA, page(99));
    guest.write64(context + 8n, one | 1n);
    guest.write(other + 2n * 64n, contextDescriptor({ TTB0: root }));
    const where = () => machine.where({ substreamId: 66, address: VA });
    expect(where()).toBe('abort');
    guest.write64(context + 8n, other | 1n);
    machine.command(cfgiCd(1, 66, 1));
    expect(where()).toBe('abort');
    machine.command(cfgiCd(1, 66, 0));
    expect(where()).toBe(page(99));
  });

  test('are not cached if their fetch failed', () => {
    const { guest } = machine;
    const { root, context } = machine.steNested(1);
    guest.map(root, VA, page(99));
    guest.stage2.unmap(context);
    expect(machine.where({ address: VA })).toBe('abort');
    guest.stage2.map(context, Number((context - RAM) >> 12n));
    expect(machine.where({ address: VA })).toBe(page(99));
  });
});

describe('the TLB', () => {
  const A = 0x10000n;
  const B = 0x40000n;
  const GLOBAL = 0x80000n;
  /** Streams by the tag of their translations. */
  const streams = { v7a1: 1, v7a2: 2, v8a1: 3, v7s2: 4, v8s2: 5 } as const;
  const all = [
    ...Object.entries(streams).flatMap(([name, streamId]) => [
      { name: `${name} A`, streamId, address: A },
      { name: `${name} B`, streamId, address: B },
    ]),
    { name: 'v7 global', streamId: 2, address: GLOBAL },
  ];
  const names = all.map(({ name }) => name);
  const without = (...parts: RegExp[]): string[] =>
    names.filter((name) => !parts.some((part) => part.test(name)));

  const va = (Opcode: 0x12, fields: object = {}): Command => {
    return { Opcode, VMID: 7, ASID: 1, Address: A, ...fields };
  };
  const vaa = (fields: object = {}): Command => ({ Opcode: 0x13, VMID: 7, Address: A, ...fields });
  const ipa = (fields: object = {}): Command => ({ Opcode: 0x2a, VMID: 7, Address: A, ...fields });

  test.each<readonly [string, Command, string[]]>([
    ['NH_ALL', { Opcode: 0x10, VMID: 7 }, without(/v7a/, /global/)],
    ['NH_ALL of another VMID', { Opcode: 0x10, VMID: 9 }, names],
    ['NH_ASID, which does not include global ones', { Opcode: 0x11, VMID: 7, ASID: 1 }, without(/v7a1/)],
    ['NH_VA', va(0x12), without(/v7a1 A/)],
    ['NH_VA of a global one, with any ASID', va(0x12, { Address: GLOBAL, ASID: 99 }), without(/global/)],
    ['NH_VA of another ASID', va(0x12, { ASID: 3 }), names],
    ['NH_VA beside', va(0x12, { Address: A + 0x1000n }), names],
    ['NH_VA with a range', va(0x12, { TG: 1, NUM: 24, SCALE: 1 }), without(/v7a1/)],
    ['NH_VA with a range that ends before B', va(0x12, { TG: 1, NUM: 23, SCALE: 1 }), without(/v7a1 A/)],
    ['NH_VA for tables of another page size', va(0x12, { TG: 3, TTL: 3 }), names],
    ['NH_VA for another level', va(0x12, { TG: 1, TTL: 2 }), names],
    ['NH_VA for this level', va(0x12, { TG: 1, TTL: 3 }), without(/v7a1 A/)],
    ['NH_VAA', vaa(), without(/v7a. A/)],
    ['NH_VAA with a range', vaa({ TG: 1, NUM: 0, SCALE: 7 }), without(/v7/).concat(['v7s2 A', 'v7s2 B'])],
    ['S2_IPA, which does not include those with stage 1', ipa(), without(/v7s2 A/)],
    ['S2_IPA with a range', ipa({ TG: 1, NUM: 31, SCALE: 1 }), without(/v7s2/)],
    ['S12_VMALL', { Opcode: 0x28, VMID: 7 }, without(/v7/)],
    ['NSNH_ALL', NSNH_ALL, []],
  ])('%s', (_name, command, left) => {
    const { guest } = machine;
    const { root } = machine.steNested(streams.v7a1, { cd: { ASID: 1 } });
    machine.steNested(streams.v7a2, { cd: { ASID: 2, TTB0: root } });
    machine.steNested(streams.v8a1, { ste: { S2VMID: 8 }, cd: { ASID: 1, TTB0: root } });
    machine.steStage2(streams.v7s2);
    machine.steStage2(streams.v8s2, { S2VMID: 8 });
    for (const address of [A, B]) {
      guest.map(root, address, page(99));
      guest.stage2.map(address, 99);
    }
    guest.map(root, GLOBAL, page(99), { global: true });
    const survivors = (): string[] =>
      all.filter((transaction) => machine.where(transaction) === page(99)).map(({ name }) => name);
    expect(survivors()).toEqual(names);
    // From here on only cached translations and descriptors remain.
    guest.stage2.unmap(RAM, 1024);
    guest.stage2.unmap(A);
    guest.stage2.unmap(B);
    expect(survivors()).toEqual(names);
    machine.command(command);
    expect(survivors().sort()).toEqual([...left].sort());
  });

  test('ignores VMIDs for stage 1 without stage 2 support', () => {
    const alone = new Machine(smmuv3Config({ sidBits: 8, stage2: false }));
    const { memory } = alone;
    const table = memory.alloc(4096);
    const target = memory.alloc(4096);
    const context = memory.alloc(64);
    const view = new DataView(table.bytes.buffer);
    context.bytes.set(contextDescriptor({ T0SZ: 39, TTB0: table.address }));
    // 25 bits: the first table is at level 2.
    view.setBigUint64(0, leafOf(target.address & ~0x1f_ffffn, { level: 2 }), true);
    alone.ste(1, { Config: smmuv3_ste_config.S1_TRANSLATE, S1ContextPtr: context.address, S2VMID: 5 });
    const address = target.address & 0x1f_ffffn;
    expect(alone.translate({ address }).kind).toBe('place');
    view.setBigUint64(0, 0n, true);
    expect(alone.translate({ address }).kind).toBe('place');
    alone.command({ Opcode: 0x11, VMID: 0, ASID: 1 });
    expect(alone.translate({ address }).kind).toBe('abort');
  });

  test('invalidates a block by any address in it, although only the accessed pages are cached', () => {
    const { guest } = machine;
    const { root } = machine.steNested(1);
    guest.map(root, 0x20_0000n, RAM, { level: 2 });
    const addresses = [0x20_0000n, 0x20_5000n, 0x3f_f000n];
    const where = () => addresses.map((address) => machine.where({ address }));
    expect(where()).toEqual([RAM, RAM + 0x5000n, RAM + 0x1f_f000n]);
    guest.map(root, 0x20_0000n, RAM + 0x20_0000n, { level: 2 });
    expect(where()).toEqual([RAM, RAM + 0x5000n, RAM + 0x1f_f000n]);
    machine.command({ Opcode: 0x13, TG: 1, TTL: 3, VMID: 7, Address: 0x20_7000n });
    expect(where()).toEqual([RAM, RAM + 0x5000n, RAM + 0x1f_f000n]);
    machine.command({ Opcode: 0x13, TG: 1, TTL: 2, VMID: 7, Address: 0x20_7000n });
    expect(where()).toEqual([RAM + 0x20_0000n, RAM + 0x20_5000n, RAM + 0x3f_f000n]);
  });

  test('caches permissions but not faults', () => {
    const { guest } = machine;
    const { root } = machine.steNested(1);
    expect(machine.where({ address: VA })).toBe('abort');
    guest.map(root, VA, page(99), { ap: 3 });
    expect(machine.where({ address: VA })).toBe(page(99));
    guest.map(root, VA, page(99), { ap: 1 });
    expect(machine.where({ address: VA, write: true })).toBe('abort');
    machine.command({ Opcode: 0x12, VMID: 7, ASID: 1, Address: VA });
    expect(machine.where({ address: VA, write: true })).toBe(page(99));
    // The same for stage 2.
    guest.stage2.map(page(99), 99, 1, true, false);
    expect(machine.where({ address: VA, write: true })).toBe(page(99));
    machine.command({ Opcode: 0x28, VMID: 7 });
    expect(machine.where({ address: VA, write: true })).toBe('abort');
    guest.stage2.map(page(99), 99);
    expect(machine.where({ address: VA, write: true })).toBe(page(99));
    const [, stage1, stage2] = machine.takeEvents().map((event) => ('S2' in event ? event.S2 : event));
    expect([stage1, stage2]).toEqual([0, 1]);
  });

  test('is shared by streams with the same VMID and ASID', () => {
    const { guest } = machine;
    const { root } = machine.steNested(1);
    machine.steNested(2);
    guest.map(root, VA, page(99));
    expect(machine.where({ streamId: 2, address: VA })).toBe('abort');
    expect(machine.where({ streamId: 1, address: VA })).toBe(page(99));
    expect(machine.where({ streamId: 2, address: VA })).toBe(page(99));
  });

  test('returns the same place as the walk', () => {
    const { guest } = machine;
    const { root } = machine.steNested(1);
    guest.map(root, VA, page(99));
    for (const offset of [0n, 8n]) {
      const outcome = machine.translate({ address: VA + offset, write: true });
      if (outcome.kind !== 'place') throw new Error(outcome.kind);
      expect(outcome.place.byte).toBe(99 * 4096 + Number(offset));
      expect(outcome.place.length).toBe(4096 - Number(offset));
    }
  });

  test('evicts the oldest entry when it is full', () => {
    const { guest } = machine;
    machine.steStage2(1);
    guest.stage2.map(0n, 0, 1);
    for (let i = 1; i <= 4096; i++) guest.stage2.map(BigInt(i) << 12n, 99);
    expect(machine.where({ address: 0n })).toBe(RAM);
    for (let i = 1; i <= 4095; i++) machine.where({ address: BigInt(i) << 12n });
    guest.stage2.unmap(0n, 5000);
    expect(machine.where({ address: 0n })).toBe(RAM);
    guest.stage2.map(4096n << 12n, 99);
    machine.where({ address: 4096n << 12n });
    expect(machine.where({ address: 0n })).toBe('abort');
    expect(machine.where({ address: 0x1000n })).toBe(page(99));
  });

  test('keeps global pages per ASID with the departure of an emulator', () => {
    for (const ignoresGlobalPages of [false, true]) {
      machine = new Machine(smmuv3Config({ sidBits: 8, departures: { ignoresGlobalPages } }));
      const { guest } = machine;
      const { root } = machine.steNested(1);
      guest.map(root, VA, page(99), { global: true });
      expect(machine.where({ address: VA })).toBe(page(99));
      guest.write64(guest.slot(root, VA), 0n);
      machine.command({ Opcode: 0x12, VMID: 7, ASID: 2, Address: VA });
      expect(machine.where({ address: VA })).toBe(ignoresGlobalPages ? page(99) : 'abort');
      machine.command({ Opcode: 0x11, VMID: 7, ASID: 1 });
      expect(machine.where({ address: VA })).toBe('abort');
    }
  });

  test('keeps the place of the first stage 1 table with the context descriptor of an emulator', () => {
    for (const keepsFirstTable of [false, true]) {
      machine = new Machine(smmuv3Config({ sidBits: 8, departures: { keepsFirstTable } }));
      const { guest } = machine;
      const { root, context } = machine.steNested(1);
      guest.map(root, VA, page(99));
      expect(machine.where({ address: VA })).toBe(page(99));
      guest.stage2.unmap(root);
      machine.command({ Opcode: 0x28, VMID: 7 });
      expect(machine.where({ address: VA })).toBe(keepsFirstTable ? page(99) : 'abort');
      machine.command({ Opcode: 0x28, VMID: 7 }, cfgiCd(1));
      expect(machine.where({ address: VA })).toBe('abort');
      expect(machine.takeEvents().at(-1)).toMatchObject({ EventNumber: 0x10, S2: 1, CLASS: 1, IPA: root });
      guest.write(context, contextDescriptor({ EPD0: 1, TTB0: root }));
      machine.command(cfgiCd(1));
      expect(machine.where({ address: VA })).toBe('abort');
      expect(machine.takeEvents().at(-1)).toMatchObject({ EventNumber: 0x10, S2: 0, CLASS: 2 });
    }
  });
});
