import { expect, test } from '@jest/globals';
import { turn } from '@iommufd/testkit';
import {
  type Cd,
  type Event,
  type EventFields,
  eventOf,
  type FaultFields,
  type FaultName,
  faultOf,
  type Leaf,
  type Ste,
} from '@iommufd/testkit/guest';
import { smmuv3Config, type Smmuv3Config, type SmmuDeviceAbilities } from '@iommufd/fakekernel';
import {
  encodeZeroFilled,
  smmuv3_event,
  smmuv3_event_class,
  smmuv3_l1cd,
  smmuv3_ste_config,
} from '@iommufd/uapi';
import { type Context, type Machine, onGoodAndBadDays, RAM } from './guest.testing.js';
import type { IdRegisterOptions } from './index.js';

const { ABORT, BYPASS, S2_TRANSLATE, S1_S2_TRANSLATE } = smmuv3_ste_config;
const { cases } = smmuv3_event;

const VSID = 5;
const VA = 0x1234_5678n;
const VA_PAGE = VA & ~0xfffn;
/** An address that TTB1 translates. */
const HIGH = 0xffff_ffff_f000_0040n;
const noStalls = smmuv3Config({ stall: false });

/** What the four faults have in common, for a read of {@link VA} by stream 5: stage 1, at the address itself. */
const FAULT = { StreamID: VSID, RnW: 1, CLASS: smmuv3_event_class.IN, InputAddr: VA } as const;
type StreamFields = Omit<
  Extract<EventFields, { readonly EventNumber: typeof cases.C_BAD_CD.tag }>,
  'EventNumber'
>;

const fault = (name: FaultName, fields: FaultFields = {}): Event => faultOf(name, { ...FAULT, ...fields });
const permission = (fields: FaultFields = {}): Event => fault('F_PERMISSION', fields);
const ofStream = (
  EventNumber: typeof cases.C_BAD_STE.tag | typeof cases.C_BAD_CD.tag,
  fields: StreamFields,
): Event => eventOf({ EventNumber, StreamID: VSID, ...fields });
const badSte = (fields: StreamFields = {}): Event => ofStream(cases.C_BAD_STE.tag, fields);
const badCd = (fields: StreamFields = {}): Event => ofStream(cases.C_BAD_CD.tag, fields);
const badSubstream = (SubstreamID: number): Event =>
  eventOf({ EventNumber: cases.C_BAD_SUBSTREAMID.tag, StreamID: VSID, SubstreamID });
const disabled = eventOf({ EventNumber: cases.F_STREAM_DISABLED.tag, StreamID: VSID });

type Prepare = (machine: Machine, context: Context) => void;

interface Row {
  readonly config?: Smmuv3Config;
  readonly ids?: IdRegisterOptions;
  readonly device?: SmmuDeviceAbilities;
  /** Fields of the guest's entry and of its first context descriptor. */
  readonly ste?: Ste;
  readonly cd?: Cd;
  /** Further setup. The tables map {@link VA} to a page unless this unmaps it. */
  readonly prepare?: Prepare;
  readonly address?: bigint;
  readonly write?: boolean;
  readonly pasid?: number;
}

type Told = Row & { readonly event: Event };

const unmap: Prepare = (machine, { root }) => machine.ram.write64(machine.tables.slot(root, VA), 0n);
const leaf =
  (fields: Leaf): Prepare =>
  (machine, { root }) =>
    machine.tables.map(root, VA_PAGE, machine.ram.alloc(), fields);
const mapTo =
  (address: bigint): Prepare =>
  (machine, { root }) =>
    machine.tables.map(root, VA_PAGE, address);
const setInTable =
  (level: number, bits: bigint): Prepare =>
  (machine, { root }) => {
    const slot = machine.tables.slot(root, VA, level);
    machine.ram.write64(slot, machine.ram.read64(slot) | bits);
  };
/** A second context descriptor, for PASID 1: its tables are those of the first, where {@link VA} is not mapped. */
const forPasid =
  (cd: Cd): Prepare =>
  (machine, { root, context }) => {
    machine.cd(context + 64n, { TTB0: root, ...cd });
    machine.ram.write64(machine.tables.slot(root, VA), 0n);
  };
/** The first-level descriptor of PASIDs 64 to 127 is not valid. */
const twoLevels: Prepare = (machine, { context }) =>
  machine.ram.write(context, encodeZeroFilled(smmuv3_l1cd, { V: 1, L2Ptr: context + 4096n }));

