import { describe, expect, test } from '@jest/globals';
import {
  cfgiCd,
  cfgiSte,
  type Command,
  contextDescriptor,
  type Leaf,
  NSNH_ALL,
  Stage1,
  streamTableEntry,
  SYNC,
  tlbiAsid,
} from '@iommufd/testkit/guest';
import { smmuv3_event, smmuv3_ste_config } from '@iommufd/uapi';
import type { AtcInvalidation, PriResponse } from '@iommufd/smmuv3';
import {
  Guest,
  type GuestOptions,
  HARDWARE_WITH_ATS,
  pageRequest,
  RAM_BASE,
  STRTAB,
} from './vsmmu.testing.js';

const VSID = 9;
const VA = 0x1000_0000n;
const PAGE_A = RAM_BASE + 0x8_0000n;
const PAGE_B = RAM_BASE + 0x8_1000n;
const [IDR0, IDR1, ...IDRS] = HARDWARE_WITH_ATS.idr;
/** With substreams of 8 bits. */
const HARDWARE = { ...HARDWARE_WITH_ATS, idr: [IDR0 | (1 << 19), IDR1 | (8 << 6), ...IDRS] as const };

/** A guest with a virtio device on stream 9 whose stage 1 translates, and a passed-through one on stream 1. */
class Owner extends Guest {
  readonly stage1: Stage1;
  readonly answers: PriResponse[] = [];
  readonly invalidated: AtcInvalidation[] = [];
  answersInvalidations = true;

  constructor(options: GuestOptions = {}) {
    super({ hardware: HARDWARE, streams: [1], ats: true, pri: true, ...options });
    this.start(4, 0xe);
    for (let page = 0; page < 0x60; page++) this.ram.alloc();
    this.stage1 = new Stage1(this.ram);
    this.set64('SMMU_STRTAB_BASE', STRTAB);
    this.set('SMMU_STRTAB_BASE_CFG', 8);
    this.stage1.setUp({ ASID: 1 });
    this.ste({ Config: smmuv3_ste_config.S1_TRANSLATE, S1ContextPtr: this.stage1.context, EATS: 1 });
    this.set('SMMU_CR2', 2);
    this.set('SMMU_CR0', 0xf);
    this.smmu.addDevice(VSID, {
      priResponse: (answer) => void this.answers.push(answer),
      atcInvalidate: (invalidation) => {
        this.invalidated.push(invalidation);
        return this.answersInvalidations;
      },
    });
    this.taken();
  }

  ste(fields: Parameters<typeof streamTableEntry>[0]): void {
    this.ram.write(STRTAB + BigInt(VSID * 64), streamTableEntry(fields));
  }

  map(iova: bigint, to: bigint, leaf?: Leaf): void {
    this.stage1.show(iova, to, leaf);
  }

  /** The address of an access. */
  where(iova = VA, write = false, ssid?: number): bigint | 'abort' {
    const outcome = this.smmu.translate(VSID, ssid, iova, { write });
    return outcome.kind === 'address' ? outcome.address : 'abort';
  }

  numbers(): number[] {
    return this.takeEvents().map(({ EventNumber }) => EventNumber);
  }
}

const drop = (iova: bigint, ASID = 1): Command => ({ Opcode: 0x12, Leaf: 1, ASID, Address: iova });
const { F_TRANSLATION, F_PERMISSION, C_BAD_STE, C_BAD_STREAMID, C_BAD_CD, F_CD_FETCH, F_WALK_EABT } =
  smmuv3_event.cases;

