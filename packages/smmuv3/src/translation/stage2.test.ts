import { beforeEach, describe, expect, test } from '@jest/globals';
import { contextDescriptor, leafOf } from '@iommufd/testkit/guest';
import {
  smmuv3_event,
  smmuv3_event_class,
  smmuv3_granule,
  type smmuv3_ste,
  smmuv3_ste_config,
} from '@iommufd/uapi';
import type { Decoded } from '@iommufd/uapi/struct';
import fc from 'fast-check';
import { type Smmuv3Config, smmuv3Config } from '../config.js';
import { Machine } from '../machine.testing.js';
import type { Block } from '../memory.testing.js';
import type { StreamTransaction } from '../stream-transaction.js';

const { cases } = smmuv3_event;

const [idr0, idr1, idr2, idr3, idr4, idr5] = smmuv3Config({ sidBits: 8 }).idr;
/** Pages of all sizes, tables of both byte orders, execute-never for each privilege (XNX), addresses of 44 bits. */
const config: Smmuv3Config = {
  ...smmuv3Config({ sidBits: 8 }),
  idr: [idr0 & ~(3 << 21), idr1, idr2, idr3 | (1 << 4), idr4, idr5 | (7 << 4)],
};

/** The format of stage 2: width of an IPA, base 2 logarithm of the page size, the start level from S2SL0. */
interface Shape {
  readonly bits: number;
  readonly granule: 12 | 14 | 16;
  readonly start: number;
  /** True if descriptors have addresses of 52 bits. */
  readonly wide?: boolean;
}

const wideConfig = smmuv3Config({
  sidBits: 8,
  addressBits: 52,
  granules: ['4KB', '16KB', '64KB'],
  largeAddresses: true,
});

/** An address as encoded in a descriptor. */
function coded(address: bigint, { granule, wide = false }: Shape): bigint {
  if (!wide) return address;
  const low = address & 0xffff_ffff_ffffn;
  if (granule === 16) return low | ((address >> 48n) << 12n);
  return low | (address & (3n << 48n)) | ((address >> 50n) << 8n);
}

const TG = {
  12: smmuv3_granule.GRANULE_4KB,
  14: smmuv3_granule.GRANULE_16KB,
  16: smmuv3_granule.GRANULE_64KB,
} as const;
const DEFAULT: Shape = { bits: 40, granule: 12, start: 1 };

/** S2AP: reads and writes; AF. */
const PAGE = (3n << 6n) | (1n << 10n);

let machine: Machine;

beforeEach(() => {
  machine = new Machine(config);
});

/** Stage 2 tables in memory, allocated as addresses are mapped. */
class Stage2Tables {
  readonly root: Block;
  private readonly tables = new Map<bigint, Block>();

  constructor(readonly shape: Shape) {
    this.root = machine.memory.alloc(8 << this.indexBits(shape.start), 8 << this.indexBits(shape.start));
    this.tables.set(this.root.address, this.root);
  }

  /** Number of index bits of a level. The first level has concatenated tables if one table is too small. */
  private indexBits(level: number): number {
    const { bits, granule, start } = this.shape;
    return level === start ? bits - granule - (3 - start) * (granule - 3) : granule - 3;
  }

  /** The location of the descriptor of an IPA, in a table of a level. */
  slot(ipa: bigint, level = 3): { readonly view: DataView; readonly address: bigint } {
    const { granule, start } = this.shape;
    let table = this.root;
    for (let at = start; ; at++) {
      const shift = granule + (3 - at) * (granule - 3);
      const offset = Number(BigInt.asUintN(this.indexBits(at), ipa >> BigInt(shift))) * 8;
      const view = new DataView(table.bytes.buffer, offset, 8);
      if (at === level) return { view, address: table.address + BigInt(offset) };
      if (view.getBigUint64(0, true) === 0n) {
        const next = machine.memory.alloc(1 << granule, 1 << granule);
        this.tables.set(next.address, next);
        view.setBigUint64(0, next.address | 3n, true);
      }
      const next = this.tables.get(view.getBigUint64(0, true) & ~0xfffn);
      if (next === undefined) throw new Error('the descriptor leads to no table');
      table = next;
    }
  }

  map(ipa: bigint, descriptor: bigint, level = 3): void {
    this.slot(ipa, level).view.setBigUint64(0, descriptor | (level === 3 ? 3n : 1n), true);
  }

  /** The fields of an STE for these tables. */
  get ste() {
    const { bits, granule, start, wide = false } = this.shape;
    const S2SL0 = granule === 12 ? (start === 3 ? 3 : (2 - start) & 3) : 3 - start;
    const fields = { S2TTB: this.root.address, S2T0SZ: 64 - bits, S2TG: TG[granule] };
    const level = { S2SL0: start === -1 ? 0 : S2SL0, S2SL0_2: start === -1 ? 1 : 0 };
    return { ...machine.stage2Fields, ...fields, ...level, ...(wide ? { S2DS: 1, S2PS: 6 } : {}) };
  }
}