/** Every event that Linux passes to a vEVENTQ. */
const told: Readonly<Record<string, Told>> = {
  'C_BAD_STE: S1STALLD on hardware without stalls': {
    config: noStalls,
    ste: { S1STALLD: 1 },
    event: badSte(),
  },
  'C_BAD_STE: the same with a PASID': {
    config: noStalls,
    ste: { S1STALLD: 1, S1CDMax: 2 },
    pasid: 3,
    event: badSte({ SSV: 1, SubstreamID: 3 }),
  },
  'C_BAD_STE: a write': { config: noStalls, ste: { S1STALLD: 1 }, write: true, event: badSte() },
  'C_BAD_STE: full ATS of a device that stalls at stage 2': {
    ids: { ats: true },
    device: { ats: true, canStall: true },
    ste: { EATS: 1 },
    event: badSte(),
  },
  'F_STREAM_DISABLED: S1DSS=0 and no PASID': { ste: { S1CDMax: 2, S1DSS: 0 }, event: disabled },
  'F_STREAM_DISABLED: S1DSS=2 and PASID 0': { ste: { S1CDMax: 2, S1DSS: 2 }, pasid: 0, event: disabled },
  'C_BAD_SUBSTREAMID: a PASID where S1CDMax is 0': { pasid: 1, event: badSubstream(1) },
  'C_BAD_SUBSTREAMID: a PASID beyond S1CDMax': {
    ste: { S1CDMax: 2, S1DSS: 2 },
    pasid: 4,
    event: badSubstream(4),
  },
  'C_BAD_SUBSTREAMID: a first-level descriptor with V=0': {
    ste: { S1CDMax: 7, S1Fmt: 1, S1DSS: 2 },
    prepare: twoLevels,
    pasid: 64,
    event: badSubstream(64),
  },
  'C_BAD_SUBSTREAMID: a PASID on a stream that bypasses': {
    ste: { Config: BYPASS },
    pasid: 7,
    event: badSubstream(7),
  },
  'C_BAD_CD: V=0': { cd: { V: 0 }, event: badCd() },
  'C_BAD_CD: AA64=0': { cd: { AA64: 0 }, event: badCd() },
  'C_BAD_CD: A=0': { cd: { A: 0 }, event: badCd() },
  'C_BAD_CD: T0SZ=15': { cd: { T0SZ: 15 }, event: badCd() },
  'C_BAD_CD: T0SZ=40': { cd: { T0SZ: 40 }, event: badCd() },
  'C_BAD_CD: T0SZ=0': { cd: { T0SZ: 0 }, event: badCd() },
  'C_BAD_CD: T1SZ=0': { cd: { EPD1: 0, TG1: 2 }, event: badCd() },
  'C_BAD_CD: TG0=3': { cd: { TG0: 3 }, event: badCd() },
  'C_BAD_CD: TG0 of a page size that is not there': { cd: { TG0: 1 }, event: badCd() },
  'C_BAD_CD: TG1=0': { cd: { EPD1: 0, T1SZ: 25, TG1: 0 }, event: badCd() },
  'C_BAD_CD: big-endian tables': { cd: { ENDI: 1 }, event: badCd() },
  'C_BAD_CD: HA': { cd: { HA: 1 }, event: badCd() },
  'C_BAD_CD: HD': { cd: { HD: 1 }, event: badCd() },
  'C_BAD_CD: S on hardware without stalls': { config: noStalls, cd: { S: 1 }, event: badCd() },
  'C_BAD_CD: TTB0 beyond IPS': { cd: { TTB0: 1n << 32n, IPS: 0 }, event: badCd() },
  'C_BAD_CD: an ASID of 9 bits': {
    config: smmuv3Config({ asid16: false }),
    cd: { ASID: 256 },
    event: badCd(),
  },
  'C_BAD_CD: R=0 does not keep it': { cd: { V: 0, R: 0 }, write: true, event: badCd() },
  'C_BAD_CD: that of a PASID': {
    ste: { S1CDMax: 1, S1DSS: 2 },
    prepare: forPasid({ V: 0 }),
    pasid: 1,
    event: badCd({ SSV: 1, SubstreamID: 1 }),
  },
  'F_TRANSLATION: a read of a page that is not there': { prepare: unmap, event: fault('F_TRANSLATION') },
  'F_TRANSLATION: a write': { prepare: unmap, write: true, event: fault('F_TRANSLATION', { RnW: 0 }) },
  'F_TRANSLATION: no table of level 3': {
    prepare: (machine, { root }) => machine.ram.write64(machine.tables.slot(root, VA, 2), 0n),
    event: fault('F_TRANSLATION'),
  },
  'F_TRANSLATION: no table of level 2': {
    prepare: (machine, { root }) => machine.ram.write64(machine.tables.slot(root, VA, 1), 0n),
    event: fault('F_TRANSLATION'),
  },
  'F_TRANSLATION: a reserved descriptor at level 3': {
    prepare: (machine, { root }) => machine.ram.write64(machine.tables.slot(root, VA), RAM | 0x441n),
    event: fault('F_TRANSLATION'),
  },
  'F_TRANSLATION: beyond T0SZ': {
    address: 1n << 39n,
    event: fault('F_TRANSLATION', { InputAddr: 1n << 39n }),
  },
  'F_TRANSLATION: EPD0=1': { cd: { EPD0: 1, T0SZ: 0, TG0: 3 }, event: fault('F_TRANSLATION') },
  'F_TRANSLATION: a high address, EPD1=1': {
    address: HIGH,
    event: fault('F_TRANSLATION', { InputAddr: HIGH }),
  },
  'F_TRANSLATION: a high address that TTB1 does not map': {
    cd: { EPD1: 0, T1SZ: 25, TG1: 2, TTB1: RAM + 0x3_0000n },
    address: HIGH,
    write: true,
    event: fault('F_TRANSLATION', { InputAddr: HIGH, RnW: 0 }),
  },
  'F_TRANSLATION: a tag that does not count is recorded all the same': {
    cd: { TBI0: 1 },
    prepare: unmap,
    address: VA | (0xabn << 56n),
    event: fault('F_TRANSLATION', { InputAddr: VA | (0xabn << 56n) }),
  },
  'F_TRANSLATION: with a PASID': {
    ste: { S1CDMax: 1, S1DSS: 0 },
    prepare: forPasid({}),
    pasid: 1,
    event: fault('F_TRANSLATION', { SSV: 1, SubstreamID: 1 }),
  },
  'F_ADDR_SIZE: a page beyond IPS': {
    cd: { IPS: 1 },
    prepare: mapTo(1n << 36n),
    event: fault('F_ADDR_SIZE'),
  },
  'F_ADDR_SIZE: a table beyond IPS': {
    cd: { IPS: 1 },
    prepare: (machine, { root }) => machine.ram.write64(machine.tables.slot(root, VA, 2), (1n << 36n) | 3n),
    write: true,
    event: fault('F_ADDR_SIZE', { RnW: 0 }),
  },
  'F_ADDR_SIZE: beyond OAS, whatever IPS says': {
    cd: { IPS: 5 },
    prepare: mapTo(1n << 44n),
    event: fault('F_ADDR_SIZE'),
  },
  'F_ADDR_SIZE: a stream that bypasses': {
    ste: { Config: BYPASS },
    address: (1n << 44n) + 8n,
    event: fault('F_ADDR_SIZE', { InputAddr: (1n << 44n) + 8n }),
  },
  'F_ADDR_SIZE: S1DSS=1 bypasses stage 1': {
    ste: { S1CDMax: 1, S1DSS: 1 },
    address: 1n << 63n,
    write: true,
    event: fault('F_ADDR_SIZE', { InputAddr: 1n << 63n, RnW: 0 }),
  },
  'F_ACCESS: AF=0': { prepare: leaf({ accessed: false }), event: fault('F_ACCESS') },
  'F_ACCESS: a write': {
    prepare: leaf({ accessed: false }),
    write: true,
    event: fault('F_ACCESS', { RnW: 0 }),
  },
  'F_ACCESS comes before F_PERMISSION': {
    prepare: leaf({ accessed: false, ap: 3 }),
    write: true,
    event: fault('F_ACCESS', { RnW: 0 }),
  },
  'F_PERMISSION: a write to a page that is read-only': {
    prepare: leaf({ ap: 3 }),
    write: true,
    event: permission({ RnW: 0 }),
  },
  'F_PERMISSION: a privileged page': { prepare: leaf({ ap: 0 }), event: permission() },
  'F_PERMISSION: APTable forbids writes': {
    prepare: setInTable(1, 1n << 62n),
    write: true,
    event: permission({ RnW: 0 }),
  },
  'F_PERMISSION: APTable forbids unprivileged accesses': {
    prepare: setInTable(2, 1n << 61n),
    event: permission(),
  },
};