describe('a translation', () => {
  test('uses the tables of the guest, and keeps the offset', () => {
    const guest = new Owner();
    guest.map(VA, PAGE_A);
    expect([guest.where(VA + 0x123n), guest.where(VA + 0x456n, true)]).toEqual([
      PAGE_A + 0x123n,
      PAGE_A + 0x456n,
    ]);
    expect(guest.numbers()).toEqual([]);
  });

  test.each([
    ['TLBI by address', drop(VA), PAGE_B],
    ['TLBI by ASID', tlbiAsid(1), PAGE_B],
    ['TLBI of all', NSNH_ALL, PAGE_B],
    ['TLBI of another address', drop(VA + 0x1000n), PAGE_A],
    ['TLBI of another ASID', tlbiAsid(2), PAGE_A],
    ['CFGI_STE', cfgiSte(VSID), PAGE_A],
    ['CMD_SYNC', SYNC, PAGE_A],
  ] as const)('is cached until it is invalidated: %s', (_name, command, expected) => {
    const guest = new Owner();
    guest.map(VA, PAGE_A);
    expect(guest.where()).toBe(PAGE_A);
    guest.map(VA, PAGE_B);
    expect(guest.where()).toBe(PAGE_A);
    guest.issue(command, SYNC);
    expect(guest.where()).toBe(expected);
  });

  test('uses the cached entry and descriptor until they are invalidated', () => {
    const guest = new Owner();
    guest.map(VA, PAGE_A);
    expect(guest.where()).toBe(PAGE_A);
    guest.ste({ Config: smmuv3_ste_config.BYPASS });
    expect(guest.where()).toBe(PAGE_A);
    guest.issue(cfgiSte(VSID));
    expect(guest.where()).toBe(VA);
    guest.ste({ Config: smmuv3_ste_config.S1_TRANSLATE, S1ContextPtr: guest.stage1.context });
    guest.issue(cfgiSte(VSID));
    expect(guest.where()).toBe(PAGE_A);
    guest.ram.write(guest.stage1.context, contextDescriptor({ TTB0: guest.ram.alloc(), ASID: 5 }));
    expect(guest.where()).toBe(PAGE_A);
    guest.issue(cfgiCd(VSID));
    expect(guest.where()).toBe('abort');
  });

  test('of a read does not allow a write', () => {
    const guest = new Owner();
    guest.map(VA, PAGE_A, { ap: 3 });
    expect([guest.where(), guest.where(VA, true), guest.where()]).toEqual([PAGE_A, 'abort', PAGE_A]);
    expect(guest.numbers()).toEqual([F_PERMISSION.tag]);
  });

  test('depends on the substream', () => {
    const guest = new Owner();
    const other = new Stage1(guest.ram);
    const table = guest.ram.alloc(1);
    guest.ram.write(table, contextDescriptor({ TTB0: guest.stage1.root, ASID: 1 }));
    guest.ram.write(table + 64n, contextDescriptor({ TTB0: other.root, ASID: 2 }));
    guest.ste({ Config: smmuv3_ste_config.S1_TRANSLATE, S1ContextPtr: table, S1CDMax: 1, S1DSS: 2 });
    guest.issue(cfgiSte(VSID));
    guest.map(VA, PAGE_A);
    other.show(VA, PAGE_B);
    expect([guest.where(VA, false), guest.where(VA, false, 1)]).toEqual([PAGE_A, PAGE_B]);
    guest.issue(tlbiAsid(2));
    other.show(VA, PAGE_A);
    expect([guest.where(VA, false), guest.where(VA, false, 1)]).toEqual([PAGE_A, PAGE_A]);
  });

  test('is that of SMMU_GBPA while SMMUEN is 0, and drops cached translations', () => {
    const guest = new Owner();
    guest.map(VA, PAGE_A);
    expect(guest.where()).toBe(PAGE_A);
    guest.set('SMMU_CR0', 0xe);
    expect(guest.where()).toBe(VA);
    guest.set('SMMU_GBPA', 0x8010_0000);
    expect(guest.where()).toBe('abort');
    expect(guest.numbers()).toEqual([]);
  });

  test('is dropped at a reset, and on another host', () => {
    const guest = new Owner();
    guest.map(VA, PAGE_A);
    expect(guest.where()).toBe(PAGE_A);
    const state = guest.smmu.save();
    guest.map(VA, PAGE_B);
    guest.smmu.load(state);
    expect(guest.where()).toBe(PAGE_B);
    guest.smmu.reset();
    expect(guest.where()).toBe(VA);
  });
});

