import { describe, expect, test } from '@jest/globals';
import { decode, encode } from '../struct/codec.js';
import { fromHex, toHex } from '../struct/bytes.js';
import type { Type } from '../struct/type.js';
import type { BitFields, BitStruct } from '../struct/bits.js';
import {
  SMMU_AIDR,
  SMMU_CMDQ_BASE,
  SMMU_CMDQ_CONS,
  SMMU_CMDQ_PROD,
  SMMU_CR0,
  SMMU_CR0ACK,
  SMMU_CR1,
  SMMU_CR2,
  SMMU_EVENTQ_BASE,
  SMMU_EVENTQ_CONS,
  SMMU_EVENTQ_IRQ_CFG0,
  SMMU_EVENTQ_IRQ_CFG1,
  SMMU_EVENTQ_IRQ_CFG2,
  SMMU_EVENTQ_PROD,
  SMMU_GBPA,
  SMMU_GERROR,
  SMMU_GERRORN,
  SMMU_GERROR_IRQ_CFG0,
  SMMU_GERROR_IRQ_CFG1,
  SMMU_GERROR_IRQ_CFG2,
  SMMU_IDR0,
  SMMU_IDR1,
  SMMU_IDR2,
  SMMU_IDR3,
  SMMU_IDR4,
  SMMU_IDR5,
  SMMU_IIDR,
  SMMU_IRQ_CTRL,
  SMMU_IRQ_CTRLACK,
  SMMU_PRIQ_BASE,
  SMMU_PRIQ_CONS,
  SMMU_PRIQ_IRQ_CFG0,
  SMMU_PRIQ_IRQ_CFG1,
  SMMU_PRIQ_IRQ_CFG2,
  SMMU_PRIQ_PROD,
  SMMU_STRTAB_BASE,
  SMMU_STRTAB_BASE_CFG,
  smmuv3_cd,
  smmuv3_command,
  smmuv3_event,
  smmuv3_l1cd,
  smmuv3_l1std,
  smmuv3_pri,
  smmuv3_ste,
} from './index.js';

/*
 * Where every field of every record is, written a second time: name, bits, and for an address after @ the bit
 * of it that the lowest one is. A record is put together from this as one large number.
 */

interface Place {
  readonly name: string;
  readonly hi: number;
  readonly lo: number;
  /** For an address: how far it is to be shifted up. */
  readonly shift: number | undefined;
}

function places(text: string): Place[] {
  if (text === '') return [];
  return text.split(',').map((entry) => {
    const match = /^\s*(\w+) (\d+)(?::(\d+))?(?: @(\d+))?$/.exec(entry);
    if (match === null) throw new SyntaxError(entry);
    const [, name = '', hi = '', lo = hi, shift] = match;
    return { name, hi: Number(hi), lo: Number(lo), shift: shift === undefined ? undefined : Number(shift) };
  });
}

const width = ({ hi, lo }: Place): bigint => BigInt(hi - lo + 1);
const ones = (place: Place): bigint => (1n << width(place)) - 1n;

/** The field's value when its bits hold `stored`. */
function value(place: Place, stored: bigint): number | bigint {
  if (place.shift !== undefined) return stored << BigInt(place.shift);
  return width(place) > 32n ? stored : Number(stored);
}

/** The record as bytes in hex, the first byte first. */
function hexOf(byteLength: number, tag: number, all: readonly Place[], stored: readonly bigint[]): string {
  const sum = all.reduce((sum, { lo }, i) => sum + ((stored[i] ?? 0n) << BigInt(lo)), BigInt(tag));
  const digits = sum.toString(16).padStart(byteLength * 2, '0');
  return (digits.match(/../g) ?? []).reverse().join('');
}

/** Contents of the fields: each full and the others empty, all full, and all different. */
function contents(all: readonly Place[]): bigint[][] {
  const alone = all.map((_, i) => all.map((place, j) => (i === j ? ones(place) : 0n)));
  const different = all.map((place, i) => ((BigInt(i + 1) * 0x9e37_79b9_7f4a_7c15n) >> 5n) & ones(place));
  return [...alone, all.map(ones), different, all.map(() => 0n)];
}

