import { expect, test } from '@jest/globals';
import {
  cfgiCd,
  cfgiRange,
  cfgiSte,
  type Command,
  type CommandEntry,
  NSNH_ALL,
  SYNC,
} from '@iommufd/testkit/guest';
import { type AtcInvalidation, smmuv3Config } from '@iommufd/fakekernel';
import type { CommandName } from '@iommufd/smmuv3';
import {
  CMD_CFGI_ALL,
  encodeZeroFilled,
  smmuv3_command,
  smmuv3_l1cd,
  smmuv3_ste_config,
} from '@iommufd/uapi';
import { encode } from '@iommufd/uapi/struct';
import { BLOCKS, type Machine, type MachineOptions, onGoodAndBadDays, type Start } from './guest.testing.js';

const { cases } = smmuv3_command;

const A = 0x1000_0000n;
/** 32 pages after it. */
const B = A + 32n * 4096n;
const GLOBAL = 0x2000_0000n;
const BLOCK = 0x3000_0000n;
const STALE = 0x11;
const FRESH = 0x22;

/**
 * What can be stale: pages of ASID 1 (stream 5), of ASID 2 (stream 6), a global one, a block of 2 MiB; context
 * descriptors of stream 7, without a PASID, of PASID 1, and the first-level one that leads to that of PASID 64; the
 * entry of stream 8.
 */
const things = ['a1', 'b1', 'a2', 'global', 'block', 'cd', 'cd1', 'l1cd', 'ste'] as const;
type Thing = (typeof things)[number];

const places: Readonly<Record<Thing, readonly [vsid: number, address: bigint, pasid?: number]>> = {
  a1: [5, A],
  b1: [5, B],
  a2: [6, A],
  global: [5, GLOBAL],
  block: [5, BLOCK],
  cd: [7, A],
  cd1: [7, A, 1],
  l1cd: [7, A, 64],
  ste: [8, A],
};

const FOUR: MachineOptions['devices'] = [5, 6, 7, 8].map((vsid) => ({
  vsid,
  options: { streamId: 0x20 + vsid, pasidBits: 8, ats: vsid === 6 },
}));

/** Everything is cached, and has changed since without an invalidation. */
async function stale(start: Start, options: MachineOptions = {}): Promise<Machine> {
  const machine = start({ devices: FOUR, ...options });
  const old = machine.page(STALE);
  const young = machine.page(FRESH);
  const tables = (to: bigint): bigint => {
    const root = machine.ram.alloc();
    machine.tables.map(root, A, to);
    return root;
  };

  const first = machine.translate(5, { cd: { ASID: 1 } });
  const second = machine.translate(6, { cd: { ASID: 2 } });
  const mapAll = (to: bigint, block: bigint): void => {
    machine.tables.map(first.root, A, to);
    machine.tables.map(first.root, B, to);
    machine.tables.map(first.root, GLOBAL, to, { global: true });
    machine.tables.map(first.root, BLOCK, block, { level: 2 });
    machine.tables.map(second.root, A, to);
  };
  mapAll(old, BLOCKS[0]);
  machine.fill(BLOCKS[0], STALE);
  machine.fill(BLOCKS[1], FRESH);

  const third = machine.translate(7, { ste: { S1CDMax: 7, S1Fmt: 1, S1DSS: 2 } });
  const level2 = [machine.ram.alloc(), machine.ram.alloc(), machine.ram.alloc()] as const;
  const leadTo = (index: number, L2Ptr: bigint): void =>
    machine.ram.bytes(third.context + BigInt(8 * index), 8).set(encode(smmuv3_l1cd, { V: 1, L2Ptr }));
  leadTo(0, level2[0]);
  leadTo(1, level2[1]);
  machine.cd(level2[0], { TTB0: tables(old), ASID: 10 });
  machine.cd(level2[0] + 64n, { TTB0: tables(old), ASID: 11 });
  machine.cd(level2[1], { TTB0: tables(old), ASID: 12 });
  machine.cd(level2[2], { TTB0: tables(young), ASID: 13 });

  const fourth = machine.translate(8, { cd: { ASID: 20 } });
  machine.tables.map(fourth.root, A, old);

  expect(await staleOf(machine)).toEqual(things);

  mapAll(young, BLOCKS[1]);
  machine.cd(level2[0], { TTB0: tables(young), ASID: 14 });
  machine.cd(level2[0] + 64n, { TTB0: tables(young), ASID: 15 });
  leadTo(1, level2[2]);
  const other = machine.ram.alloc();
  machine.cd(other, { TTB0: tables(young), ASID: 21 });
  machine.ste(8, { Config: smmuv3_ste_config.S1_TRANSLATE, S1ContextPtr: other });

  expect(await staleOf(machine)).toEqual(things);
  return machine;
}

