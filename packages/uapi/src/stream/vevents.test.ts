import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { iommu_viommu_event_selftest } from '../selftest/data.js';
import { smmuv3_event } from '../smmuv3/event.js';
import { fromHex, toHex } from '../struct/bytes.js';
import { StructError } from '../struct/error.js';
import { lostBetween, sequenceDistance, VEVENT_SEQUENCE_MAX } from './sequence.js';
import { decodeVevents, encodeVevents, type VeventToEncode } from './vevents.js';

const MAX = VEVENT_SEQUENCE_MAX;
const mock = iommu_viommu_event_selftest;

test.each([
  [0, 1, 0],
  [0, 2, 1],
  [5, 10, 4],
  [MAX - 1, MAX, 0],
  [MAX, 0, 0],
  [MAX - 1, 0, 1],
  [MAX, 3, 3],
  [MAX - 2, 2, 4],
])('between event %d and event %d, %d events were lost', (previous, next, lost) => {
  expect(lostBetween(previous, next)).toBe(lost);
  expect(sequenceDistance(previous, next)).toBe(lost + 1);
});

test('decodes a read() of a real kernel: a queue of depth two after five events', () => {
  const bytes = fromHex('0000000000000000990000000000000001000000990000000100000004000000');
  expect(decodeVevents(mock, bytes)).toEqual([
    { kind: 'event', sequence: 0, flags: 0, lost: 0, event: { virt_id: 0x99 } },
    { kind: 'event', sequence: 1, flags: 0, lost: 0, event: { virt_id: 0x99 } },
    { kind: 'lost', sequence: 4, flags: 1, lost: 3 },
  ]);
  const later = fromHex('000000000500000099000000');
  expect(decodeVevents(mock, later, { after: 4 })).toMatchObject([{ kind: 'event', sequence: 5, lost: 0 }]);
});

test('a mark that was dropped shows as a gap', () => {
  const bytes = encodeVevents(mock, [
    { kind: 'event', sequence: 0, event: { virt_id: 1 } },
    { kind: 'event', sequence: 6, event: { virt_id: 2 } },
  ]);
  expect(decodeVevents(mock, bytes).map(({ lost }) => lost)).toEqual([0, 5]);
});

test('the first event of a new queue has the number 0', () => {
  const third = encodeVevents(mock, [{ kind: 'event', sequence: 3, event: { virt_id: 1 } }]);
  expect(decodeVevents(mock, third)).toMatchObject([{ lost: 3 }]);
  expect(decodeVevents(mock, third, { after: 2 })).toMatchObject([{ lost: 0 }]);
  const lost = encodeVevents(mock, [{ kind: 'lost', sequence: 0 }]);
  expect(decodeVevents(mock, lost)).toMatchObject([{ kind: 'lost', lost: 1 }]);
});

test('the number after the last one is 0', () => {
  const bytes = encodeVevents(mock, [
    { kind: 'event', sequence: MAX, event: { virt_id: 1 } },
    { kind: 'event', sequence: 0, event: { virt_id: 2 } },
    { kind: 'lost', sequence: 2 },
  ]);
  expect(decodeVevents(mock, bytes, { after: MAX - 1 }).map(({ lost }) => lost)).toEqual([0, 0, 2]);
});

describe('a record truncated at the end is an error', () => {
  const bytes = encodeVevents(smmuv3_event, [
    { kind: 'event', sequence: 0, event: { EventNumber: 0x06, StreamID: 7 } },
    { kind: 'lost', sequence: 1 },
    { kind: 'event', sequence: 2, event: { EventNumber: 0x06, StreamID: 8 } },
  ]);

  test.each([
    [3, '[0].header', 0],
    [8, '[0].data', 8],
    [39, '[0].data', 8],
    [44, '[1].header', 40],
    [55, '[2].header', 48],
    [87, '[2].data', 56],
  ])('at byte %d', (length, path, offset) => {
    // At byte 8, the header announces data and the bytes end.
    try {
      decodeVevents(smmuv3_event, bytes.subarray(0, length));
    } catch (error) {
      expect(error).toBeInstanceOf(StructError);
      expect(error).toMatchObject({ struct: 'veventq', path, offset });
      return;
    }
    throw new Error('nothing was thrown');
  });

  test.each([0, 40, 48, 88])('but not between records, at byte %d', (length) => {
    expect(() => decodeVevents(smmuv3_event, bytes.subarray(0, length))).not.toThrow();
  });
});