/** Reads and writes records of `type` that have these fields. */
function check<T, V>(
  type: Type<T, Readonly<T>, V>,
  text: string,
  tag?: { name: string; value: number },
): void {
  const all = places(text);
  for (const stored of contents(all)) {
    const hex = hexOf(type.byteLength, tag?.value ?? 0, all, stored);
    const expected = Object.fromEntries(all.map((place, i) => [place.name, value(place, stored[i] ?? 0n)]));
    const decoded = decode(type, fromHex(hex));
    expect(decoded).toEqual(tag === undefined ? expected : { [tag.name]: tag.value, ...expected });
    expect(toHex(encode(type, decoded))).toBe(hex);
  }
}

const implementationDefined =
  'IMPLEMENTATION_DEFINED_63_8 63:8, IMPLEMENTATION_DEFINED_127_64 127:64, IMPLEMENTATION_DEFINED_191_128 191:128, IMPLEMENTATION_DEFINED_255_192 255:192';

const events: Readonly<Record<string, readonly [number, string]>> = {
  F_UUT: [
    0x01,
    'SSV 11, SubstreamID 31:12, StreamID 63:32, Reason 79:64, PnU 97, InD 98, RnW 99, InputAddr 191:128 @0',
  ],
  C_BAD_STREAMID: [0x02, 'SSV 11, SubstreamID 31:12, StreamID 63:32'],
  F_STE_FETCH: [
    0x03,
    'SSV 11, SubstreamID 31:12, StreamID 63:32, Reason 79:64, GPCF 80, FetchAddr 247:195 @3',
  ],
  C_BAD_STE: [0x04, 'SSV 11, SubstreamID 31:12, StreamID 63:32'],
  F_BAD_ATS_TREQ: [
    0x05,
    'SSV 11, SubstreamID 31:12, StreamID 63:32, Span 67:64, P 92, X 93, W 94, R 95, InputAddr 191:140 @12',
  ],
  F_STREAM_DISABLED: [0x06, 'StreamID 63:32'],
  F_TRANSL_FORBIDDEN: [0x07, 'StreamID 63:32, RnW 99, InputAddr 191:128 @0'],
  C_BAD_SUBSTREAMID: [0x08, 'SubstreamID 31:12, StreamID 63:32'],
  F_CD_FETCH: [
    0x09,
    'SSV 11, SubstreamID 31:12, StreamID 63:32, Reason 79:64, GPCF 80, FetchAddr 247:195 @3',
  ],
  C_BAD_CD: [0x0a, 'SSV 11, SubstreamID 31:12, StreamID 63:32'],
  F_WALK_EABT: [
    0x0b,
    `
    SSV 11, SubstreamID 31:12, StreamID 63:32, Reason 79:64, GPCF 80, PnU 97, InD 98, RnW 99, NSIPA 102,
    S2 103, CLASS 105:104, InputAddr 191:128 @0, FetchAddr 247:195 @3`,
  ],
  F_TRANSLATION: [
    0x10,
    `
    SSV 11, SubstreamID 31:12, StreamID 63:32, STAG 79:64, Stall 95, PnU 97, InD 98, RnW 99, NSIPA 102,
    S2 103, CLASS 105:104, IMPL_DEF 127:112, InputAddr 191:128 @0, IPA 247:204 @12`,
  ],
  F_ADDR_SIZE: [
    0x11,
    `
    SSV 11, SubstreamID 31:12, StreamID 63:32, STAG 79:64, Stall 95, PnU 97, InD 98, RnW 99, NSIPA 102,
    S2 103, CLASS 105:104, IMPL_DEF 127:112, InputAddr 191:128 @0, IPA 247:204 @12`,
  ],
  F_ACCESS: [
    0x12,
    `
    SSV 11, SubstreamID 31:12, StreamID 63:32, STAG 79:64, Stall 95, PnU 97, InD 98, RnW 99, NSIPA 102,
    S2 103, CLASS 105:104, IMPL_DEF 127:112, InputAddr 191:128 @0, IPA 247:204 @12`,
  ],
  F_PERMISSION: [
    0x13,
    `
    SSV 11, SubstreamID 31:12, StreamID 63:32, STAG 79:64, Stall 95, PnU 97, InD 98, RnW 99, NSIPA 102,
    S2 103, CLASS 105:104, DirtyBit 106, AssuredOnly 107, TTRnW 108, Overlay 109, IMPL_DEF 127:112,
    InputAddr 191:128 @0, IPA 247:204 @12`,
  ],
  F_TLB_CONFLICT: [
    0x20,
    `
    SSV 11, SubstreamID 31:12, StreamID 63:32, Reason 95:64, PnU 97, InD 98, RnW 99, NSIPA 102, S2 103,
    InputAddr 191:128 @0, IPA 247:204 @12`,
  ],
  F_CFG_CONFLICT: [0x21, 'SSV 11, SubstreamID 31:12, StreamID 63:32, Reason 95:64'],
  E_PAGE_REQUEST: [
    0x24,
    `
    SSV 11, SubstreamID 31:12, StreamID 63:32, uX 97, uW 98, uR 99, pX 101, pW 102, pR 103,
    Span 115:108, InputAddr 191:140 @12`,
  ],
  F_VMS_FETCH: [
    0x25,
    'SSV 11, SubstreamID 31:12, StreamID 63:32, Reason 79:64, GPCF 80, FetchAddr 247:195 @3',
  ],
  ...Object.fromEntries(
    Array.from({ length: 16 }, (_, n) => [`IMPDEF_EVENT${n}`, [0xe0 + n, implementationDefined]] as const),
  ),
};