type Untold = Row & {
  /** The expected lines of the host's log; empty by default. */
  readonly log?: readonly string[];
  /** The byte that is read, if there is no fault. */
  readonly reads?: number;
};

const client = 'client: 0000:00:05.0 sid: 0x28 ssid: 0x0';
const s2 = (
  name: string,
  ipa: bigint,
  how = 'unpriv data read s2 "Input address caused fault"',
): readonly string[] => [
  `event: ${name} ${client} iova: 0x${VA.toString(16)} ipa: 0x${ipa.toString(16)}`,
  `${how} stag: 0x0`,
];
const OUTSIDE = 0x9000_0000n;

/** Cases without an event: the guest's queue stays empty. */
const untold: Readonly<Record<string, Untold>> = {
  'Config=abort says nothing': { ste: { Config: ABORT } },
  'a reserved Config is an abort': { ste: { Config: 2 } },
  'V=0: Linux aborts without an event': { ste: { V: 0 } },
  'stage 2 of the guest, which it was not shown, is as V=0': { ste: { Config: S2_TRANSLATE } },
  'both stages are as V=0': { ste: { Config: S1_S2_TRANSLATE } },
  'STRW does not count without Hyp': { ste: { STRW: 2 }, reads: 0x77 },
  'S1CDMax beyond SSIDSIZE is as V=0': { ids: { ssidBits: 4 }, ste: { S1CDMax: 5 } },
  'split-stage ATS is as V=0': { ids: { ats: true }, ste: { EATS: 2 } },
  'CD.R=0: the fault is not recorded': { cd: { R: 0 }, prepare: unmap },
  'F_TRANSLATION of stage 2: what stage 1 gives': {
    prepare: mapTo(OUTSIDE),
    log: s2('F_TRANSLATION', OUTSIDE),
  },
  'F_TRANSLATION of stage 2: a write': {
    prepare: mapTo(OUTSIDE),
    write: true,
    log: s2('F_TRANSLATION', OUTSIDE, 'unpriv data write s2 "Input address caused fault"'),
  },
  'F_TRANSLATION of stage 2: the context descriptor': {
    ste: { S1ContextPtr: OUTSIDE },
    log: s2('F_TRANSLATION', OUTSIDE, 'unpriv data read s2 "CD fetch"'),
  },
  'F_TRANSLATION of stage 2: the first table': {
    cd: { TTB0: OUTSIDE },
    log: s2('F_TRANSLATION', OUTSIDE, 'unpriv data read s2 "Stage 1 translation table fetch"'),
  },
  'F_TRANSLATION of stage 2: another table': {
    prepare: (machine, { root }) => machine.ram.write64(machine.tables.slot(root, VA, 2), OUTSIDE | 3n),
    log: s2('F_TRANSLATION', OUTSIDE, 'unpriv data read s2 "Stage 1 translation table fetch"'),
  },
  'F_TRANSLATION of stage 2: a stream that bypasses': {
    ste: { Config: BYPASS },
    log: s2('F_TRANSLATION', VA_PAGE),
  },
  'F_PERMISSION of stage 2: a page that the host maps read-only': {
    prepare: (machine, { root }) => {
      const { ioas, memory } = machine.vmm;
      ioas.mapMemory(memory, { iova: OUTSIDE, length: 4096, write: false });
      machine.tables.map(root, VA_PAGE, OUTSIDE);
    },
    write: true,
    log: s2('F_PERMISSION', OUTSIDE, 'unpriv data write s2 "Input address caused fault"'),
  },
  'AFFD=1: the access flag does not count': {
    cd: { AFFD: 1 },
    prepare: (machine, { root }) =>
      machine.tables.map(root, VA_PAGE, machine.page(0x33), { accessed: false }),
    reads: 0x33,
  },
  'TBI0=1: the tag does not count': { cd: { TBI0: 1 }, address: VA | (0xffn << 56n), reads: 0x77 },
  'EATS does not count without ATS': { ste: { EATS: 2 }, reads: 0x77 },
  'attribute overrides do not count': {
    ste: { MTCFG: 1, MemAttr: 5, SHCFG: 2, ALLOCCFG: 3, NSCFG: 2, PRIVCFG: 3, INSTCFG: 2 },
    reads: 0x77,
  },
  'fields of stage 2 do not count': {
    ste: { S2VMID: 99, S2T0SZ: 3, S2TTB: 0x1000n, S2S: 1, S2HA: 1 },
    reads: 0x77,
  },
};