async function staleOf(machine: Machine): Promise<Thing[]> {
  const found: Thing[] = [];
  for (const thing of things) {
    const outcome = await machine.read(...places[thing]);
    if (outcome === STALE) found.push(thing);
    else if (outcome !== FRESH) throw new Error(`${thing} is ${outcome}`);
  }
  return found;
}

const freshOf = async (machine: Machine): Promise<Thing[]> => {
  const left = await staleOf(machine);
  return things.filter((thing) => !left.includes(thing));
};

type Range = Partial<Record<'NUM' | 'SCALE' | 'Leaf' | 'TTL128' | 'TTL' | 'TG', number>>;
const va = (ASID: number, Address: bigint, range: Range = {}): Command => ({
  Opcode: 0x12,
  ASID,
  Address,
  ...range,
});
const vaa = (Address: bigint, range: Range = {}): Command => ({ Opcode: 0x13, Address, ...range });
const atc = (Address: bigint, Size: number, fields: object = {}) =>
  ({ Opcode: 0x40, StreamID: 6, Size, Address, ...fields }) as const;
const response = (Resp: number): Command => ({ Opcode: 0x41, StreamID: 6, PRGIndex: 3, Resp });
/** Fields that are all zero. */
const plain = (name: CommandName, word1 = 0n): readonly [bigint, bigint] => [BigInt(cases[name].tag), word1];

const ALL_CDS = ['cd', 'cd1', 'l1cd'] as const;
const ALL_TLB = ['a1', 'b1', 'a2', 'global', 'block'] as const;
const WITH_ATS = { ids: { ats: true } } as const;
const WITH_PRI = { ids: { ats: true, pri: true } } as const;

interface Row {
  readonly command: CommandEntry;
  readonly machine?: MachineOptions;
  /** The entries that are read anew after it; `illegal`: CERROR_ILL, and none. */
  readonly then: readonly Thing[] | 'illegal';
  /** Interrupts of the command. */
  readonly interrupts?: readonly string[];
}
const row = (command: CommandEntry, ...then: readonly Thing[]): Row => ({ command, then });
const illegal = (command: CommandEntry, machine?: MachineOptions): Row => ({
  command,
  then: 'illegal',
  ...(machine && { machine }),
});

