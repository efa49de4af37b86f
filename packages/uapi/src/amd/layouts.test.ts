/* The bits of every field of the AMD IOMMU's records, written a second time from the figures of the specification. */
import { describe, expect, test } from '@jest/globals';

import { fromHex } from '../struct/bytes.js';
import { annotate, decode, encode } from '../struct/codec.js';
import { forms, layout } from '../struct/layout.testing.js';
import { amd_command, amd_dte, amd_event, amd_ppr } from './index.js';

const RANGE = 'S 64, GN 66, Address 127:76 @12';
const PASID = 'PASID_HI 19:16, PASID_LO 47:32';
const DOMAIN = 'PASID_HI 19:16, DomainID 47:32';
const ADDRESS = 'Address 127:64';

describe('commands', () => {
  forms(
    amd_command,
    16,
    { name: 'Opcode', lo: 60 },
    {
      COMPLETION_WAIT: [1, 'S 0, I 1, F 2, StoreAddress 51:3 @3, StoreData 127:64'],
      INVALIDATE_DEVTAB_ENTRY: [2, 'DeviceID 15:0'],
      INVALIDATE_IOMMU_PAGES: [3, `PASID 19:0, DomainID 47:32, PDE 65, ${RANGE}`],
      INVALIDATE_IOTLB_PAGES: [
        4,
        `DeviceID 15:0, PASID_15_8 23:16, MaxPend 31:24, QueueID 47:32, PASID_7_0 55:48, PASID_19_16 59:56, Type 69:68, ${RANGE}`,
      ],
      INVALIDATE_INTERRUPT_TABLE: [5, 'DeviceID 15:0'],
      PREFETCH_IOMMU_PAGES: [6, `DeviceID 15:0, PFCount 31:24, PASID 51:32, Inval 68, ${RANGE}`],
      COMPLETE_PPR_REQUEST: [7, 'DeviceID 15:0, PASID 51:32, GN 66, Tag 105:96, Response 111:108'],
      INVALIDATE_IOMMU_ALL: [8, ''],
    },
  );
});

describe('events', () => {
  forms(
    amd_event,
    16,
    { name: 'EventCode', lo: 60 },
    {
      ILLEGAL_DEV_TABLE_ENTRY: [1, `DeviceID 15:0, ${PASID}, GN 48, I 51, RW 53, RZ 55, TR 56, ${ADDRESS}`],
      IO_PAGE_FAULT: [
        2,
        `DeviceID 15:0, ${DOMAIN}, GN 48, NX 49, US 50, I 51, PR 52, RW 53, PE 54, RZ 55, TR 56, ${ADDRESS}`,
      ],
      DEV_TAB_HARDWARE_ERROR: [3, `DeviceID 15:0, I 51, RW 53, TR 56, Type 58:57, ${ADDRESS}`],
      PAGE_TAB_HARDWARE_ERROR: [
        4,
        `DeviceID 15:0, ${DOMAIN}, GN 48, I 51, RW 53, TR 56, Type 58:57, ${ADDRESS}`,
      ],
      ILLEGAL_COMMAND_ERROR: [5, ADDRESS],
      COMMAND_HARDWARE_ERROR: [6, `Type 58:57, ${ADDRESS}`],
      IOTLB_INV_TIMEOUT: [7, `DeviceID 15:0, ${ADDRESS}`],
      INVALID_DEVICE_REQUEST: [8, `DeviceID 15:0, ${PASID}, GN 48, US 49, TR 56, Type 59:57, ${ADDRESS}`],
      INVALID_PPR_REQUEST: [
        9,
        `DeviceID 15:0, PASID_LO 31:16, Tag 41:32, PASID_HI 45:42, GN 48, NX 49, US 50, I 51, PR 52, RW 53, PE 54, RZ 55, TR 56, Type 59:57, ${ADDRESS}`,
      ],
      EVENT_COUNTER_ZERO: [10, 'CounterNoteHi 83:64, CounterNoteLo 127:96'],
      RMP_PAGE_FAULT: [13, `DeviceID 15:0, FlagsRMP 23:16, VMGTag 47:32, Flags 59:48, ${ADDRESS}`],
      RMP_HARDWARE_ERROR: [14, `DeviceID 15:0, VMGTag 47:32, Flags 59:48, ${ADDRESS}`],
    },
  );
});

describe('page requests', () => {
  forms(
    amd_ppr,
    16,
    { name: 'PPRCode', lo: 60 },
    {
      PAGE_SERVICE_REQUEST: [
        1,
        `DeviceID 15:0, PASID_LO 31:16, PRGIndex 41:32, PASID_HI 45:42, EXEC 49, READ 50, WRITE 53, US 54, RZ 55, GN 56, Address 127:76 @12`,
      ],
    },
  );
});

describe('records', () => {
  layout(
    'amd_dte',
    amd_dte,
    32,
    `V 0, TV 1, HAD 8:7, Mode 11:9, HostPageTableRoot 51:12 @12, PPR 52, GPRP 53, GIoV 54, GV 55, GLX 57:56,
    GCR3TableRoot_14_12 60:58, IR 61, IW 62, DomainID 79:64, GCR3TableRoot_30_15 95:80, I 96, SE 97, SA 98,
    IOCtl 100:99, Cache 101, SD 102, EX 103, SysMgt 105:104, SATS 106, GCR3TableRoot_51_31 127:107, IV 128,
    IntTabLen 132:129, IG 133, InterruptTableRoot 179:134 @6, GuestPagingMode 183:182, InitPass 184, EIntPass 185,
    NMIPass 186, HPTMode 187, IntCtl 189:188, Lint0Pass 190, Lint1Pass 191, VImuEn 207, GDeviceID 223:208,
    GuestID 239:224, AttrV 246, Mode0FC 247, SnoopAttribute 255:248`,
  );
});

test('an event with an unknown code keeps its bytes', () => {
  const bytes = fromHex('00040000000000f01122334455667788');
  const unknown = decode(amd_event, bytes);
  expect(unknown).toHaveProperty('EventCode', 15);
  expect(encode(amd_event, unknown)).toEqual(bytes);
});

test('a device is shown as its requester ID and as bus, device and function', () => {
  const bits = annotate(amd_event, fromHex('0147000032000020000000ffffff0f00')).flatMap(
    ({ bits }) => bits ?? [],
  );
  expect(bits.find(({ name }) => name === 'DeviceID')?.text).toBe('0x4701 (47:00.1)');
});
