import { describe, expect, test } from '@jest/globals';
import { commandRequirements } from '@iommufd/smmuv3';
import { smmuv3_command } from '@iommufd/uapi';
import { commandRules, type Handling } from './command-rules.js';
import { guestIdRegisters, showIdRegisters } from './id-registers.js';
import { Guest, HARDWARE_WITH_ATS } from './vsmmu.testing.js';

const STREAM = 5;
/** The StreamID of commands that have one; for TLB invalidations it is the VMID. */
const HIGH = BigInt(STREAM) << 32n;

/** The handling of every command, by opcode, for a guest without optional features and for one with all. */
const rows: readonly [opcode: number, plain: Handling, all: Handling][] = [
  [0x01, 'nothing', 'nothing'],
  [0x02, 'nothing', 'nothing'],
  [0x03, 'configure', 'configure'],
  [0x04, 'configure-range', 'configure-range'],
  [0x05, 'forward-of-stream', 'forward-of-stream'],
  [0x06, 'forward-of-stream', 'forward-of-stream'],
  [0x10, 'forward', 'forward'],
  [0x11, 'forward', 'forward'],
  [0x12, 'forward', 'forward'],
  [0x13, 'forward', 'forward'],
  [0x30, 'forward', 'forward'],
  [0x40, 'illegal', 'forward-of-stream'],
  [0x41, 'illegal', 'respond'],
  [0x46, 'sync', 'sync'],
];

/** The effects of a command on the guest and the host. */
const effects: Readonly<Record<Handling, readonly string[]>> = {
  forward: ['invalidate 1'],
  'forward-of-stream': ['invalidate 1'],
  nothing: [],
  configure: ['stream 5 abort'],
  'configure-range': ['stream 5 abort'],
  respond: ['respond 5 0 0'],
  sync: [],
  illegal: ['irq gerror'],
};

const guests = {
  plain: {},
  all: { ats: true, pri: true, msi: true, sev: true },
} as const;

describe.each(['plain', 'all'] as const)('a guest that sees %s', (which) => {
  const expected = new Map(rows.map(([opcode, plain, all]) => [opcode, which === 'plain' ? plain : all]));

  const check = (opcode: number, handling: Handling): void => {
    const guest = new Guest({ ...guests[which], streams: [STREAM] }).start(4, 0xd);
    guest.taken();
    guest.issue([BigInt(opcode) | HIGH, 0n]);
    expect([opcode, guest.taken()]).toEqual([opcode, effects[handling]]);
    const isIllegal = handling === 'illegal';
    expect(guest.get('SMMU_CMDQ_CONS')).toBe(isIllegal ? 0x0100_0000 : 1);
    expect(guest.get('SMMU_GERROR')).toBe(isIllegal ? 1 : 0);
    if (handling.startsWith('forward')) expect(guest.backend.ran).toEqual([BigInt(opcode) | HIGH]);
  };

  test.each([...expected])('opcode %i: %s', check);

  test('every other opcode is illegal', () => {
    for (let opcode = 0; opcode < 256; opcode++) if (!expected.has(opcode)) check(opcode, 'illegal');
  });

  test('SSec belongs to the Secure queue', () => {
    for (const [name, { tag, fields }] of Object.entries(smmuv3_command.cases)) {
      if (!('SSec' in fields)) continue;
      const guest = new Guest({ ...guests[which], streams: [STREAM] }).start();
      guest.issue([BigInt(tag) | HIGH | 0x400n, 0n]);
      expect([name, guest.taken()]).toEqual([name, ['irq gerror']]);
    }
  });
});

test('the table has every command, and the illegal ones require features that no guest has', () => {
  expect(Object.keys(commandRules).sort()).toEqual(Object.keys(smmuv3_command.cases).sort());
  const features = showIdRegisters(guestIdRegisters(HARDWARE_WITH_ATS, guests.all));
  const missing = Object.entries(commandRequirements).filter(([, isMet]) => !isMet(features));
  const illegal = Object.entries(commandRules).filter(([, handling]) => handling === 'illegal');
  expect(illegal.map(([name]) => name)).toEqual(missing.map(([name]) => name));
});

test('commands for a stream without a device have no effect, and are not passed to the kernel', () => {
  const guest = new Guest({ ats: true, streams: [1] }).start(4, 0xd);
  guest.taken();
  for (const opcode of [0x03n, 0x05n, 0x06n, 0x40n]) guest.issue([opcode | HIGH, 0n]);
  expect(guest.taken()).toEqual([]);
  expect(guest.get('SMMU_CMDQ_CONS')).toBe(4);
});

describe('commands of a substream', () => {
  const SSV = 1n << 11n;
  const GLOBAL = 1n << 9n;
  const index = (substream: bigint): bigint => substream << 12n;
  const [idr0, idr1, ...others] = HARDWARE_WITH_ATS.idr;
  const withSubstreams = { ...HARDWARE_WITH_ATS, idr: [idr0, idr1 | (8 << 6), ...others] as const };

  test.each<readonly [string, word0: bigint, without: bigint | undefined]>([
    ['CMD_CFGI_CD of index 0', 0x05n, 0x05n],
    ['CMD_CFGI_CD', 0x05n | index(3n), undefined],
    ['CMD_ATC_INV', 0x40n | SSV | index(3n), undefined],
    ['CMD_ATC_INV of all', 0x40n | SSV | GLOBAL | index(3n), undefined],
    ['CMD_ATC_INV without SSV', 0x40n | GLOBAL | index(3n), 0x40n],
  ])(
    '%s: without substreams it has no effect, or what belongs to them is ignored',
    (_name, word0, without) => {
      for (const [hardware, expected] of [
        [withSubstreams, word0],
        [HARDWARE_WITH_ATS, without],
      ] as const) {
        const guest = new Guest({ ats: true, hardware, ssidBits: 8, streams: [STREAM] }).start(4, 0xd);
        guest.issue([word0 | HIGH, 52n]);
        expect([guest.get('SMMU_CMDQ_CONS'), guest.get('SMMU_GERROR')]).toEqual([1, 0]);
        expect(guest.backend.ran).toEqual(expected === undefined ? [] : [expected | HIGH]);
      }
    },
  );
});

test('reserved values of CMD_SYNC and CMD_PRI_RESP are illegal', () => {
  const sync = new Guest().start();
  sync.issue([0x3046n, 0n]);
  expect(sync.get('SMMU_CMDQ_CONS')).toBe(0x0100_0000);
  const response = new Guest(guests.all).start();
  response.issue([0x41n | HIGH, 0x3003n], [0x41n | HIGH, 0x2003n]);
  expect(response.taken()).toEqual(['irq gerror']);
  const granted = new Guest(guests.all).start();
  granted.issue([0x41n | HIGH, 0x2003n]);
  expect(granted.taken()).toEqual(['respond 5 3 2']);
});