const commands: Readonly<Record<string, readonly [number, string]>> = {
  CMD_PREFETCH_CONFIG: [0x01, 'SSec 10, SSV 11, SubstreamID 31:12, StreamID 63:32'],
  CMD_PREFETCH_ADDR: [
    0x02,
    `
    SSec 10, SSV 11, SubstreamID 31:12, StreamID 63:32, Size 68:64, Stride 73:69, NS 75,
    Address 127:76 @12`,
  ],
  CMD_CFGI_STE: [0x03, 'SSec 10, StreamID 63:32, Leaf 64'],
  CMD_CFGI_STE_RANGE: [0x04, 'SSec 10, StreamID 63:32, Range 68:64'],
  CMD_CFGI_CD: [0x05, 'SSec 10, SubstreamID 31:12, StreamID 63:32, Leaf 64'],
  CMD_CFGI_CD_ALL: [0x06, 'SSec 10, StreamID 63:32'],
  CMD_CFGI_VMS_PIDM: [0x07, 'SSec 10, VMID 47:32'],
  CMD_TLBI_NH_ALL: [0x10, 'VMID 47:32'],
  CMD_TLBI_NH_ASID: [0x11, 'VMID 47:32, ASID 63:48'],
  CMD_TLBI_NH_VA: [
    0x12,
    `
    NUM 16:12, SCALE 25:20, VMID 47:32, ASID 63:48, Leaf 64, TTL128 71, TTL 73:72, TG 75:74,
    Address 127:76 @12`,
  ],
  CMD_TLBI_NH_VAA: [
    0x13,
    'NUM 16:12, SCALE 25:20, VMID 47:32, Leaf 64, TTL128 71, TTL 73:72, TG 75:74, Address 127:76 @12',
  ],
  CMD_TLBI_EL3_ALL: [0x18, ''],
  CMD_TLBI_EL3_VA: [
    0x1a,
    'NUM 16:12, SCALE 25:20, Leaf 64, TTL128 71, TTL 73:72, TG 75:74, Address 127:76 @12',
  ],
  CMD_TLBI_EL2_ALL: [0x20, ''],
  CMD_TLBI_EL2_ASID: [0x21, 'ASID 63:48'],
  CMD_TLBI_EL2_VA: [
    0x22,
    'NUM 16:12, SCALE 25:20, ASID 63:48, Leaf 64, TTL128 71, TTL 73:72, TG 75:74, Address 127:76 @12',
  ],
  CMD_TLBI_EL2_VAA: [
    0x23,
    'NUM 16:12, SCALE 25:20, Leaf 64, TTL128 71, TTL 73:72, TG 75:74, Address 127:76 @12',
  ],
  CMD_TLBI_S12_VMALL: [0x28, 'VMID 47:32'],
  CMD_TLBI_S2_IPA: [
    0x2a,
    'NUM 16:12, SCALE 25:20, VMID 47:32, Leaf 64, TTL128 71, TTL 73:72, TG 75:74, Address 119:76 @12',
  ],
  CMD_TLBI_NSNH_ALL: [0x30, ''],
  CMD_ATC_INV: [0x40, 'Global 9, SSV 11, SubstreamID 31:12, StreamID 63:32, Size 69:64, Address 127:76 @12'],
  CMD_PRI_RESP: [0x41, 'SSV 11, SubstreamID 31:12, StreamID 63:32, PRGIndex 72:64, Resp 77:76'],
  CMD_RESUME: [0x44, 'SSec 10, Action 12, Abort 13, StreamID 63:32, STAG 79:64'],
  CMD_STALL_TERM: [0x45, 'SSec 10, StreamID 63:32'],
  CMD_SYNC: [0x46, 'CS 13:12, MSH 23:22, MSIAttr 27:24, MSIData 63:32, MSIAddress 119:66 @2, MSI_NS 127'],
  CMD_TLBI_S_EL2_ALL: [0x50, ''],
  CMD_TLBI_S_EL2_ASID: [0x51, 'ASID 63:48'],
  CMD_TLBI_S_EL2_VA: [
    0x52,
    'NUM 16:12, SCALE 25:20, ASID 63:48, Leaf 64, TTL128 71, TTL 73:72, TG 75:74, Address 127:76 @12',
  ],
  CMD_TLBI_S_EL2_VAA: [
    0x53,
    'NUM 16:12, SCALE 25:20, Leaf 64, TTL128 71, TTL 73:72, TG 75:74, Address 127:76 @12',
  ],
  CMD_TLBI_S_S12_VMALL: [0x58, 'VMID 47:32'],
  CMD_TLBI_S_S2_IPA: [
    0x5a,
    `
    NUM 16:12, SCALE 25:20, VMID 47:32, Leaf 64, NS 65, TTL128 71, TTL 73:72, TG 75:74,
    Address 119:76 @12`,
  ],
  CMD_TLBI_SNH_ALL: [0x60, ''],
  CMD_DPTI_ALL: [0x70, ''],
  CMD_DPTI_PA: [0x73, 'Leaf 64, SIZE 75:72, Address 119:76 @12'],
};

