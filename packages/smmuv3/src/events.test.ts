import { expect, test } from '@jest/globals';
import {
  type Cd,
  contextDescriptor,
  type Event,
  type EventFields,
  eventOf,
  type FaultFields,
  type Ste,
} from '@iommufd/testkit/guest';
import {
  smmuv3_event,
  smmuv3_event_class,
  smmuv3_register as register,
  smmuv3_ste_config,
} from '@iommufd/uapi';
import { encode } from '@iommufd/uapi/struct';
import { smmuv3Config, type Smmuv3Config } from './config.js';
import { Machine, RAM } from './machine.testing.js';
import type { StreamTransaction } from './stream-transaction.js';

const { IN, TT, CD: CD_FETCH } = smmuv3_event_class;
const { S1_TRANSLATE, S1_S2_TRANSLATE, BYPASS, ABORT } = smmuv3_ste_config;
const { cases } = smmuv3_event;

const VA = 0x1234_5678n;
const PAGE_VA = VA & ~0xfffn;

/** The common fields of the four faults, for a read of {@link VA} by stream 1. */
const FAULT = { StreamID: 1, RnW: 1, CLASS: IN, InputAddr: VA } as const;
const STREAM = { StreamID: 1 } as const;
const PERMISSION = { EventNumber: cases.F_PERMISSION.tag } as const;
const fetch = (address: bigint) => ({ FetchAddr: address });

type Prepare = (machine: Machine, root: bigint, context: bigint) => void;

interface Row {
  readonly config?: Smmuv3Config;
  /** Fields of the nested STE and its CD. */
  readonly ste?: Ste;
  readonly cd?: Cd;
  /** Further preparation. The guest's tables map {@link VA} to page 99 of its RAM unless this changes it. */
  readonly prepare?: Prepare;
  readonly access?: Partial<StreamTransaction>;
  /** The outcome of the transaction. Default: 'abort'. */
  readonly outcome?: 'place';
  /** Undefined if nothing is recorded. */
  readonly event: ((machine: Machine, root: bigint, context: bigint) => EventFields) | undefined;
}

const TARGET = RAM + 99n * 4096n;
const noStalls = smmuv3Config({ sidBits: 8, stall: false });

const badSte: Row['event'] = () => ({ EventNumber: cases.C_BAD_STE.tag, ...STREAM });
const badCd: Row['event'] = () => ({ EventNumber: cases.C_BAD_CD.tag, ...STREAM });
const badSubstream = (SubstreamID: number): Row['event'] => {
  return () => ({ EventNumber: cases.C_BAD_SUBSTREAMID.tag, StreamID: 1, SubstreamID });
};
const translation = (fields: FaultFields = {}): Row['event'] => {
  return () => ({ EventNumber: cases.F_TRANSLATION.tag, ...FAULT, ...fields });
};
const unmap = ({ guest }: Machine, root: bigint): void => guest.write64(guest.slot(root, VA), 0n);
const leaf = (fields: Parameters<Machine['guest']['map']>[3]): Prepare => {
  return ({ guest }, root) => guest.map(root, PAGE_VA, TARGET, fields);
};

/** Stage 1 without stage 2: tables and CD are in physical memory. */
function stage1Only(ste: Ste = {}, cd: Cd = {}): Prepare {
  return (machine) => {
    const context = machine.memory.alloc(64);
    context.bytes.set(contextDescriptor({ TTB0: 0x100_0000n, ...cd }));
    machine.ste(1, { Config: S1_TRANSLATE, S1ContextPtr: context.address, ...ste });
  };
}

const wide = { sidBits: 8, addressBits: 52, granules: ['4KB', '16KB', '64KB'] } as const;
/** Addresses of 52 bits: only in tables of 64 KB pages, and in all tables. */
const with64KB = smmuv3Config(wide);
const withDs = smmuv3Config({ ...wide, largeAddresses: true });

