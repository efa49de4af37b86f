import { expect, test } from '@jest/globals';
import { smmuv3_event, smmuv3_granule } from '@iommufd/uapi';
import fc from 'fast-check';
import { smmuv3Config, type Smmuv3Config } from '../config.js';
import { type Guest, Machine, RAM } from '../machine.testing.js';

const { cases } = smmuv3_event;

/** The result of a walk: the event, with its stage 2 fields, or the output IPA. */
type Outcome =
  | { readonly ipa: bigint }
  | {
      readonly event: number;
      readonly s2: number;
      readonly class: number;
      readonly at: bigint;
      /** For F_PERMISSION: TTRnW. */
      readonly reads: number;
    };

/** The format of the tables of a run: page size, width of addresses, and the choice of descriptors. */
interface Shape {
  readonly bits: number;
  readonly size: number;
  readonly TG0: number;
  /** Do descriptors have addresses of 52 bits? */
  readonly wide: boolean;
}

/** The hardware updates of the tables: CD.HA and CD.HD. */
interface Updates {
  readonly HA: number;
  readonly HD: number;
}

interface Query {
  readonly address: bigint;
  readonly write: boolean;
  readonly instruction: boolean;
  readonly privileged: boolean;
}

/** CD.IPS and the width that it selects, for tables whose descriptors have 48-bit addresses and for others. */
const NARROW = { IPS: 1, bits: 36n, stage2: 44n };
const WIDE = { IPS: 6, bits: 52n, stage2: 52n };
/** Further IPAs of the guest's memory, for wide tables: they use each of the bits from 48. */
const ALIASES = [0xbn << 48n, 0x4n << 48n];

/** An address as encoded in a descriptor. */
function encode(address: bigint, { size, wide }: Shape): bigint {
  if (!wide) return address;
  const low = address % 2n ** 48n;
  if (size === 16) return low + (address / 2n ** 48n) * 2n ** 12n;
  return low + ((address / 2n ** 48n) % 4n) * 2n ** 48n + (address / 2n ** 50n) * 2n ** 8n;
}

/** The bits from 48 on of the address in a descriptor. */
function highBits(descriptor: bigint, { size, wide }: Shape): bigint {
  if (!wide) return 0n;
  if (size === 16) return ((descriptor / 2n ** 12n) % 16n) * 2n ** 48n;
  return ((descriptor / 2n ** 48n) % 4n) * 2n ** 48n + ((descriptor / 2n ** 8n) % 4n) * 2n ** 50n;
}

/**
 * A slow and simple reference walk, independent of the code under test. It follows the text of Arm DDI 0487, D8.2 to
 * D8.5: one level after the other, by division. It updates flags as hardware does.
 */