describe('a failed translation is an event, with an interrupt', () => {
  test.each([
    ['an address that is not mapped', F_TRANSLATION.tag, () => undefined],
    ['an entry that is not valid', C_BAD_STE.tag, (guest: Owner) => guest.ste({ V: 0 })],
    [
      'a stream beyond the table',
      C_BAD_STREAMID.tag,
      (guest: Owner) => {
        guest.set('SMMU_CR0', 0xe);
        guest.set('SMMU_STRTAB_BASE_CFG', 3);
        guest.set('SMMU_CR0', 0xf);
      },
    ],
    ['a descriptor that is not valid', C_BAD_CD.tag, (guest: Owner) => guest.stage1.setUp({ V: 0 })],
    [
      'a descriptor outside of RAM',
      F_CD_FETCH.tag,
      (guest: Owner) => guest.ste({ Config: smmuv3_ste_config.S1_TRANSLATE, S1ContextPtr: 0x1000n }),
    ],
    ['a table outside of RAM', F_WALK_EABT.tag, (guest: Owner) => guest.stage1.setUp({ TTB0: 0x1000n })],
  ] as const)('%s', (_name, event, prepare) => {
    const guest = new Owner();
    prepare(guest);
    expect(guest.where()).toBe('abort');
    expect(guest.taken()).toContain('irq eventq');
    expect(guest.takeEvents()).toMatchObject([{ EventNumber: event, StreamID: VSID }]);
  });

  test('once each time: a fault is not cached', () => {
    const guest = new Owner();
    expect([guest.where(), guest.where()]).toEqual(['abort', 'abort']);
    guest.map(VA, PAGE_A);
    expect(guest.where()).toBe(PAGE_A);
    expect(guest.numbers()).toEqual([F_TRANSLATION.tag, F_TRANSLATION.tag]);
  });
});

describe('ATS and PRI', () => {
  test('a translation request has a result, and the invalidation is passed to the device', () => {
    const guest = new Owner();
    guest.map(VA, PAGE_A);
    expect(guest.smmu.translationRequest(VSID, undefined, VA)).toEqual({ kind: 'place', place: PAGE_A });
    expect(guest.smmu.translationRequest(VSID, undefined, VA + 0x1000n)).toEqual({ kind: 'no access' });
    expect(guest.numbers()).toEqual([]);
    const invalidate: Command = { Opcode: 0x40, StreamID: VSID, Address: VA, Size: 0 };
    guest.issue(invalidate, { ...invalidate, StreamID: 1 }, SYNC);
    expect(guest.invalidated).toMatchObject([{ streamId: VSID, address: VA, size: 0 }]);
    // The command for the other device was passed to the host.
    expect(guest.backend.ran).toEqual([(1n << 32n) | 0x40n]);
  });

  test('a device that does not complete an invalidation fails the next CMD_SYNC', () => {
    const guest = new Owner();
    guest.answersInvalidations = false;
    guest.issue({ Opcode: 0x40, StreamID: VSID, Address: VA }, SYNC);
    expect([guest.get('SMMU_CMDQ_CONS'), guest.get('SMMU_GERROR')]).toEqual([0x0300_0001, 1]);
  });

  test('a response is passed to the requesting device, of the VMM or of the host', () => {
    const guest = new Owner();
    expect(guest.smmu.pageRequest(pageRequest({ StreamID: VSID }))).toBe('queued');
    guest.taken();
    guest.issue(
      { Opcode: 0x41, StreamID: VSID, PRGIndex: 3, Resp: 2 },
      { Opcode: 0x41, StreamID: 1, PRGIndex: 4 },
    );
    expect(guest.answers).toMatchObject([{ streamId: VSID, prgIndex: 3, response: 2 }]);
    expect(guest.taken()).toEqual(['respond 1 4 0']);
  });

  test("without the entry's EATS a request is refused, and recorded", () => {
    const guest = new Owner();
    guest.ste({ Config: smmuv3_ste_config.S1_TRANSLATE, S1ContextPtr: guest.stage1.context });
    expect(guest.smmu.translationRequest(VSID, undefined, VA)).toEqual({ kind: 'unsupported request' });
    expect(guest.numbers()).toEqual([smmuv3_event.cases.F_BAD_ATS_TREQ.tag]);
  });
});

test('a stream can have only one device', () => {
  const guest = new Owner();
  expect(() => guest.smmu.addDevice(VSID)).toThrow('another device');
  expect(() => guest.smmu.addDevice(1)).toThrow('another device');
  guest.smmu.removeDevice(VSID);
  expect(() => guest.smmu.addDevice(VSID)).not.toThrow();
});

test('a hit costs at most three look-ups in a Map, and one in a run of accesses', () => {
  const guest = new Owner();
  guest.map(VA, PAGE_A);
  guest.where();
  const get = Map.prototype.get;
  let lookups = 0;
  Map.prototype.get = function (this: Map<unknown, unknown>, key: unknown): unknown {
    lookups++;
    return get.call(this, key);
  };
  const costs: number[] = [];
  try {
    for (let i = 0; i < 2; i++) {
      lookups = 0;
      guest.smmu.translate(VSID, undefined, VA + 8n);
      costs.push(lookups);
    }
  } finally {
    Map.prototype.get = get;
  }
  expect(costs).toEqual([3, 1]);
});