/** A stream with only stage 2. */
function stream(shape: Shape = DEFAULT, ste: Partial<Decoded<typeof smmuv3_ste>> = {}): Stage2Tables {
  const tables = new Stage2Tables(shape);
  machine.ste(1, { Config: smmuv3_ste_config.S2_TRANSLATE, ...tables.ste, ...ste });
  return tables;
}

/** The physical address of a transaction; its outcome if it fails. */
function go(address: bigint, transaction: Partial<StreamTransaction> = {}): bigint | string {
  const outcome = machine.translate({ address, ...transaction });
  if (outcome.kind !== 'place') return outcome.kind;
  const { bytes, byte } = outcome.place;
  const target = targets.find((block) => block.bytes === bytes);
  return target === undefined ? 'elsewhere' : target.address + BigInt(byte);
}

let targets: Block[] = [];
/** Memory for pages. @param wide at an address of 52 bits */
function target(size = 4096, wide = false): Block {
  const { memory } = machine;
  const block = wide
    ? memory.allocAt((0xbn << 48n) + BigInt(targets.length * size), size)
    : memory.alloc(size, size);
  targets.push(block);
  return block;
}

beforeEach(() => {
  targets = [];
});

const shapes: Shape[] = [
  { bits: 44, granule: 12, start: 0 },
  { bits: 40, granule: 12, start: 1 },
  { bits: 43, granule: 12, start: 1 },
  { bits: 32, granule: 12, start: 2 },
  { bits: 34, granule: 12, start: 2 },
  { bits: 25, granule: 12, start: 3 },
  { bits: 44, granule: 14, start: 1 },
  { bits: 40, granule: 14, start: 2 },
  { bits: 36, granule: 14, start: 2 },
  { bits: 29, granule: 14, start: 3 },
  { bits: 44, granule: 16, start: 1 },
  { bits: 42, granule: 16, start: 2 },
  { bits: 33, granule: 16, start: 3 },
  { bits: 52, granule: 12, start: -1, wide: true },
  { bits: 52, granule: 12, start: 0, wide: true },
  { bits: 40, granule: 12, start: 1, wide: true },
  { bits: 52, granule: 14, start: 0, wide: true },
  { bits: 51, granule: 14, start: 1, wide: true },
  { bits: 52, granule: 16, start: 1, wide: true },
];

test.each(shapes)(
  'IPAs of $bits bits in pages of 2^$granule bytes from level $start are translated to their mappings',
  (shape) => {
    const page = 1n << BigInt(shape.granule);
    const pages = fc.uniqueArray(fc.bigInt({ min: 0n, max: (1n << BigInt(shape.bits)) / page - 1n }), {
      minLength: 2,
      maxLength: 6,
    });
    fc.assert(
      fc.property(pages, fc.nat((1 << shape.granule) - 1), (mapped, offset) => {
        const { wide = false } = shape;
        machine = new Machine(wide ? wideConfig : config);
        targets = [];
        const tables = stream(shape);
        const [missing = 0n, ...others] = mapped;
        const blocks = others.map(() => target(1 << shape.granule, wide));
        for (const [i, { address }] of blocks.entries())
          tables.map((others[i] ?? 0n) * page, coded(address, shape) | PAGE);
        for (let i = 0; i < 2; i++)
          expect(others.map((at) => go(at * page + BigInt(offset)))).toEqual(
            blocks.map(({ address }) => address + BigInt(offset)),
          );
        expect(go(missing * page)).toBe('abort');
        expect(go(1n << BigInt(shape.bits))).toBe('abort');
        expect(machine.takeEvents()).toMatchObject([
          { EventNumber: cases.F_TRANSLATION.tag, S2: 1, CLASS: 2, IPA: missing * page },
          // Beyond the maximum address, stage 1 faults, although it is not enabled (3.4).
          {
            EventNumber: shape.bits === (wide ? 52 : 44) ? cases.F_ADDR_SIZE.tag : cases.F_TRANSLATION.tag,
            CLASS: 2,
          },
        ]);
      }),
      { seed: 7, numRuns: 20 },
    );
  },
);

const IPA = 0x80_1234_5000n;

test('a block is translated at an offset', () => {
  const tables = stream();
  const block = target(0x20_0000);
  tables.map(0x80_1220_0000n, block.address | PAGE, 2);
  expect(go(IPA + 0x10n)).toBe(block.address + 0x14_5010n);
});