/** Every command, and its effect. */
const rows: { readonly [C in CommandName]: Readonly<Record<string, Row>> } = {
  CMD_PREFETCH_CONFIG: {
    'is a hint': row({ Opcode: 0x01, StreamID: 7 }),
    'with a PASID': row({ Opcode: 0x01, SSV: 1, SubstreamID: 1, StreamID: 7 }),
    'SSec=1': illegal({ Opcode: 0x01, SSec: 1, StreamID: 7 }),
  },
  CMD_PREFETCH_ADDR: {
    'is a hint': row({ Opcode: 0x02, StreamID: 5, Size: 0, Stride: 0, NS: 0, Address: A }),
    'SSec=1': illegal({
      Opcode: 0x02,
      SSec: 1,
      StreamID: 5,
      Size: 0,
      Stride: 0,
      NS: 0,
      Address: A,
    }),
  },
  CMD_CFGI_STE: {
    'of a changed entry': row(cfgiSte(8), 'ste'),
    'and its first-level descriptor': row(cfgiSte(8, 0), 'ste'),
    'of an entry that is as it was: what hangs on it goes': row(cfgiSte(7), ...ALL_CDS),
    'of a stream of which nothing has changed': row(cfgiSte(5)),
    'of a stream without a device': row(cfgiSte(33)),
    'of a stream beyond the table': row(cfgiSte(0xffff_ffff)),
    'SSec=1': illegal({ Opcode: 0x03, SSec: 1, StreamID: 8, Leaf: 1 }),
  },
  CMD_CFGI_STE_RANGE: {
    'two streams: 6 and 7': row(cfgiRange(7, 0), ...ALL_CDS),
    'two streams: 8 and 9, by the other': row(cfgiRange(9, 0), 'ste'),
    'four: 4 to 7': row(cfgiRange(4, 1), ...ALL_CDS),
    'eight: 8 to 15': row(cfgiRange(15, 2), 'ste'),
    'sixteen: 0 to 15': row(cfgiRange(3, 3), ...ALL_CDS, 'ste'),
    'sixteen: 16 to 31': row(cfgiRange(16, 3)),
    CMD_CFGI_ALL: row(CMD_CFGI_ALL, ...ALL_CDS, 'ste'),
    'CMD_CFGI_ALL with a StreamID, which does not count': row(cfgiRange(0xdead_beef, 31), ...ALL_CDS, 'ste'),
    'SSec=1': illegal({ Opcode: 0x04, SSec: 1, StreamID: 8, Range: 31 }),
  },
  CMD_CFGI_CD: {
    'of no PASID': row(cfgiCd(7, 0, 1), 'cd'),
    'and its first-level descriptor': row(cfgiCd(7, 0, 0), 'cd'),
    'of PASID 1': row(cfgiCd(7, 1, 1), 'cd1'),
    'of PASID 64 without the first level': row(cfgiCd(7, 64, 1)),
    'of PASID 64 with the first level': row(cfgiCd(7, 64, 0), 'l1cd'),
    'where it has not changed': row(cfgiCd(8, 0, 0)),
    'of a stream without a device': row(cfgiCd(33, 0, 0)),
    'SSec=1': illegal({ Opcode: 0x05, SSec: 1, StreamID: 7, SubstreamID: 0, Leaf: 0 }),
  },
  CMD_CFGI_CD_ALL: {
    'of a stream': row({ Opcode: 0x06, StreamID: 7 }, ...ALL_CDS),
    'of another': row({ Opcode: 0x06, StreamID: 8 }),
    'of a stream without a device': row({ Opcode: 0x06, StreamID: 33 }),
    'SSec=1': illegal({ Opcode: 0x06, SSec: 1, StreamID: 7 }),
  },
  CMD_CFGI_VMS_PIDM: { 'without MPAM': illegal(plain('CMD_CFGI_VMS_PIDM')) },
  CMD_TLBI_NH_ALL: {
    all: row({ Opcode: 0x10, VMID: 0 }, ...ALL_TLB),
    'with a VMID, which is not the guest’s to choose': row({ Opcode: 0x10, VMID: 0x55 }, ...ALL_TLB),
    'a reserved bit': illegal(plain('CMD_TLBI_NH_ALL', 1n)),
  },
  CMD_TLBI_NH_ASID: {
    'ASID 1: global pages stay': row({ Opcode: 0x11, VMID: 0, ASID: 1 }, 'a1', 'b1', 'block'),
    'ASID 2': row({ Opcode: 0x11, VMID: 7, ASID: 2 }, 'a2'),
    'an unused ASID': row({ Opcode: 0x11, VMID: 0, ASID: 0xffff }),
    'a reserved bit': illegal(plain('CMD_TLBI_NH_ASID', 1n << 12n)),
  },
  CMD_TLBI_NH_VA: {
    'a page of ASID 1': row(va(1, A), 'a1'),
    'a page of ASID 2': row(va(2, A), 'a2'),
    'of an unused ASID': row(va(3, A)),
    'another page': row(va(1, B), 'b1'),
    'an unused page': row(va(1, A + 0x1000n)),
    'a page, last level only': row(va(1, A, { Leaf: 1 }), 'a1'),
    'a global page': row(va(1, GLOBAL), 'global'),
    'a global page by another ASID': row(va(2, GLOBAL), 'global'),
    'a block by its first page': row(va(1, BLOCK), 'block'),
    'a block by its last page': row(va(1, BLOCK + 0x1f_f000n), 'block'),
    'behind a block': row(va(1, BLOCK + 0x20_0000n)),
    'a range of 32 pages': row(va(1, A, { TG: 1, NUM: 31 }), 'a1'),
    'a range of 32 pages by its scale': row(va(1, A, { TG: 1, SCALE: 5 }), 'a1'),
    'a range of 33 pages is 34': row(va(1, A, { TG: 1, NUM: 16, SCALE: 1 }), 'a1', 'b1'),
    'a range of 64 pages': row(va(1, A, { TG: 1, NUM: 31, SCALE: 1 }), 'a1', 'b1'),
    'a range that begins between': row(va(1, A + 0x1000n, { TG: 1, NUM: 31 }), 'b1'),
    'a range that ends before': row(va(1, A + 0x1000n, { TG: 1, NUM: 30 })),
    'a range into a block': row(va(1, BLOCK - 0x1000n, { TG: 1, NUM: 1 }), 'block'),
    'the longest range of ASID 1': row(
      va(1, 0n, { TG: 1, NUM: 31, SCALE: 31 }),
      'a1',
      'b1',
      'global',
      'block',
    ),
    'a hint of level 3': row(va(1, A, { TG: 1, TTL: 3 }), 'a1'),
    'a hint of level 2 for a block': row(va(1, BLOCK, { TG: 1, TTL: 2 }), 'block'),
    'a hint that is wrong': row(va(1, A, { TG: 1, TTL: 2 })),
    'a range of 64 KB pages, which there are not': row(va(1, A, { TG: 3, NUM: 1 })),
    'a range without a granule': illegal(va(1, A, { NUM: 1 })),
    'a scale without a granule': illegal(va(1, A, { SCALE: 1 })),
    'a hint without a granule': illegal(va(1, A, { TTL: 3 })),
    'a granule alone': illegal(va(1, A, { TG: 1 })),
    'level 1 of 16 KB pages': illegal(va(1, A, { TG: 2, NUM: 1, TTL: 1 })),
    'a scale of 6 bits': illegal(va(1, A, { TG: 1, SCALE: 32 })),
    TTL128: illegal(va(1, A, { TG: 1, TTL: 3, TTL128: 1 })),
    'a range where there are none': illegal(va(1, A, { TG: 1, NUM: 1 }), {
      config: smmuv3Config({ rangeInvalidation: false }),
    }),
  },
  CMD_TLBI_NH_VAA: {
    'a page of every ASID': row(vaa(A), 'a1', 'a2'),
    'a global page': row(vaa(GLOBAL, { Leaf: 1 }), 'global'),
    'a block': row(vaa(BLOCK + 0x1000n), 'block'),
    'a range of 64 pages': row(vaa(A, { TG: 1, NUM: 31, SCALE: 1 }), 'a1', 'b1', 'a2'),
    'the longest range': row(vaa(0n, { TG: 1, NUM: 31, SCALE: 31 }), ...ALL_TLB),
    'a hint of level 2': row(vaa(0n, { TG: 1, NUM: 31, SCALE: 31, TTL: 2 }), 'block'),
    'an ASID is reserved': illegal([0x13n | (1n << 48n), A]),
    'a granule alone': illegal(vaa(A, { TG: 1 })),
  },
  CMD_TLBI_EL3_ALL: { 'of the Secure queue': illegal(plain('CMD_TLBI_EL3_ALL')) },
  CMD_TLBI_EL3_VA: { 'of the Secure queue': illegal(plain('CMD_TLBI_EL3_VA')) },
  CMD_TLBI_EL2_ALL: { 'without EL2': illegal(plain('CMD_TLBI_EL2_ALL')) },
  CMD_TLBI_EL2_ASID: { 'without EL2': illegal(plain('CMD_TLBI_EL2_ASID')) },
  CMD_TLBI_EL2_VA: { 'without EL2': illegal(plain('CMD_TLBI_EL2_VA')) },
  CMD_TLBI_EL2_VAA: { 'without EL2': illegal(plain('CMD_TLBI_EL2_VAA')) },
  CMD_TLBI_S12_VMALL: { 'without stage 2': illegal(plain('CMD_TLBI_S12_VMALL')) },
  CMD_TLBI_S2_IPA: { 'without stage 2': illegal(plain('CMD_TLBI_S2_IPA')) },
  CMD_TLBI_NSNH_ALL: {
    all: row(NSNH_ALL, ...ALL_TLB),
    'a VMID is reserved': illegal([0x30n | (1n << 32n), 0n]),
  },
  CMD_ATC_INV: {
    'without ATS': illegal(atc(A, 0)),
    'drops nothing of the SMMU’s': { ...row(atc(A, 0)), machine: WITH_ATS },
    'of a stream without a device': { ...row(atc(A, 0, { StreamID: 33 })), machine: WITH_ATS },
    'of a device without ATS': { ...row(atc(A, 0, { StreamID: 5 })), machine: WITH_ATS },
  },
  CMD_PRI_RESP: {
    'without PRI': illegal(response(2)),
    'without PRI, but ATS': illegal(response(2), WITH_ATS),
    success: { ...row(response(2)), machine: WITH_PRI },
    failure: { ...row(response(0)), machine: WITH_PRI },
    'a reserved answer': illegal(response(3), WITH_PRI),
  },
  CMD_RESUME: {
    'nothing stalls': illegal({ Opcode: 0x44, StreamID: 5, Action: 1, Abort: 0, STAG: 0 }),
  },
  CMD_STALL_TERM: { 'nothing stalls': illegal({ Opcode: 0x45, StreamID: 5 }) },
  CMD_SYNC: {
    'without a completion signal': row(SYNC),
    'by an interrupt': { ...row({ ...SYNC, CS: 1 }), interrupts: ['sync'] },
    'by an MSI, which there is not: the line': {
      ...row({ ...SYNC, CS: 1, MSIAddress: 0x4000_8000n, MSIData: 7 }),
      interrupts: ['sync'],
    },
    'by an event, which there is not': row({ ...SYNC, CS: 2 }),
    'CS=3': illegal({ ...SYNC, CS: 3 }),
  },
  CMD_TLBI_S_EL2_ALL: { 'of the Secure queue': illegal(plain('CMD_TLBI_S_EL2_ALL')) },
  CMD_TLBI_S_EL2_ASID: { 'of the Secure queue': illegal(plain('CMD_TLBI_S_EL2_ASID')) },
  CMD_TLBI_S_EL2_VA: { 'of the Secure queue': illegal(plain('CMD_TLBI_S_EL2_VA')) },
  CMD_TLBI_S_EL2_VAA: { 'of the Secure queue': illegal(plain('CMD_TLBI_S_EL2_VAA')) },
  CMD_TLBI_S_S12_VMALL: { 'of the Secure queue': illegal(plain('CMD_TLBI_S_S12_VMALL')) },
  CMD_TLBI_S_S2_IPA: { 'of the Secure queue': illegal(plain('CMD_TLBI_S_S2_IPA')) },
  CMD_TLBI_SNH_ALL: { 'of the Secure queue': illegal(plain('CMD_TLBI_SNH_ALL')) },
  CMD_DPTI_ALL: { 'without a device permission table': illegal(plain('CMD_DPTI_ALL')) },
  CMD_DPTI_PA: { 'without a device permission table': illegal(plain('CMD_DPTI_PA')) },
};