test('the error of an invalid event has its index and offset in the stream', () => {
  const bytes = encodeVevents(smmuv3_event, [
    { kind: 'lost', sequence: 1 },
    { kind: 'event', sequence: 2, event: { EventNumber: 0x06, StreamID: 8 } },
  ]);
  bytes[17] = 0x80;
  expect(() => decodeVevents(smmuv3_event, bytes)).toThrow(
    'veventq[1].data at offset 17: expected zero in reserved bit 15, found 1',
  );
  expect(decodeVevents(smmuv3_event, bytes, { lenient: true })).toHaveLength(2);
  expect(() => encodeVevents(mock, [{ kind: 'lost', sequence: MAX + 1 }])).toThrow(
    'veventq[0].header.sequence at offset 4: expected an integer from 0 to 2147483647, found 2147483648',
  );
  expect(() => encodeVevents(mock, [{ kind: 'lost', sequence: -1 }])).toThrow('veventq[0].header.sequence');
  expect(() =>
    encodeVevents(mock, [
      { kind: 'lost', sequence: 1 },
      { kind: 'event', sequence: 2, event: { virt_id: -1 } },
    ]),
  ).toThrow('veventq[1].data.virt_id at offset 16');
});

test.each<[what: string, record: unknown, message: string]>([
  ['no record', null, "veventq[0] at offset 0: expected a record of kind 'event' or 'lost', found null"],
  ['no kind', { sequence: 0 }, "expected a record of kind 'event' or 'lost', found an object"],
  ['another kind', { kind: 'evnt', sequence: 0 }, 'found "evnt"'],
  ['no sequence', { kind: 'lost' }, 'veventq[0].header.sequence at offset 4'],
  [
    'an event with IOMMU_VEVENTQ_FLAG_LOST_EVENTS',
    { kind: 'event', flags: 1, sequence: 0, event: { virt_id: 1 } },
    'not to be set',
  ],
  [
    'a mark without IOMMU_VEVENTQ_FLAG_LOST_EVENTS',
    { kind: 'lost', flags: 2, sequence: 0 },
    'LOST_EVENTS to be set',
  ],
  ['no event', { kind: 'event', sequence: 0 }, 'veventq[0].data at offset 8'],
])('encoding fails for %s', (_what, record, message) => {
  expect(() => encodeVevents(mock, [record as VeventToEncode<{ virt_id: number }>])).toThrow(message);
});

test('unknown flags are kept', () => {
  const bytes = fromHex('0300000001000000' + '020000000200000099000000');
  expect(toHex(encodeVevents(mock, decodeVevents(mock, bytes)))).toBe(toHex(bytes));
});

test('numbers beyond VEVENT_SEQUENCE_MAX are refused', () => {
  expect(() => decodeVevents(mock, fromHex('01000000ffffffff'))).toThrow(
    'veventq[0].header.sequence at offset 4: expected an integer from 0 to 2147483647, found 4294967295',
  );
  for (const after of [-1, 1.5, NaN, 2 ** 31]) {
    expect(() => decodeVevents(mock, new Uint8Array(), { after })).toThrow('veventq.after');
  }
});

test('any sequence of records survives encoding and decoding, and the lost events add up', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean(), fc.integer({ min: 0 })));
  fc.assert(
    fc.property(steps, fc.integer({ min: -1, max: MAX }), (list, start) => {
      let sequence = start;
      let sent = 0;
      const records = list.map(([skipped, isMark, virt_id]): VeventToEncode<{ virt_id: number }> => {
        sequence = (sequence + skipped + 1) & MAX;
        sent += skipped + 1;
        return isMark ? { kind: 'lost', sequence } : { kind: 'event', sequence, event: { virt_id } };
      });
      const bytes = encodeVevents(mock, records);
      const back = decodeVevents(mock, bytes, start === -1 ? {} : { after: start });
      const events = back.filter(({ kind }) => kind === 'event').length;
      expect(events + back.reduce((sum, { lost }) => sum + lost, 0)).toBe(sent);
      expect(toHex(encodeVevents(mock, back))).toBe(toHex(bytes));
    }),
  );
});
