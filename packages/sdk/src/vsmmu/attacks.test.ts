import { expect, test } from '@jest/globals';
import { cfgiSte, SYNC, tlbiAsid } from '@iommufd/testkit/guest';
import { smmuv3_event } from '@iommufd/uapi';
import { decode } from '@iommufd/uapi/struct';
import { guestIdRegisters } from './id-registers.js';
import { asidWord, CMDQ, Guest } from './vsmmu.testing.js';

test('a command is checked and used from one copy, whatever the guest writes at the same time', () => {
  const guest = new Guest().start();
  // The guest's memory changes when the host gets the first command: too late for the other commands of the run.
  guest.backend.invalidate = (commands) => {
    guest.ram.write64(CMDQ + 16n, 0xffn, 0n);
    expect(commands.map(({ cmd }) => cmd[0])).toEqual([asidWord(1), asidWord(2)]);
  };
  guest.issue(tlbiAsid(1), tlbiAsid(2), SYNC);
  expect(guest.get('SMMU_CMDQ_CONS')).toBe(3);
});

test('streams that the host could not configure are configured later', () => {
  const guest = new Guest({ streams: [5] }).start();
  const { setStream } = guest.backend;
  guest.backend.setStream = () => {
    throw new Error('the host is out of memory');
  };
  expect(() => guest.set('SMMU_CR0', 0xd)).toThrow('out of memory');
  const configured: unknown[] = [];
  guest.backend.setStream = (streamId, config) => {
    configured.push([streamId, config.kind]);
    setStream.call(guest.backend, streamId, config);
  };
  // The guest continues, because its write has taken effect.
  guest.issue(SYNC);
  expect(configured).toEqual([[5, 'abort']]);
});

test('a state is loaded completely, including the invalidation of translations, even if the host fails for a stream', () => {
  const guest = new Guest({ streams: [5] }).start(4, 0xd);
  const state = guest.smmu.save();
  const other = new Guest({ streams: [5] });
  const dropped: unknown[] = [];
  other.backend.invalidate = (commands) => {
    dropped.push(commands);
  };
  other.backend.setStream = () => {
    throw new Error('the host is out of memory');
  };
  expect(() => other.smmu.load(state)).toThrow('out of memory');
  expect(dropped).toEqual([[{ cmd: [0x30n, 0n] }]]);
});

test.each([
  null,
  undefined,
  5,
  'state',
  {},
  { version: 1, idRegisters: null },
  { version: 1, idRegisters: {}, registers: {}, streams: [null] },
])('an invalid state is refused: %j', (state) => {
  const guest = new Guest();
  expect(() => guest.smmu.load(state as never)).toThrow(RangeError);
});

test('hardware on which every transaction stalls is refused', () => {
  expect(() => guestIdRegisters({ idr: [0x0200_001b, 0, 0, 0, 0, 0], aidr: 0 })).toThrow('everything stalls');
});

test('a disabled SMMU records no events', () => {
  const guest = new Guest().start(4, 0xc);
  guest.smmu.handleEvents([
    { kind: 'event', sequence: 0, event: decode(smmuv3_event, new Uint8Array(32).fill(0x10, 0, 1)) },
  ]);
  expect(guest.get('SMMU_EVENTQ_PROD')).toBe(0);
  expect(cfgiSte(5).Opcode).toBe(3);
});