const table = Object.entries(rows).flatMap(([name, ofName]) =>
  Object.entries(ofName).map(([what, made]) => [name, what, made] as const),
);

/** The unassigned and implementation defined opcodes. */
const known = new Set<number>(Object.values(cases).map(({ tag }) => tag));
const unknown = Array.from({ length: 256 }, (_, opcode) => opcode).filter((opcode) => !known.has(opcode));

onGoodAndBadDays((start) => {
  test.each(table)('%s: %s', async (_name, _what, { command, machine: options, then, interrupts = [] }) => {
    const machine = await stale(start, options);
    machine.interrupts();
    expect(machine.accepts(command)).toBe(then !== 'illegal');
    expect(machine.interrupts()).toEqual(then === 'illegal' ? ['gerror'] : interrupts);
    expect(await freshOf(machine)).toEqual(then === 'illegal' ? [] : then);
    expect(machine.events()).toEqual([]);
    expect(machine.messages()).not.toContain('error');
  });

  test('all unassigned opcodes are illegal', async () => {
    const machine = await stale(start);
    const accepted = unknown.filter((opcode) => machine.accepts([BigInt(opcode), 0n]));
    expect(unknown).toHaveLength(256 - Object.keys(rows).length);
    expect(accepted).toEqual([]);
    expect(await freshOf(machine)).toEqual([]);
  });

  const invalidations: readonly (readonly [string, Command, Partial<AtcInvalidation>])[] = [
    ['one page', atc(0x5000n, 0), { address: 0x5000n, size: 0 }],
    ['a range, aligned to its size', atc(0xf000n, 3), { address: 0x8000n, size: 3 }],
    ['all addresses', atc(0x5000n, 52), { address: 0n, size: 52 }],
    ['of a PASID', atc(0n, 52, { SSV: 1, SubstreamID: 9 }), { substreamId: 9, size: 52, address: 0n }],
    [
      'of all PASIDs',
      atc(0n, 0, { SSV: 1, SubstreamID: 9, Global: 1 }),
      { substreamId: 9, global: true, size: 0, address: 0n },
    ],
  ];
  test.each(invalidations)('CMD_ATC_INV reaches the device: %s', (_what, command, expected) => {
    const machine = start({ devices: FOUR, ...WITH_ATS });
    const seen: AtcInvalidation[] = [];
    machine.device(6).onAtcInvalidate = (invalidation) => void seen.push(invalidation);
    expect(machine.accepts(command)).toBe(true);
    expect(seen).toEqual([{ streamId: 0x26, substreamId: undefined, global: false, ...expected }]);
  });

  test('a guest cannot invalidate the caches of another guest', async () => {
    const first = await stale(start);
    first.host.add(9, { streamId: 0x29 });
    const second = start({ host: first.host, uses: [9] });
    const { root } = second.translate(9, { cd: { ASID: 1 } });
    second.tables.map(root, A, second.page(0x77));
    expect(await second.read(9, A)).toBe(0x77);
    second.tables.map(root, A, second.page(0x78));
    for (const command of [NSNH_ALL, va(1, A), vaa(A), cfgiSte(9), cfgiRange(0, 31)] as const)
      expect(first.accepts(command)).toBe(true);
    expect(await second.read(9, A)).toBe(0x77);
    second.issue(NSNH_ALL, cfgiRange(0, 31), SYNC);
    expect(await second.read(9, A)).toBe(0x78);
  });
});

test('the tables are complete', () => {
  expect(encodeZeroFilled(smmuv3_l1cd, { V: 1 })).toHaveLength(8);
  const fresh = new Set(table.flatMap(([, , { then }]) => (then === 'illegal' ? [] : then)));
  expect([...fresh].sort()).toEqual([...things].sort());
});