describe('events', () => {
  test('all are in the table', () => {
    expect([...smmuv3_event.structs.keys()].sort()).toEqual(Object.keys(events).sort());
    expect(smmuv3_event.byteLength).toBe(32);
  });

  test.each(Object.entries(events))('%s', (name, [number, text]) => {
    expect(smmuv3_event.nameOf(number)).toBe(name);
    check(smmuv3_event, text, { name: 'EventNumber', value: number });
  });
});

describe('commands', () => {
  test('all are in the table', () => {
    expect([...smmuv3_command.structs.keys()].sort()).toEqual(Object.keys(commands).sort());
    expect(smmuv3_command.byteLength).toBe(16);
  });

  test.each(Object.entries(commands))('%s', (name, [opcode, text]) => {
    expect(smmuv3_command.nameOf(opcode)).toBe(name);
    check(smmuv3_command, text, { name: 'Opcode', value: opcode });
  });
});

function layout<B extends BitFields>(
  name: string,
  struct: BitStruct<B>,
  byteLength: number,
  text: string,
): void {
  test(name, () => {
    expect([struct.name, struct.byteLength]).toEqual([name, byteLength]);
    check(struct, text);
  });
}

describe('records', () => {
  layout(
    'smmuv3_pri',
    smmuv3_pri,
    16,
    `
    StreamID 31:0, SubstreamID 51:32, Priv 58, X 59, R 60, W 61, Last 62, SSV 63, PRGIndex 72:64,
    PageAddress 127:76 @12`,
  );
  layout('smmuv3_l1std', smmuv3_l1std, 8, 'Span 4:0, L2Ptr 55:6 @6');
  layout(
    'smmuv3_ste',
    smmuv3_ste,
    64,
    `
    V 0, Config 3:1, S1Fmt 5:4, S1ContextPtr 55:6 @6, S1CDMax 63:59, S1DSS 65:64, S1CIR 67:66,
    S1COR 69:68, S1CSH 71:70, S2HWU59 72, S2HWU60 73, S2HWU61 74, S2HWU62 75, DRE 76, CONT 80:77,
    DCP 81, PPAR 82, MEV 83, SW_RESERVED 87:84, S1PIE 88, S2FWB 89, S1MPAM 90, S1STALLD 91, EATS 93:92,
    STRW 95:94, MemAttr 99:96, MTCFG 100, ALLOCCFG 104:101, SHCFG 109:108, NSCFG 111:110,
    PRIVCFG 113:112, INSTCFG 115:114, IMPLEMENTATION_DEFINED_127_116 127:116, S2VMID 143:128,
    IMPLEMENTATION_DEFINED_159_144 159:144, S2T0SZ 165:160, S2SL0 167:166, S2IR0 169:168, S2OR0 171:170,
    S2SH0 173:172, S2TG 175:174, S2PS 178:176, S2AA64 179, S2ENDI 180, S2AFFD 181, S2PTW 182, S2HD 183,
    S2HA 184, S2S 185, S2R 186, S2HAFT 187, S2PIE 188, S2POE 189, DPT_VMATCH 191:190, S2NSW 192,
    S2NSA 193, S2SL0_2 194, S2DS 195, S2TTB 247:196 @4, S2SKL 254:253,
    IMPLEMENTATION_DEFINED_271_256 271:256, PARTID 287:272, S_S2T0SZ 293:288, S_S2SL0 295:294,
    S_S2TG 303:302, MECID 319:304, PMG 327:320, MPAM_NS 328, AssuredOnly 329, TL0 330, TL1 331,
    VMSPtr 375:332 @12, S2SW 384, S2SA 385, S_S2SL0_2 386, S_S2TTB 439:388 @4, S_S2SKL 446:445,
    S2POI0 451:448, S2POI1 455:452, S2POI2 459:456, S2POI3 463:460, S2POI4 467:464, S2POI5 471:468,
    S2POI6 475:472, S2POI7 479:476, S2POI8 483:480, S2POI9 487:484, S2POI10 491:488, S2POI11 495:492,
    S2POI12 499:496, S2POI13 503:500, S2POI14 507:504, S2POI15 511:508`,
  );
  layout('smmuv3_l1cd', smmuv3_l1cd, 8, 'V 0, L2Ptr 55:12 @12');
  layout(
    'smmuv3_cd',
    smmuv3_cd,
    64,
    `
    T0SZ 5:0, TG0 7:6, IR0 9:8, OR0 11:10, SH0 13:12, EPD0 14, ENDI 15, T1SZ 21:16, TG1 23:22,
    IR1 25:24, OR1 27:26, SH1 29:28, EPD1 30, V 31, IPS 34:32, AFFD 35, WXN 36, UWXN 37, TBI0 38,
    TBI1 39, PAN 40, AA64 41, HD 42, HA 43, S 44, R 45, A 46, ASET 47, ASID 63:48, NSCFG0 64, HAD0 65,
    E0PD0 66, HAFT 67, TTB0 119:68 @4, PnCH 122, EPAN 123, HWU059 124, HWU060 125, HWU061 126,
    HWU062 127, NSCFG1 128, HAD1 129, E0PD1 130, AIE 131, TTB1 183:132 @4, DS 186, PIE 187, HWU159 188,
    HWU160 189, HWU161 190, HWU162 191, MAIR0 223:192, MAIR1 255:224, AMAIR0 287:256, AMAIR1 319:288,
    IMPLEMENTATION_DEFINED_351_320 351:320, PARTID 367:352, PMG 375:368, PIIU0 386:384, PIIU1 389:387,
    PIIU2 392:390, PIIU3 395:393, PIIU4 398:396, PIIU5 401:399, PIIU6 404:402, PIIU7 407:405,
    PIIU8 410:408, PIIU9 413:411, PIIU10 416:414, PIIU11 419:417, PIIU12 422:420, PIIU13 425:423,
    PIIU14 428:426, PIIU15 431:429, PIIP0 450:448, PIIP1 453:451, PIIP2 456:454, PIIP3 459:457,
    PIIP4 462:460, PIIP5 465:463, PIIP6 468:466, PIIP7 471:469, PIIP8 474:472, PIIP9 477:475,
    PIIP10 480:478, PIIP11 483:481, PIIP12 486:484, PIIP13 489:487, PIIP14 492:490, PIIP15 495:493`,
  );
});