function reference(guest: Guest, root: bigint, shape: Shape, { HA, HD }: Updates, query: Query): Outcome {
  const { bits, size, wide } = shape;
  const limits = wide ? WIDE : NARROW;
  // With wide descriptors there are blocks at one more level.
  const firstBlock = (size === 12 ? 1 : 2) - (wide ? 1 : 0);
  const { address } = query;
  const translation = { event: cases.F_TRANSLATION.tag, s2: 0, class: 2, at: 0n, reads: 0 };
  if (address >= 2n ** BigInt(bits)) return translation;
  const perLevel = size - 3;
  // Index bits of each level, from the last one up.
  const widths: number[] = [];
  for (let left = bits - size; left > 0; left -= perLevel) widths.unshift(Math.min(left, perLevel));
  let table = root;
  let unprivilegedOpen = true;
  let writable = true;
  let unprivilegedRuns = true;
  let privilegedRuns = true;
  let below = bits;
  for (const [i, width] of widths.entries()) {
    const level = 4 - widths.length + i;
    below -= width;
    const index = (address / 2n ** BigInt(below)) % 2n ** BigInt(width);
    const slot = table + 8n * index;
    const shown = guest.stage2.lookup(slot);
    if (slot >= 2n ** limits.stage2 || shown === undefined) {
      return { event: cases.F_TRANSLATION.tag, s2: 1, class: 1, at: slot - (slot % 4096n), reads: 0 };
    }
    const tableFault = { event: cases.F_PERMISSION.tag, s2: 1, class: 1, at: slot - (slot % 4096n) };
    if (!shown.read) return { ...tableFault, reads: 1 };
    let descriptor = 0n;
    for (let byte = 7; byte >= 0; byte--) {
      descriptor = descriptor * 256n + BigInt(shown.place.bytes[shown.place.byte + byte] ?? 0);
    }
    const bit = (at: number): boolean => (descriptor / 2n ** BigInt(at)) % 2n === 1n;
    if (!bit(0)) return translation;
    const isTable = bit(1) && level < 3;
    const isPage = bit(1) && level === 3;
    const isBlock = !bit(1) && level < 3 && level >= firstBlock;
    if (!isTable && !isPage && !isBlock) return translation;
    const span = 2n ** BigInt(isTable ? size : below);
    const low = (descriptor % 2n ** 48n) - ((descriptor % 2n ** 48n) % span);
    const field = low + highBits(descriptor, shape);
    if (field >= 2n ** limits.bits) return { ...translation, event: cases.F_ADDR_SIZE.tag };
    if (isTable) {
      if (bit(59)) privilegedRuns = false;
      if (bit(60)) unprivilegedRuns = false;
      if (bit(61)) unprivilegedOpen = false;
      if (bit(62)) writable = false;
      table = field;
      continue;
    }
    if (!bit(10) && HA === 0) return { ...translation, event: cases.F_ACCESS.tag };
    if (!bit(6)) unprivilegedOpen = false;
    const isClean = HA === 1 && HD === 1 && bit(51) && bit(7) && writable;
    if (bit(7) && !isClean) writable = false;
    if (bit(53)) privilegedRuns = false;
    if (bit(54)) unprivilegedRuns = false;
    if (unprivilegedOpen && writable) privilegedRuns = false;
    const open = query.privileged || unprivilegedOpen;
    const runs = query.privileged ? privilegedRuns : unprivilegedRuns;
    const allowed = query.write ? open && writable : query.instruction ? runs : open;
    if (!allowed) return { ...translation, event: cases.F_PERMISSION.tag };
    const accessed = HA === 1 && !bit(10) ? descriptor + 2n ** 10n : descriptor;
    const updated = isClean && query.write ? accessed - 2n ** 7n : accessed;
    if (updated !== descriptor && !shown.write) return { ...tableFault, reads: 0 };
    const ipa = field + (address % span);
    const final = guest.stage2.lookup(ipa);
    const at = ipa - (ipa % 4096n);
    if (final === undefined) return { event: cases.F_TRANSLATION.tag, s2: 1, class: 2, at, reads: 0 };
    if (query.write ? !final.write : !final.read) {
      return { event: cases.F_PERMISSION.tag, s2: 1, class: 2, at, reads: 0 };
    }
    for (let byte = 0; byte < 8; byte++)
      shown.place.bytes[shown.place.byte + byte] = Number((updated / 256n ** BigInt(byte)) % 256n);
    return { ipa: RAM + BigInt(final.place.byte) };
  }
  throw new Error('a walk ends at level 3');
}

function observed(machine: Machine, query: Query): Outcome {
  const where = machine.where(query);
  if (typeof where === 'bigint') return { ipa: where };
  const [event, ...others] = machine.takeEvents();
  if (event === undefined || !('CLASS' in event) || !('IPA' in event)) throw new Error('there is no fault');
  expect(others).toEqual([]);
  expect(event).toMatchObject({
    InputAddr: query.address,
    RnW: query.write ? 0 : 1,
    InD: query.instruction && !query.write ? 1 : 0,
    PnU: query.privileged ? 1 : 0,
  });
  const reads = 'TTRnW' in event ? event.TTRnW : 0;
  return { event: event.EventNumber, s2: event.S2, class: event.CLASS, at: event.IPA, reads };
}

/** The index of the first different byte. */
function differsAt(some: Uint8Array, others: Uint8Array): number | undefined {
  const at = some.findIndex((byte, i) => byte !== others[i]);
  return at < 0 ? undefined : at;
}