const rows: Readonly<Record<string, Row>> = {
  'C_BAD_STREAMID: beyond LOG2SIZE': {
    access: { streamId: 64, substreamId: 5 },
    event: () => ({ EventNumber: cases.C_BAD_STREAMID.tag, StreamID: 64, SSV: 1, SubstreamID: 5 }),
  },
  'F_STE_FETCH: the stream table is not in memory': {
    prepare: ({ memory, streams }) => memory.free(streams.address),
    event: ({ streams }) => ({
      EventNumber: cases.F_STE_FETCH.tag,
      ...STREAM,
      ...fetch(streams.address + 64n),
    }),
  },
  'C_BAD_STE: V=0': { ste: { V: 0 }, event: badSte },
  'C_BAD_STE: with a substream': {
    ste: { V: 0 },
    access: { substreamId: 77 },
    event: () => ({ EventNumber: cases.C_BAD_STE.tag, StreamID: 1, SSV: 1, SubstreamID: 77 }),
  },
  'C_BAD_STE: no stage 1': { config: smmuv3Config({ sidBits: 8, stage1: false }), event: badSte },
  'C_BAD_STE: no stage 2': { config: smmuv3Config({ sidBits: 8, stage2: false }), event: badSte },
  'C_BAD_STE: S1CDMax beyond SSIDSIZE': {
    config: smmuv3Config({ sidBits: 8, ssidBits: 4 }),
    ste: { S1CDMax: 5 },
    event: badSte,
  },
  'C_BAD_STE: S1STALLD without stalls': { config: noStalls, ste: { S1STALLD: 1 }, event: badSte },
  'C_BAD_STE: S2S without stalls': { config: noStalls, ste: { S2S: 1 }, event: badSte },
  'C_BAD_STE: S2AA64=0': { ste: { S2AA64: 0 }, event: badSte },
  'C_BAD_STE: S2TG of an unsupported page size': { ste: { S2TG: 1 }, event: badSte },
  'C_BAD_STE: S2T0SZ too small': { ste: { S2T0SZ: 19 }, event: badSte },
  'C_BAD_STE: S2T0SZ too large': { ste: { S2T0SZ: 40, S2SL0: 0 }, event: badSte },
  'C_BAD_STE: S2SL0 is inconsistent with S2T0SZ': { ste: { S2SL0: 0 }, event: badSte },
  'C_BAD_STE: S2SL0 begins above S2T0SZ': { ste: { S2T0SZ: 30 }, event: badSte },
  'C_BAD_STE: S2T0SZ of 52 bits, without S2DS': { config: withDs, ste: { S2T0SZ: 12 }, event: badSte },
  'C_BAD_STE: S2T0SZ of 52 bits, and no DS in the hardware': {
    config: with64KB,
    ste: { S2T0SZ: 12, S2DS: 1 },
    event: badSte,
  },
  'C_BAD_STE: level 0 of 16 KB pages, without S2DS': {
    config: with64KB,
    ste: { S2TG: 2, S2T0SZ: 16, S2SL0: 3 },
    event: badSte,
  },
  'C_BAD_STE: S2SL0 of 3 with 64 KB pages': {
    config: with64KB,
    ste: { S2TG: 1, S2T0SZ: 12, S2SL0: 3 },
    event: badSte,
  },
  'C_BAD_STE: S2SL0_2 with another S2SL0 than 0': {
    config: withDs,
    ste: { S2T0SZ: 12, S2DS: 1, S2SL0_2: 1, S2SL0: 1 },
    event: badSte,
  },
  'C_BAD_STE: S2TTB beyond 48 bits, without S2DS': {
    config: withDs,
    ste: { S2TTB: 1n << 48n, S2PS: 6 },
    event: badSte,
  },
  'C_BAD_STE: S2ENDI': { ste: { S2ENDI: 1 }, event: badSte },
  'C_BAD_STE: S2HA without HTTU': { ste: { S2HA: 1 }, event: badSte },
  'C_BAD_STE: S2TTB beyond S2PS': { ste: { S2TTB: 1n << 33n, S2PS: 0 }, event: badSte },
  'C_BAD_STE: split-stage ATS': { ste: { EATS: 2 }, event: badSte },
  'C_BAD_STE: full ATS where stage 2 stalls': { ste: { EATS: 1, S2S: 1 }, event: badSte },
  'C_BAD_STE: S1ContextPtr beyond OAS': {
    prepare: stage1Only({ S1ContextPtr: 1n << 44n }),
    event: badSte,
  },
  'Config=ABORT records nothing': { ste: { Config: ABORT }, event: undefined },
  'a reserved Config acts as ABORT': { ste: { Config: 2 }, event: undefined },
  'C_BAD_SUBSTREAMID: no substreams': { access: { substreamId: 0 }, event: badSubstream(0) },
  'C_BAD_SUBSTREAMID: no stage 1': {
    ste: { Config: smmuv3_ste_config.S2_TRANSLATE },
    access: { substreamId: 3 },
    event: badSubstream(3),
  },
  'C_BAD_SUBSTREAMID: beyond S1CDMax': {
    ste: { S1CDMax: 2, S1DSS: 2 },
    access: { substreamId: 4 },
    event: badSubstream(4),
  },
  'C_BAD_SUBSTREAMID: first-level CD with V=0': {
    ste: { S1CDMax: 8, S1Fmt: 1 },
    prepare: ({ guest }, _root, context) => guest.write64(context + 8n, 0n),
    access: { substreamId: 64 },
    event: badSubstream(64),
  },
  'F_STREAM_DISABLED: no substream': {
    ste: { S1CDMax: 2, S1DSS: 0 },
    event: () => ({ EventNumber: cases.F_STREAM_DISABLED.tag, StreamID: 1 }),
  },
  'F_STREAM_DISABLED: substream 0': {
    ste: { S1CDMax: 2, S1DSS: 2 },
    access: { substreamId: 0 },
    event: () => ({ EventNumber: cases.F_STREAM_DISABLED.tag, StreamID: 1 }),
  },
  'F_CD_FETCH: not in physical memory': {
    prepare: stage1Only({ S1ContextPtr: 0x1000n }),
    event: () => ({ EventNumber: cases.F_CD_FETCH.tag, ...STREAM, ...fetch(0x1000n) }),
  },
  'F_CD_FETCH: a first-level CD': {
    prepare: stage1Only({ S1ContextPtr: 0x1000n, S1CDMax: 10, S1Fmt: 1 }),
    access: { substreamId: 130 },
    event: () => ({
      EventNumber: cases.F_CD_FETCH.tag,
      StreamID: 1,
      SSV: 1,
      SubstreamID: 130,
      ...fetch(0x1010n),
    }),
  },
  'F_TRANSLATION: the CD is not mapped in stage 2': {
    ste: { S1ContextPtr: 0x20_1040n },
    event: translation({ S2: 1, CLASS: CD_FETCH, IPA: 0x20_1000n }),
  },
  'F_TRANSLATION: the CD is beyond stage 2': {
    ste: { S1ContextPtr: 1n << 45n },
    event: translation({ S2: 1, CLASS: CD_FETCH, IPA: 1n << 45n }),
  },
  'no event, with the departure of an emulator': {
    config: smmuv3Config({ sidBits: 8, departures: { silentLargeStage2Input: true } }),
    ste: { S1ContextPtr: 1n << 45n },
    event: undefined,
  },
  'F_PERMISSION: the CD is not readable in stage 2': {
    prepare: ({ guest }, _root, context) =>
      guest.stage2.map(context, Number((context - RAM) >> 12n), 1, false, true),
    event: (_machine, _root, context) => ({
      ...PERMISSION,
      ...FAULT,
      S2: 1,
      CLASS: CD_FETCH,
      IPA: context,
    }),
  },
  'C_BAD_CD: V=0': { cd: { V: 0 }, event: badCd },
  'C_BAD_CD: AA64=0': { cd: { AA64: 0 }, event: badCd },
  'C_BAD_CD: S without stalls': { config: noStalls, cd: { S: 1 }, event: badCd },
  'C_BAD_CD: S with S1STALLD': { ste: { S1STALLD: 1 }, cd: { S: 1 }, event: badCd },
  'C_BAD_CD: A=0 if only aborts are supported': { cd: { A: 0 }, event: badCd },
  'C_BAD_CD: T0SZ=15': { cd: { T0SZ: 15 }, event: badCd },
  'C_BAD_CD: T0SZ=12, without DS': { config: withDs, cd: { T0SZ: 12 }, event: badCd },
  'C_BAD_CD: T0SZ=12, and no DS in the hardware': {
    config: with64KB,
    cd: { T0SZ: 12, DS: 1 },
    event: badCd,
  },
  'C_BAD_CD: T0SZ=12 of 64 KB pages, and virtual addresses of 48 bits': {
    config: with64KB,
    cd: { T0SZ: 12, TG0: 1 },
    event: badCd,
  },
  'C_BAD_CD: TTB0 beyond 48 bits, without DS': {
    config: withDs,
    cd: { TTB0: 1n << 48n, IPS: 6 },
    event: badCd,
  },
  'C_BAD_CD: T0SZ=40': { cd: { T0SZ: 40 }, event: badCd },
  'C_BAD_CD: T1SZ=0': { cd: { EPD1: 0, TG1: 2 }, event: badCd },
  'C_BAD_CD: TG0=3': { cd: { TG0: 3 }, event: badCd },
  'C_BAD_CD: TG0 of an unsupported page size': { cd: { TG0: 1 }, event: badCd },
  'C_BAD_CD: TG1=0': { cd: { EPD1: 0, T1SZ: 25, TG1: 0 }, event: badCd },
  'C_BAD_CD: ENDI': { cd: { ENDI: 1 }, event: badCd },
  'C_BAD_CD: HA without HTTU': { cd: { HA: 1 }, event: badCd },
  'C_BAD_CD: HD without HTTU': { cd: { HD: 1 }, event: badCd },
  'C_BAD_CD: TTB0 beyond IPS': { cd: { TTB0: 1n << 32n, IPS: 0 }, event: badCd },
  'C_BAD_CD: ASID of 9 bits': {
    config: smmuv3Config({ sidBits: 8, asid16: false }),
    cd: { ASID: 256 },
    event: badCd,
  },
  'F_WALK_EABT: the first stage 1 table is not in memory': {
    prepare: stage1Only(),
    event: () => ({
      EventNumber: cases.F_WALK_EABT.tag,
      ...STREAM,
      PnU: 0,
      InD: 0,
      RnW: 1,
      NSIPA: 0,
      S2: 0,
      CLASS: TT,
      InputAddr: VA,
      ...fetch(0x100_0000n),
    }),
  },
  'F_WALK_EABT: the stage 2 table is not in memory': {
    prepare: ({ memory, stage2 }) => memory.removeTable(stage2),
    access: { write: true },
    event: ({ stage2 }) => ({
      EventNumber: cases.F_WALK_EABT.tag,
      ...STREAM,
      PnU: 0,
      InD: 0,
      RnW: 0,
      NSIPA: 0,
      S2: 1,
      CLASS: CD_FETCH,
      InputAddr: VA,
      ...fetch(stage2),
    }),
  },
  'F_TRANSLATION: no descriptor': { prepare: unmap, event: translation() },
  'F_TRANSLATION: a write': { prepare: unmap, access: { write: true }, event: translation({ RnW: 0 }) },
  'F_TRANSLATION: privileged, an instruction, a substream': {
    ste: { S1CDMax: 1, S1DSS: 0 },
    prepare: ({ guest }, root, context) => {
      guest.write(context + 64n, contextDescriptor({ TTB0: root }));
      guest.write64(guest.slot(root, VA), 0n);
    },
    access: { privileged: true, instruction: true, substreamId: 1 },
    event: translation({ PnU: 1, InD: 1, SSV: 1, SubstreamID: 1 }),
  },
  'F_TRANSLATION: PRIVCFG and INSTCFG override': {
    ste: { PRIVCFG: 3, INSTCFG: 2 },
    prepare: unmap,
    access: { instruction: true },
    event: translation({ PnU: 1 }),
  },
  'F_TRANSLATION: reserved descriptor at level 3': {
    prepare: ({ guest }, root) => guest.write64(guest.slot(root, VA), TARGET | 0x441n),
    event: translation(),
  },
  'F_TRANSLATION: beyond T0SZ': {
    access: { address: 1n << 39n },
    event: translation({ InputAddr: 1n << 39n }),
  },
  'F_TRANSLATION: EPD0': { cd: { EPD0: 1, T0SZ: 0, TG0: 3 }, event: translation() },
  'F_TRANSLATION: EPD1': {
    access: { address: 0xffff_ffff_f000_0000n },
    event: translation({ InputAddr: 0xffff_ffff_f000_0000n }),
  },
  'F_TRANSLATION: the first stage 1 table is not mapped in stage 2': {
    cd: { TTB0: 0x30_0000n },
    event: translation({ S2: 1, CLASS: TT, IPA: 0x30_0000n }),
  },
  'F_TRANSLATION: another stage 1 table is not mapped in stage 2': {
    prepare: ({ guest }, root) => guest.write64(guest.slot(root, VA, 1), 0x30_0003n),
    event: translation({ S2: 1, CLASS: TT, IPA: 0x30_0000n }),
  },
  'the same, reported as a fault of stage 1, with the departure of an emulator': {
    config: smmuv3Config({ sidBits: 8, departures: { stage2FaultOfWalkSaysStage1: true } }),
    prepare: ({ guest }, root) => guest.write64(guest.slot(root, VA, 1), 0x30_0003n),
    event: translation({ S2: 0, CLASS: TT, IPA: 0x30_0000n }),
  },
  'and the same for the first table': {
    config: smmuv3Config({ sidBits: 8, departures: { stage2FaultOfWalkSaysStage1: true } }),
    cd: { TTB0: 0x30_0000n },
    event: translation({ S2: 1, CLASS: TT, IPA: 0x30_0000n }),
  },
  'F_TRANSLATION: the output of stage 1 is not mapped in stage 2': {
    prepare: ({ guest }, root) => guest.map(root, PAGE_VA, 0x40_0000n),
    event: translation({ S2: 1, IPA: 0x40_0000n }),
  },
  'F_TRANSLATION: the output of stage 1 is beyond stage 2': {
    ste: { S2T0SZ: 24, S2SL0: 1 },
    prepare: ({ guest }, root) => guest.map(root, PAGE_VA, 1n << 40n),
    event: translation({ S2: 1, IPA: 1n << 40n }),
  },
  'F_TRANSLATION: stage 2 alone': {
    ste: { Config: smmuv3_ste_config.S2_TRANSLATE },
    access: { write: true },
    event: translation({ S2: 1, RnW: 0, IPA: PAGE_VA }),
  },
  'F_ADDR_SIZE: a page beyond IPS': {
    cd: { IPS: 1 },
    prepare: ({ guest }, root) => guest.map(root, PAGE_VA, 1n << 36n),
    event: () => ({ EventNumber: cases.F_ADDR_SIZE.tag, ...FAULT }),
  },
  'F_ADDR_SIZE: a table beyond IPS': {
    prepare: ({ guest }, root) => guest.write64(guest.slot(root, VA, 2), (1n << 44n) | 3n),
    event: () => ({ EventNumber: cases.F_ADDR_SIZE.tag, ...FAULT }),
  },
  'F_ADDR_SIZE: beyond OAS, although IPS is larger': {
    cd: { IPS: 5 },
    prepare: ({ guest }, root) => guest.map(root, PAGE_VA, 1n << 47n),
    event: () => ({ EventNumber: cases.F_ADDR_SIZE.tag, ...FAULT }),
  },
  'F_ADDR_SIZE: bypass': {
    ste: { Config: BYPASS },
    access: { address: 1n << 44n },
    event: () => ({ EventNumber: cases.F_ADDR_SIZE.tag, ...FAULT, InputAddr: 1n << 44n }),
  },
  'F_ADDR_SIZE: only stage 2, before stage 2': {
    ste: { Config: smmuv3_ste_config.S2_TRANSLATE },
    access: { address: 1n << 63n },
    event: () => ({ EventNumber: cases.F_ADDR_SIZE.tag, ...FAULT, InputAddr: 1n << 63n }),
  },
  'F_ACCESS: AF=0': {
    prepare: leaf({ accessed: false }),
    event: () => ({ EventNumber: cases.F_ACCESS.tag, ...FAULT }),
  },
  'F_PERMISSION: a write to a page that is read-only': {
    prepare: leaf({ ap: 3 }),
    access: { write: true },
    event: () => ({ ...PERMISSION, ...FAULT, RnW: 0 }),
  },
  'F_PERMISSION: a privileged page': {
    prepare: leaf({ ap: 0 }),
    event: () => ({ ...PERMISSION, ...FAULT }),
  },
  'no event, with the departure of an emulator that ignores it': {
    outcome: 'place',
    config: smmuv3Config({ sidBits: 8, departures: { ignoresPrivilegedOnly: true } }),
    prepare: leaf({ ap: 0 }),
    event: undefined,
  },
  'F_PERMISSION: an instruction fetch from a page with UXN': {
    prepare: leaf({ uxn: true }),
    access: { instruction: true },
    event: () => ({ ...PERMISSION, ...FAULT, InD: 1 }),
  },
  'F_PERMISSION: APTable forbids writes': {
    prepare: ({ guest }, root) => {
      const slot = guest.slot(root, VA, 1);
      guest.write64(slot, guest.read64(slot) | (1n << 62n));
    },
    access: { write: true },
    event: () => ({ ...PERMISSION, ...FAULT, RnW: 0 }),
  },
  'F_PERMISSION: APTable forbids unprivileged accesses': {
    prepare: ({ guest }, root) => {
      const slot = guest.slot(root, VA, 2);
      guest.write64(slot, guest.read64(slot) | (1n << 61n));
    },
    event: () => ({ ...PERMISSION, ...FAULT }),
  },
  'F_PERMISSION: stage 2 forbids a write': {
    prepare: ({ guest }) => guest.stage2.map(TARGET, 99, 1, true, false),
    access: { write: true },
    event: () => ({ ...PERMISSION, ...FAULT, RnW: 0, S2: 1, IPA: TARGET }),
  },
  'F_PERMISSION: a stage 1 table is not readable in stage 2': {
    prepare: ({ guest }, root) => guest.stage2.map(root, Number((root - RAM) >> 12n), 1, false, true),
    access: { write: true },
    event: (_machine, root) => ({
      ...PERMISSION,
      ...FAULT,
      TTRnW: 1,
      RnW: 0,
      S2: 1,
      CLASS: TT,
      IPA: root,
    }),
  },
  'CD.R=0: nothing': { cd: { R: 0 }, prepare: unmap, event: undefined },
  'CD.R=0 does not suppress errors': { cd: { R: 0, AA64: 0 }, event: badCd },
  'S2R=0: nothing': {
    ste: { S2R: 0 },
    prepare: ({ guest }) => guest.stage2.unmap(TARGET),
    event: undefined,
  },
};