describe('registers', () => {
  layout(
    'SMMU_IDR0',
    SMMU_IDR0,
    4,
    `
    S2P 0, S1P 1, TTF 3:2, COHACC 4, BTM 5, HTTU 7:6, DORMHINT 8, Hyp 9, ATS 10, NS1ATS 11, ASID16 12,
    MSI 13, SEV 14, ATOS 15, PRI 16, VMW 17, VMID16 18, CD2L 19, VATOS 20, TTENDIAN 22:21, ATSRECERR 23,
    STALL_MODEL 25:24, TERM_MODEL 26, ST_LEVEL 28:27, RME_IMPL 30`,
  );
  layout(
    'SMMU_IDR1',
    SMMU_IDR1,
    4,
    `
    SIDSIZE 5:0, SSIDSIZE 10:6, PRIQS 15:11, EVENTQS 20:16, CMDQS 25:21, ATTR_PERMS_OVR 26,
    ATTR_TYPES_OVR 27, REL 28, QUEUES_PRESET 29, TABLES_PRESET 30, ECMDQ 31`,
  );
  layout('SMMU_IDR2', SMMU_IDR2, 4, 'BA_VATOS 9:0');
  layout(
    'SMMU_IDR3',
    SMMU_IDR3,
    4,
    `
    HAD 2, PBHA 3, XNX 4, PPS 5, MPAM 7, FWB 8, STT 9, RIL 10, BBML 12:11, E0PD 13, PTWNNC 14, DPT 15,
    PASIDTT 16, EPAN 17, S1PI 18, S2PI 19, S2PO 20, THE 21, MTEPERM 22, AIE 23`,
  );
  layout('SMMU_IDR4', SMMU_IDR4, 4, 'IMPLEMENTATION_DEFINED_31_0 31:0');
  layout(
    'SMMU_IDR5',
    SMMU_IDR5,
    4,
    'OAS 2:0, GRAN4K 4, GRAN16K 5, GRAN64K 6, DS 7, D128 8, VAX 11:10, STALL_MAX 31:16',
  );
  layout('SMMU_IIDR', SMMU_IIDR, 4, 'Implementer 11:0, Revision 15:12, Variant 19:16, ProductID 31:20');
  layout('SMMU_AIDR', SMMU_AIDR, 4, 'ArchMinorRev 3:0, ArchMajorRev 7:4');
  layout(
    'SMMU_CR0',
    SMMU_CR0,
    4,
    'SMMUEN 0, PRIQEN 1, EVENTQEN 2, CMDQEN 3, ATSCHK 4, VMW 8:6, DPT_WALK_EN 10',
  );
  layout(
    'SMMU_CR0ACK',
    SMMU_CR0ACK,
    4,
    'SMMUEN 0, PRIQEN 1, EVENTQEN 2, CMDQEN 3, ATSCHK 4, VMW 8:6, DPT_WALK_EN 10',
  );
  layout(
    'SMMU_CR1',
    SMMU_CR1,
    4,
    'QUEUE_IC 1:0, QUEUE_OC 3:2, QUEUE_SH 5:4, TABLE_IC 7:6, TABLE_OC 9:8, TABLE_SH 11:10',
  );
  layout('SMMU_CR2', SMMU_CR2, 4, 'E2H 0, RECINVSID 1, PTM 2, REC_CFG_ATS 3');
  layout(
    'SMMU_GBPA',
    SMMU_GBPA,
    4,
    'MemAttr 3:0, MTCFG 4, ALLOCCFG 11:8, SHCFG 13:12, PRIVCFG 17:16, INSTCFG 19:18, ABORT 20, Update 31',
  );
  layout('SMMU_IRQ_CTRL', SMMU_IRQ_CTRL, 4, 'GERROR_IRQEN 0, PRIQ_IRQEN 1, EVENTQ_IRQEN 2');
  layout('SMMU_IRQ_CTRLACK', SMMU_IRQ_CTRLACK, 4, 'GERROR_IRQEN 0, PRIQ_IRQEN 1, EVENTQ_IRQEN 2');
  layout(
    'SMMU_GERROR',
    SMMU_GERROR,
    4,
    `
    CMDQ_ERR 0, EVENTQ_ABT_ERR 2, PRIQ_ABT_ERR 3, MSI_CMDQ_ABT_ERR 4, MSI_EVENTQ_ABT_ERR 5,
    MSI_PRIQ_ABT_ERR 6, MSI_GERROR_ABT_ERR 7, SFM_ERR 8, CMDQP_ERR 9, DPT_ERR 10`,
  );
  layout(
    'SMMU_GERRORN',
    SMMU_GERRORN,
    4,
    `
    CMDQ_ERR 0, EVENTQ_ABT_ERR 2, PRIQ_ABT_ERR 3, MSI_CMDQ_ABT_ERR 4, MSI_EVENTQ_ABT_ERR 5,
    MSI_PRIQ_ABT_ERR 6, MSI_GERROR_ABT_ERR 7, SFM_ERR 8, CMDQP_ERR 9, DPT_ERR 10`,
  );
  layout('SMMU_GERROR_IRQ_CFG0', SMMU_GERROR_IRQ_CFG0, 8, 'ADDR 55:2 @2');
  layout('SMMU_GERROR_IRQ_CFG1', SMMU_GERROR_IRQ_CFG1, 4, 'DATA 31:0');
  layout('SMMU_GERROR_IRQ_CFG2', SMMU_GERROR_IRQ_CFG2, 4, 'MemAttr 3:0, SH 5:4');
  layout('SMMU_EVENTQ_IRQ_CFG0', SMMU_EVENTQ_IRQ_CFG0, 8, 'ADDR 55:2 @2');
  layout('SMMU_EVENTQ_IRQ_CFG1', SMMU_EVENTQ_IRQ_CFG1, 4, 'DATA 31:0');
  layout('SMMU_EVENTQ_IRQ_CFG2', SMMU_EVENTQ_IRQ_CFG2, 4, 'MemAttr 3:0, SH 5:4');
  layout('SMMU_PRIQ_IRQ_CFG0', SMMU_PRIQ_IRQ_CFG0, 8, 'ADDR 55:2 @2');
  layout('SMMU_PRIQ_IRQ_CFG1', SMMU_PRIQ_IRQ_CFG1, 4, 'DATA 31:0');
  layout('SMMU_PRIQ_IRQ_CFG2', SMMU_PRIQ_IRQ_CFG2, 4, 'MemAttr 3:0, SH 5:4, LO 31');
  layout('SMMU_STRTAB_BASE', SMMU_STRTAB_BASE, 8, 'ADDR 55:6 @6, RA 62');
  layout('SMMU_STRTAB_BASE_CFG', SMMU_STRTAB_BASE_CFG, 4, 'LOG2SIZE 5:0, SPLIT 10:6, FMT 17:16');
  layout('SMMU_CMDQ_BASE', SMMU_CMDQ_BASE, 8, 'LOG2SIZE 4:0, ADDR 55:5 @5, RA 62');
  layout('SMMU_EVENTQ_BASE', SMMU_EVENTQ_BASE, 8, 'LOG2SIZE 4:0, ADDR 55:5 @5, WA 62');
  layout('SMMU_PRIQ_BASE', SMMU_PRIQ_BASE, 8, 'LOG2SIZE 4:0, ADDR 55:5 @5, WA 62');
  layout('SMMU_CMDQ_PROD', SMMU_CMDQ_PROD, 4, 'WR 19:0');
  layout('SMMU_CMDQ_CONS', SMMU_CMDQ_CONS, 4, 'RD 19:0, ERR 30:24');
  layout('SMMU_EVENTQ_PROD', SMMU_EVENTQ_PROD, 4, 'WR 19:0, OVFLG 31');
  layout('SMMU_EVENTQ_CONS', SMMU_EVENTQ_CONS, 4, 'RD 19:0, OVACKFLG 31');
  layout('SMMU_PRIQ_PROD', SMMU_PRIQ_PROD, 4, 'WR 19:0, OVFLG 31');
  layout('SMMU_PRIQ_CONS', SMMU_PRIQ_CONS, 4, 'RD 19:0, OVACKFLG 31');
});