describe('permissions', () => {
  const read = {};
  const write = { write: true };
  const fetch = { instruction: true };
  const fetchPrivileged = { instruction: true, privileged: true };
  test.each([
    ['S2AP = 0', 0n, []],
    ['S2AP = 1: reads', 1n << 6n, [read, fetch, fetchPrivileged]],
    ['S2AP = 2: writes', 2n << 6n, [write]],
    ['S2AP = 3', 3n << 6n, [read, write, fetch, fetchPrivileged]],
    ['XN = 1: execution unprivileged', (3n << 6n) | (1n << 53n), [read, write, fetch]],
    ['XN = 2: no execution', (3n << 6n) | (2n << 53n), [read, write]],
    ['XN = 3: execution privileged', (3n << 6n) | (3n << 53n), [read, write, fetchPrivileged]],
  ])('%s', (_name, attributes, allowed) => {
    const tables = stream();
    tables.map(IPA, target().address | attributes | (1n << 10n));
    const accesses: Partial<StreamTransaction>[] = [read, write, fetch, fetchPrivileged];
    expect(accesses.filter((access) => go(IPA, access) !== 'abort')).toEqual(allowed);
    const events = machine.takeEvents();
    expect(events).toHaveLength(accesses.length - allowed.length);
    for (const event of events)
      expect(event).toMatchObject({ EventNumber: cases.F_PERMISSION.tag, S2: 1, CLASS: 2, IPA });
  });

  test('ignore the lower bit of XN without XNX', () => {
    machine = new Machine(smmuv3Config({ sidBits: 8 }));
    for (const [xn, fetches] of [
      [1n, true],
      [3n, false],
    ] as const) {
      machine = new Machine(smmuv3Config({ sidBits: 8 }));
      targets = [];
      stream().map(IPA, target().address | PAGE | (xn << 53n));
      expect(go(IPA, fetch) !== 'abort').toBe(fetches);
    }
  });
});

describe('faults', () => {
  const fault = (EventNumber: number) => ({ EventNumber, S2: 1, CLASS: 2, IPA, InputAddr: IPA });

  test('include F_ACCESS, unless S2AFFD is 1', () => {
    stream().map(IPA, target().address | (3n << 6n));
    expect(go(IPA)).toBe('abort');
    expect(machine.takeEvents()).toMatchObject([fault(cases.F_ACCESS.tag)]);
    machine = new Machine(config);
    const page = target();
    stream(DEFAULT, { S2AFFD: 1 }).map(IPA, page.address | (3n << 6n));
    expect(go(IPA)).toBe(page.address);
  });

  test('include F_ADDR_SIZE, of a page and of a table', () => {
    for (const level of [3, 2]) {
      machine = new Machine(config);
      stream(DEFAULT, { S2PS: 0 })
        .slot(IPA, level)
        .view.setBigUint64(0, (1n << 32n) | PAGE | 3n, true);
      expect(go(IPA)).toBe('abort');
      expect(machine.takeEvents()).toMatchObject([fault(cases.F_ADDR_SIZE.tag)]);
    }
  });

  test('include F_WALK_EABT, with the address of the descriptor', () => {
    const tables = stream();
    tables.slot(IPA, 2).view.setBigUint64(0, 0x3_0000_0003n, true);
    expect(go(IPA)).toBe('abort');
    const FetchAddr = 0x3_0000_0000n + ((IPA >> 12n) & 511n) * 8n;
    expect(machine.takeEvents()).toMatchObject([
      { EventNumber: cases.F_WALK_EABT.tag, S2: 1, CLASS: 2, FetchAddr, InputAddr: IPA },
    ]);
  });

  test('include F_TRANSLATION for a block at a level without blocks', () => {
    stream({ bits: 44, granule: 12, start: 0 }).map(IPA, PAGE, 0);
    expect(go(IPA)).toBe('abort');
    expect(machine.takeEvents()).toMatchObject([fault(cases.F_TRANSLATION.tag)]);
  });

  test('do not include a page outside memory, which aborts without an event', () => {
    stream().map(IPA, 0x3_0000_0000n | PAGE);
    expect(go(IPA)).toBe('abort');
    expect(machine.takeEvents()).toEqual([]);
  });
});

