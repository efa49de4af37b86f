import { describe, expect, test } from '@jest/globals';
import type { VsmmuBackend } from '@iommufd/sdk';
import { type GuestDifference, playGuest } from './guest-replay.js';
import { parseGuestTape } from '@iommufd/tape';
import { GUEST_TAPES, readGuestTape } from './guest-files.js';
import { type GuestDepartures, QEMU_FOR_GUESTS } from './qemu-departures.js';

const read = (name: string) => readGuestTape(new URL(`../../tapes/guest/${name}.jsonl.gz`, import.meta.url));
const few = (differences: readonly GuestDifference[]) => differences.slice(0, 5);

test.each([...GUEST_TAPES.ask].map((url) => [readGuestTape(url)] as const))(
  '$name replays as on the reference, with its departures',
  (tape) => {
    const { differences, compared } = playGuest(tape);
    expect(few(differences)).toEqual([]);
    expect(compared).toBeGreaterThan(50);
  },
);

/** A valid guest observes one departure: how often the event queue interrupts. */
const INTERRUPTS: GuestDepartures = { guest: { interruptsForEveryEvent: true }, hardware: {}, replay: {} };

test.each([...GUEST_TAPES.linux, ...GUEST_TAPES.good].map((url) => [readGuestTape(url)] as const))(
  '$name replays as on the reference, on an SMMU that follows the architecture',
  (tape) => {
    const { differences, compared } = playGuest(tape, { departures: INTERRUPTS });
    expect(few(differences)).toEqual([]);
    expect(compared).toBeGreaterThan(1500);
  },
);

describe('a control differs', () => {
  const tape = read('linux-dma');
  const without = (part: Partial<VsmmuBackend>) => (backend: VsmmuBackend) => ({
    streams: backend.streams,
    invalidate: backend.invalidate.bind(backend),
    setStream: backend.setStream.bind(backend),
    ...part,
  });

  test('without invalidations: devices still reach memory that the guest has unmapped', () => {
    const { differences } = playGuest(tape, { wrap: without({ invalidate: () => undefined }) });
    expect(differences.length).toBeGreaterThan(5000);
    expect(differences.filter(({ expected }) => expected === 'nothing stale').length).toBeGreaterThan(2000);
  });

  test('without changes of streams: devices reach nothing', () => {
    const { differences } = playGuest(tape, { wrap: without({ setStream: () => undefined }) });
    expect(differences.length).toBeGreaterThan(5000);
  });
});

/** The departures of QEMU without one. */
function withoutDeparture(part: keyof GuestDepartures, name: string): GuestDepartures {
  const rest = Object.entries(QEMU_FOR_GUESTS[part]).filter(([other]) => other !== name);
  return { ...QEMU_FOR_GUESTS, [part]: Object.fromEntries(rest) };
}

/** Each departure, and a tape that shows it. */
const shown: readonly (readonly [part: keyof GuestDepartures, name: string, tape: string])[] = [
  ['guest', 'checksUnusedS1CDMax', 'ask-stes'],
  ['guest', 'keepsReservedBits', 'ask-regs'],
  ['guest', 'ignoresGuards', 'ask-regs'],
  ['guest', 'doublesSpan', 'ask-strtab'],
  ['guest', 'ignoresQueueAlignment', 'ask-cmdq'],
  ['guest', 'acceptsForeignCommands', 'ask-cmdq'],
  ['guest', 'reportsOverflowAsAbort', 'ask-evtq'],
  ['guest', 'interruptsForEveryEvent', 'ask-evtq'],
  ['guest', 'cachesLegalStructuresOnly', 'ask-dma'],
  ['hardware', 'ignoresPrivilegedOnly', 'ask-ptes'],
  ['hardware', 'forgetsTablePermissions', 'ask-ptes'],
  ['hardware', 'ignoresInvalidationHints', 'ask-tlbi'],
  ['hardware', 'ignoresTableAddressSize', 'ask-ptes'],
  ['hardware', 'silentLargeBypass', 'ask-random1'],
  ['hardware', 'checksOutputSizeLast', 'ask-random2'],
  ['replay', 'aliasesPages', 'ask-regs'],
  ['replay', 'refusesWideAccessToPairs', 'ask-regs'],
  ['replay', 'resetsQueuesToLargest', 'ask-regs'],
  ['replay', 'keepsTwoLevelFormat', 'ask-strtab'],
  ['replay', 'ignoresReservedCommandFields', 'ask-tlbi'],
  ['replay', 'retriesRefusedPieces', 'ask-dma'],
];

test.each(shown)('the departure of the %s %s is visible in %s', (part, name, tape) => {
  const { differences } = playGuest(read(tape), { departures: withoutDeparture(part, name) });
  expect(differences).not.toEqual([]);
});

/** Departures that no tape here needs. Tests of `@iommufd/smmuv3` and the tapes of the driver cover them. */
const NOT_SHOWN = ['hardware ignoresGlobalPages', 'hardware cachesLegalStructuresOnly'];

test('every departure of the reference is shown', () => {
  const all = Object.entries(QEMU_FOR_GUESTS).flatMap(([part, names]) =>
    Object.keys(names as object).map((name) => `${part} ${name}`),
  );
  expect([...shown.map(([part, name]) => `${part} ${name}`), ...NOT_SHOWN].sort()).toEqual(all.sort());
});

test('an invalid tape of a guest is refused with its line', () => {
  expect(() => parseGuestTape('{"t":"reset"}\n{"t":"rset"}')).toThrow('line 2: not a step of a guest');
  expect(() => parseGuestTape('{"t":')).toThrow('line 1: ');
});