async function provoke(machine: Machine, { ste, cd, prepare, ...row }: Row): Promise<number | 'aborted'> {
  const context = machine.translate(VSID, { ...(ste && { ste }), ...(cd && { cd }) });
  machine.tables.map(context.root, VA_PAGE, machine.page(0x77));
  prepare?.(machine, context);
  const { address = VA, write = false, pasid } = row;
  return write ? machine.write(VSID, address, 1, pasid) : machine.read(VSID, address, pasid);
}

const optionsOf = ({ config, ids, device }: Row) => ({
  config,
  ids,
  devices: [{ vsid: VSID, options: { streamId: 0x28, pasidBits: 8, ...device } }],
});

onGoodAndBadDays((start) => {
  test.each(Object.entries(told))('%s', async (_name, { event, ...row }) => {
    const machine = start(optionsOf(row));
    const before = machine.host.kernel.messages.length;
    expect(await provoke(machine, row)).toBe('aborted');
    machine.vmm.pump();
    expect(machine.interrupts()).toEqual(['eventq']);
    expect(machine.takeEvents()).toEqual([event]);
    // The event is reported to the guest, so the host logs nothing.
    expect(machine.messages(before)).toBe('');
  });

  test.each(Object.entries(untold))('not reported: %s', async (_name, { log = [], reads, ...row }) => {
    const machine = start(optionsOf(row));
    const before = machine.host.kernel.messages.length;
    expect(await provoke(machine, row)).toBe(reads ?? 'aborted');
    expect(machine.vmm.pump()).toEqual([]);
    expect(machine.takeEvents()).toEqual([]);
    expect(machine.interrupts()).toEqual([]);
    for (const line of log) expect(machine.messages(before)).toContain(line);
    if (log.length === 0) expect(machine.messages(before)).toBe('');
  });

  test('one access of several pages faults once, at the first missing page', async () => {
    const machine = start();
    const { root } = machine.translate(VSID);
    machine.tables.map(root, VA_PAGE, machine.page(1));
    await expect(machine.device(VSID).dma.read(VA, 3 * 4096)).rejects.toMatchObject({
      iova: VA_PAGE + 0x1000n,
    });
    expect(machine.events()).toEqual([fault('F_TRANSLATION', { InputAddr: VA_PAGE + 0x1000n })]);
  });

  test('every fault is a separate event, in order', async () => {
    const machine = start();
    machine.translate(VSID);
    const expected: object[] = [];
    for (let i = 0n; i < 20n; i++) {
      const write = i % 3n === 0n;
      const InputAddr = VA + i * 0x1000n;
      await (write ? machine.write(VSID, InputAddr, 0) : machine.read(VSID, InputAddr));
      expected.push(fault('F_TRANSLATION', { InputAddr, RnW: write ? 0 : 1 }));
    }
    expect(machine.events()).toEqual(expected);
    expect(machine.interrupts()).toEqual(['eventq']);
  });

  test('run() delivers events while the guest does other work', async () => {
    const machine = start();
    machine.translate(VSID);
    const { vmm } = machine;
    const running = vmm.smmu.run(vmm.queue);
    const seen: Event[] = [];
    for (let i = 0; i < 5; i++) {
      await machine.read(VSID, VA);
      while (machine.interrupts().length === 0) await turn();
      seen.push(...machine.takeEvents());
    }
    expect(seen).toEqual(Array.from({ length: 5 }, () => fault('F_TRANSLATION')));
    vmm.queue.close();
    await running;
  });
});

test('every event that Linux forwards has a row', () => {
  const names = new Set(Object.keys(told).map((name) => /^[A-Z][A-Z_]+/.exec(name)?.[0]));
  expect([...names].sort()).toEqual([
    'C_BAD_CD',
    'C_BAD_STE',
    'C_BAD_SUBSTREAMID',
    'F_ACCESS',
    'F_ADDR_SIZE',
    'F_PERMISSION',
    'F_STREAM_DISABLED',
    'F_TRANSLATION',
  ]);
});