const ids = smmuv3Config({ sidBits: 8, tableUpdates: 'dirty' });
const [idr0, idr1, idr2, idr3, idr4, idr5] = ids.idr;
/** Pages of all sizes, and hardware that updates flags. */
const config: Smmuv3Config = {
  ...ids,
  idr: [idr0, idr1, idr2, idr3, idr4, idr5 | (7 << 4)],
};

const wideConfig = smmuv3Config({
  sidBits: 8,
  tableUpdates: 'dirty',
  addressBits: 52,
  granules: ['4KB', '16KB', '64KB'],
  largeAddresses: true,
});

const shapesOf = (size: number, TG0: number, bits: readonly number[], wide: boolean): Shape[] =>
  bits.map((each) => ({ bits: each, size, TG0, wide }));
const { GRANULE_4KB, GRANULE_16KB, GRANULE_64KB } = smmuv3_granule;
const shapes: Shape[] = [
  ...shapesOf(12, GRANULE_4KB, [25, 30, 31, 39, 40, 48], false),
  ...shapesOf(14, GRANULE_16KB, [25, 36, 47, 48], false),
  ...shapesOf(16, GRANULE_64KB, [29, 42, 48], false),
  ...shapesOf(12, GRANULE_4KB, [30, 40, 48, 49, 52], true),
  ...shapesOf(14, GRANULE_16KB, [36, 47, 48, 52], true),
  ...shapesOf(16, GRANULE_64KB, [29, 42, 48, 52], true),
];

/** Number of consecutive tables in the guest's memory, and one that stage 2 does not map. */
const TABLES = 6;

/**
 * A descriptor, mostly valid, so that walks succeed often. Table descriptors point to existing tables or to no memory;
 * pages and blocks point anywhere.
 */
const descriptor = (shape: Shape): fc.Arbitrary<bigint> => {
  const step = 2n ** BigInt(shape.size);
  const alias = fc.constantFrom(...(shape.wide ? [0n, ...ALIASES] : [0n]));
  const ram = (address: fc.Arbitrary<bigint>): fc.Arbitrary<bigint> =>
    fc.tuple(address, alias).map(([low, high]) => encode(low + high, shape));
  const tableAddress = ram(fc.nat(TABLES).map((table) => RAM + BigInt(table) * step));
  const bad = fc
    .constantFrom(0n, 1n << 36n, 1n << 45n, 0x5_0000n, 1n << 48n)
    .map((address) => encode(address, shape));
  const rare = (bit: bigint): fc.Arbitrary<bigint> => fc.constantFrom(0n, 0n, 0n, 0n, 0n, 0n, 0n, bit);
  const table = fc
    .tuple(
      fc.oneof({ weight: 12, arbitrary: tableAddress }, { weight: 1, arbitrary: bad }),
      ...[59, 60, 61, 62].map((bit) => rare(1n << BigInt(bit))),
    )
    .map((parts) => parts.reduce((sum, part) => sum | part, 3n));
  const leaf = fc
    .tuple(
      fc.oneof(
        { weight: 8, arbitrary: ram(fc.nat(1023).map((page) => RAM + BigInt(page) * 4096n)) },
        { weight: 1, arbitrary: bad },
      ),
      fc.constantFrom(0n, 1n << 6n, 1n << 6n, 2n << 6n, 3n << 6n),
      fc.constantFrom(0n, 1n << 10n, 1n << 10n, 1n << 10n, 1n << 10n, 1n << 10n),
      fc.constantFrom(0n, 1n << 11n),
      fc.constantFrom(0n, 1n << 51n),
      rare(1n << 53n),
      rare(1n << 54n),
      fc.constantFrom(1n, 3n, 3n),
    )
    .map((parts) => parts.reduce((sum, part) => sum | part, 0n));
  return fc.oneof(
    { weight: 5, arbitrary: table },
    { weight: 4, arbitrary: leaf },
    { weight: 1, arbitrary: fc.constant(0n) },
  );
};