describe('flags that hardware updates', () => {
  const AF = 1n << 10n;
  const DBM = 1n << 51n;
  const READS = 1n << 6n;
  const WRITES = 1n << 7n;
  const NONE = { S2HA: 0, S2HD: 0 };
  const ACCESS = { S2HA: 1, S2HD: 0 };
  const BOTH = { S2HA: 1, S2HD: 1 };
  const READ = {};
  const WRITE = { write: true };

  beforeEach(() => {
    const [low, ...others] = config.idr;
    machine = new Machine({ ...config, idr: [low | (2 << 6), ...others] });
  });

  test.each([
    ['a read sets AF', ACCESS, READ, READS, READS | AF],
    ['a read leaves a page clean', BOTH, READ, READS | DBM, READS | DBM | AF],
    ['a write to a clean page sets S2AP[1], and AF', BOTH, WRITE, READS | DBM, READS | WRITES | DBM | AF],
    ['a clean page need not be readable', BOTH, WRITE, DBM, WRITES | DBM | AF],
    ['without DBM a page is read-only', BOTH, WRITE, READS | AF, cases.F_PERMISSION.tag],
    ['and without S2HD', ACCESS, WRITE, READS | DBM | AF, cases.F_PERMISSION.tag],
    ['and without S2HA', { S2HA: 0, S2HD: 1 }, WRITE, READS | DBM | AF, cases.F_PERMISSION.tag],
    ['without S2HA an access to a page with AF = 0 faults', NONE, READ, READS, cases.F_ACCESS.tag],
  ] as const)('%s', (_name, ste, access, before, after) => {
    const tables = stream(DEFAULT, ste);
    const page = target();
    tables.map(IPA, page.address | before);
    const faults = typeof after === 'number';
    for (let i = 0; i < 2; i++) {
      expect(go(IPA, access)).toBe(faults ? 'abort' : page.address);
      expect(machine.takeEvents()).toMatchObject(faults ? [{ EventNumber: after, S2: 1, CLASS: 2 }] : []);
    }
    const now = tables.slot(IPA).view.getBigUint64(0, true);
    expect(now).toBe(page.address | (faults ? before : after) | 3n);
  });

  test('an update of a stage 1 descriptor marks its page dirty, and a read does not', () => {
    const tables = new Stage2Tables(DEFAULT);
    const context = machine.memory.alloc(4096);
    const table = machine.memory.alloc(4096);
    const page = target();
    const ipas = { context: 0x1000n, table: 0x2000n, page: 0x20_1000n };
    context.bytes.set(contextDescriptor({ T0SZ: 39, TTB0: ipas.table, HA: 1, HD: 1 }));
    const stage1 = new DataView(table.bytes.buffer);
    stage1.setBigUint64(0, leafOf(0x20_0000n, { level: 2, ap: 3 }) | DBM, true);
    machine.ste(1, {
      Config: smmuv3_ste_config.S1_S2_TRANSLATE,
      ...{ ...tables.ste, ...BOTH },
      S1ContextPtr: ipas.context,
    });
    tables.map(ipas.context, context.address | READS | DBM);
    tables.map(ipas.table, table.address | READS | DBM);
    tables.map(ipas.page, page.address | READS | DBM);
    const states = (): bigint[] =>
      Object.values(ipas).map((ipa) => tables.slot(ipa).view.getBigUint64(0, true) & (AF | WRITES));
    expect(go(0x1234n)).toBe(page.address + 0x234n);
    expect(states()).toEqual([AF, AF, AF]);
    expect(go(0x1234n, WRITE)).toBe(page.address + 0x234n);
    expect(states()).toEqual([AF, AF | WRITES, AF | WRITES]);
    expect(stage1.getBigUint64(0, true)).toBe(leafOf(0x20_0000n, { level: 2 }) | DBM);
  });
});

test('big-endian tables are read', () => {
  const tables = stream(DEFAULT, { S2ENDI: 1 });
  const page = target();
  tables.map(IPA, page.address | PAGE);
  const slots = [1, 2, 3].map((level) => tables.slot(IPA, level));
  for (const { view } of slots) view.setBigUint64(0, view.getBigUint64(0, true), false);
  expect(go(IPA)).toBe(page.address);
});

test('stage 2 translates the addresses of context descriptors and stage 1 tables', () => {
  const tables = new Stage2Tables(DEFAULT);
  const context = machine.memory.alloc(4096);
  const table = machine.memory.alloc(4096);
  const page = target();
  const ipas = { context: 0x1000n, table: 0x2000n, page: 0x20_1000n };
  context.bytes.set(contextDescriptor({ T0SZ: 39, TTB0: ipas.table }));
  new DataView(table.bytes.buffer).setBigUint64(0, leafOf(0x20_0000n, { level: 2 }), true);
  machine.ste(1, {
    Config: smmuv3_ste_config.S1_S2_TRANSLATE,
    ...tables.ste,
    S1ContextPtr: ipas.context,
  });
  const faults = (CLASS: number, IPA: bigint): void => {
    expect(go(0x1234n)).toBe('abort');
    expect(machine.takeEvents()).toMatchObject([{ EventNumber: cases.F_TRANSLATION.tag, S2: 1, CLASS, IPA }]);
  };
  const { CD: AT_CD, TT, IN } = smmuv3_event_class;
  faults(AT_CD, ipas.context);
  tables.map(ipas.context, context.address | PAGE);
  faults(TT, ipas.table);
  tables.map(ipas.table, table.address | PAGE);
  faults(IN, ipas.page);
  tables.map(ipas.page, page.address | PAGE);
  expect(go(0x1234n)).toBe(page.address + 0x234n);
});