test.each(Object.entries(rows))(
  '%s',
  (_name, { config, ste = {}, cd = {}, prepare, access, event, outcome = 'abort' }) => {
    const machine = new Machine(config ?? smmuv3Config({ sidBits: 8 }));
    const { root, context } = machine.steNested(1, { ste: { Config: S1_S2_TRANSLATE, ...ste }, cd });
    machine.guest.map(root, PAGE_VA, TARGET);
    prepare?.(machine, root, context);
    expect(machine.translate({ address: VA, ...access }).kind).toBe(outcome);
    expect(machine.takeEvents()).toEqual(event === undefined ? [] : [eventOf(event(machine, root, context))]);
  },
);

test('C_BAD_STREAMID is recorded only with RECINVSID', () => {
  const machine = new Machine();
  machine.smmu.write32(register.SMMU_CR0, 0b1110);
  machine.smmu.write32(register.SMMU_CR2, 0);
  machine.smmu.write32(register.SMMU_CR0, 0b1111);
  expect(machine.where({ streamId: 64 })).toBe('abort');
  expect(machine.takeEvents()).toEqual([]);
});

test('events equal the records of the tapes', () => {
  const machine = new Machine();
  const streamId = 0x23;
  machine.steNested(streamId);
  const words = (event: Event): bigint[] => [...new BigUint64Array(encode(smmuv3_event, event).buffer)];
  machine.translate({ streamId, address: 0x1000_2000n });
  machine.translate({ streamId, address: 0x1000_2000n, write: true });
  const [read, write] = machine.takeEvents();
  if (read === undefined || write === undefined) throw new Error('there are no events');
  expect(words(read)).toEqual([0x0000_0023_0000_0010n, 0x0000_0208_0000_0000n, 0x1000_2000n, 0n]);
  expect(words(write)).toEqual([0x0000_0023_0000_0010n, 0x0000_0200_0000_0000n, 0x1000_2000n, 0n]);
});

test('S1CDMax is ignored without substream support, except with the departure of an emulator', () => {
  for (const departs of [false, true]) {
    const departures = { checksUnusedS1CDMax: departs };
    const machine = new Machine(smmuv3Config({ sidBits: 8, ssidBits: 0, departures }));
    const { root } = machine.steNested(1, { ste: { S1CDMax: 1, S1Fmt: 1, S1DSS: 0 } });
    machine.guest.map(root, PAGE_VA, TARGET);
    expect(machine.where({ address: VA })).toBe(departs ? 'abort' : TARGET + 0x678n);
    expect(machine.takeEvents()).toHaveLength(departs ? 1 : 0);
  }
});