const run = fc.constantFrom(...shapes).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    /** For each table: descriptors that are repeated over its slots. */
    tables: fc.array(fc.array(descriptor(shape), { minLength: 2, maxLength: 7 }), {
      minLength: TABLES,
      maxLength: TABLES,
    }),
    hidden: fc.array(fc.nat(TABLES), { maxLength: 1 }),
    /** Every nth page is read-only. */
    readOnly: fc.integer({ min: 2, max: 9 }),
    writeOnly: fc.array(fc.nat(15), { maxLength: 1 }),
    updates: fc.constantFrom({ HA: 0, HD: 0 }, { HA: 0, HD: 1 }, { HA: 1, HD: 0 }, { HA: 1, HD: 1 }),
    keepsDirtyState: fc.boolean(),
    queries: fc.array(
      fc.record({
        address: fc.oneof(
          { weight: 12, arbitrary: fc.bigInt({ min: 0n, max: 2n ** BigInt(shape.bits) - 1n }) },
          { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 55n - 1n }) },
        ),
        write: fc.boolean(),
        instruction: fc.boolean(),
        privileged: fc.boolean(),
      }),
      { minLength: 8, maxLength: 8 },
    ),
  }),
);

test('walks and cached translations agree with a reference walk on random tables', () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(run, ({ shape, tables, hidden, readOnly, writeOnly, updates, keepsDirtyState, queries }) => {
      const machine = new Machine({ ...(shape.wide ? wideConfig : config), keepsDirtyState });
      const { guest } = machine;
      if (shape.wide) for (const alias of ALIASES) guest.stage2.map(RAM + alias, 0, 1024);
      const step = 2 ** shape.size;
      const root = guest.alloc((TABLES * step) / 4096);
      for (const [i, repeated] of tables.entries()) {
        // Every page of a table has the same slots.
        const page = new BigUint64Array(512).map((_, slot) => repeated[slot % repeated.length] ?? 0n);
        const bytes = new Uint8Array(page.buffer);
        for (let at = 0; at < step; at += 4096) guest.write(root + BigInt(i * step + at), bytes);
      }
      for (let page = 0; page < 1024; page += readOnly) {
        guest.stage2.map(RAM + BigInt(page) * 4096n, page, 1, true, false);
      }
      for (const page of writeOnly) guest.stage2.map(RAM + BigInt(page) * 4096n, page, 1, false, true);
      for (const table of hidden) guest.stage2.unmap(root + BigInt(table * step), step / 4096);
      const { IPS } = shape.wide ? WIDE : NARROW;
      const cd = { T0SZ: 64 - shape.bits, TG0: shape.TG0, TTB0: root, IPS, ...updates };
      // The input size of stage 2 is the output size of stage 1.
      const wide = { ste: { S2T0SZ: 12, S2DS: 1, S2PS: 6 }, cd: { ...cd, DS: 1 } };
      const { context } = machine.steNested(1, shape.wide ? wide : { cd });
      // Stage 2 maps the context descriptor.
      guest.stage2.map(context, Number((context - RAM) >> 12n));
      // Twice, so that the second pass uses cached translations.
      for (let i = 0; i < 2; i++) {
        const memory = guest.bytes(root, TABLES * step);
        const before = memory.slice();
        const expected = queries.map((query) => reference(guest, root, shape, updates, query));
        const after = memory.slice();
        for (const each of expected) {
          const kind = 'ipa' in each ? 'place' : `${each.event} ${each.s2} ${each.class} ${each.reads}`;
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
        }
        if (differsAt(before, after) !== undefined) seen.set('updated', 1);
        memory.set(before);
        expect(queries.map((query) => observed(machine, query))).toEqual(expected);
        expect(differsAt(memory, after)).toBeUndefined();
      }
    }),
    { seed: 20, numRuns: 300 },
  );
  // The random tables have covered every outcome.
  expect([...seen.keys()].sort()).toEqual(
    [
      ...[
        '16 0 2 0',
        '16 1 1 0',
        '16 1 2 0',
        '17 0 2 0',
        '18 0 2 0',
        '19 0 2 0',
        '19 1 1 0',
        '19 1 1 1',
        '19 1 2 0',
      ],
      ...['place', 'updated'],
    ].sort(),
  );
});
