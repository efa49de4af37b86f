/* The bits of every field of VT-d's records, written a second time from the macros and structs of the driver's headers. */
import { describe, expect, test } from '@jest/globals';
import { fromHex } from '../struct/bytes.js';

import { annotate, decode, encode } from '../struct/codec.js';
import { forms, type Forms, layout } from '../struct/layout.testing.js';
import {
  vtd_cap_reg,
  vtd_ecap_reg,
  vtd_fault_reason,
  vtd_fault_record,
  vtd_fault_status,
  vtd_iqe_record,
  vtd_page_request,
  vtd_qi_desc,
  vtd_qi_desc_256,
} from './index.js';

const PFSID = 'PFSID_LO 15:12, PFSID_HI 63:52';
const PAGES = 'AM 69:64, IH 70, ADDR 127:76 @12';

const QI_FORMS: Forms = {
  QI_CC: [1, 'G 5:4, DID 31:16, SID 47:32, FM 49:48'],
  QI_IOTLB: [2, `G 5:4, DW 6, DR 7, DID 31:16, ${PAGES}`],
  QI_DIOTLB: [3, `MIP 20:16, SID 47:32, S 64, ADDR 127:76 @12, ${PFSID}`],
  QI_IEC: [4, 'G 4, IM 31:27, IIDX 47:32'],
  QI_IWD: [5, 'IF 4, SW 5, FN 6, PD 7, STDATA 63:32, STADDR 127:66 @2'],
  QI_EIOTLB: [6, `G 5:4, DID 31:16, PASID 51:32, ${PAGES}`],
  QI_PC: [7, 'G 5:4, DID 31:16, PASID 51:32'],
  QI_DEIOTLB: [8, `MIP 8:4, SID 31:16, PASID 51:32, G 64, S 75, ADDR 127:76 @12, ${PFSID}`],
  QI_PGRP_RESP: [9, 'PP 4, PDP 5, RC 15:12, RID 31:16, PASID 51:32, LPIG 66, PRGI 75:67'],
};

describe('invalidation descriptors', () => {
  forms(vtd_qi_desc, 16, { name: 'Type', lo: 0 }, QI_FORMS);
});

describe('invalidation descriptors of 256 bits', () => {
  const wide = Object.entries(QI_FORMS).map(([name, [number, table]]) => [
    `${name}_256`,
    [number, number === 9 ? `${table}, PRIV_DATA_LO 191:128, PRIV_DATA_HI 255:192` : table],
  ]);
  forms(vtd_qi_desc_256, 32, { name: 'Type', lo: 0 }, Object.fromEntries(wide) as Forms);
});

describe('records', () => {
  layout(
    'vtd_cap_reg',
    vtd_cap_reg,
    8,
    'ND 2:0, AFL 3, RWBF 4, PLMR 5, PHMR 6, CM 7, SAGAW 12:8, MGAW 21:16, ZLR 22, DEP 23, FRO 33:24, SSLPS 37:34, PSI 39, ' +
      'NFR 47:40, MAMV 53:48, DWD 54, DRD 55, FS1GP 56, PI 59, FS5LP 60, ECMDS 61, ESIRTPS 62, ESRTPS 63',
  );
  layout(
    'vtd_ecap_reg',
    vtd_ecap_reg,
    8,
    'C 0, QI 1, DT 2, IR 3, EIM 4, PT 6, SC 7, IRO 17:8, MHMV 23:20, MTS 25, NEST 26, PRS 29, ERS 30, SRS 31, NWFS 33, EAFS 34, ' +
      'PSS 39:35, PASID 40, DIT 41, PDS 42, SMTS 43, VCS 44, SSADS 45, SSTS 46, FSTS 47, SMPWCS 48, RPS 49, PMS 51, ADMS 52, RPRIVS 53',
  );
  layout(
    'vtd_fault_record',
    vtd_fault_record,
    16,
    'FI 63:12 @12, SID 79:64, T2 92, PRIV 93, EXE 94, PP 95, FR 103:96, PASID 123:104, AT 125:124, T1 126, F 127',
  );
  layout('vtd_iqe_record', vtd_iqe_record, 8, 'IQEI 3:0, ITESID 47:32, ICESID 63:48');
  layout(
    'vtd_fault_status',
    vtd_fault_status,
    4,
    'PFO 0, PPF 1, AFO 2, APF 3, IQE 4, ICE 5, ITE 6, PRO 7, FRI 15:8',
  );
  layout(
    'vtd_page_request',
    vtd_page_request,
    32,
    `Type 7:0, PP 8, PDP 9, RID 31:16, PASID 51:32, EXE 52, PRIV 53, RD 64, WR 65, LPIG 66, PRGI 75:67,
    ADDR 127:76 @12, PRIV_DATA_LO 191:128, PRIV_DATA_HI 255:192`,
  );
});

/** First and last reasons of each of the driver's arrays of messages: dma_remap_fault_reasons and its siblings. */
test.each([
  [0x01, 'LRT_2', 'present bit of the root entry'],
  [0x05, 'LGN_2', 'no write permission'],
  [0x06, 'LGN_3', 'no read permission'],
  [0x0d, 'LCT_5', 'blocks'],
  [0x20, 'IR_1', 'reserved field of the interrupt request'],
  [0x26, 'IR_7', 'source of the interrupt'],
  [0x30, 'RTA_1', 'root table address'],
  [0x59, 'SPT_2', 'present bit of the PASID table'],
  [0x71, 'SFL_2', 'present bit of a first-stage'],
  [0x79, 'SSL_2', 'second-stage'],
  [0x80, 'SGN_1', 'canonical'],
  [0x87, 'SGN_8', 'interrupt range'],
])('fault reason %i is %s', (number, name, meaning) => {
  const [value, doc] = vtd_fault_reason.members[name as keyof typeof vtd_fault_reason.members] ?? [];
  expect(value).toBe(number);
  expect(doc).toContain(meaning);
});

test('a descriptor with an unknown type keeps its bytes', () => {
  const bytes = fromHex('0f000000000000001122334455667788');
  const unknown = decode(vtd_qi_desc, bytes);
  expect(unknown).toHaveProperty('Type', 15);
  expect(encode(vtd_qi_desc, unknown)).toEqual(bytes);
});

test('a device is shown as its requester ID and as bus, device and function', () => {
  const bytes = fromHex('0300100003af000001f0ffffffffff7f');
  const bits = annotate(vtd_qi_desc, bytes).flatMap(({ bits }) => bits ?? []);
  expect(bits.find(({ name }) => name === 'SID')?.text).toBe('0xaf03 (af:00.3)');
});
