import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { iommu_viommu_event_selftest } from '../selftest/data.js';
import { smmuv3_event } from '../smmuv3/event.js';
import { iommu_vevent_tegra241_cmdqv } from '../tegra241/tegra241.js';
import type { BitStruct } from '../struct/bits.js';
import type { BitFields } from '../struct/bits.js';
import { StructError } from '../struct/error.js';
import { u32 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import type { Type } from '../struct/type.js';
import { veventCursor } from './vevent-cursor.js';
import { decodeVevents, encodeVevents, type VeventToEncode } from './vevents.js';

type SmmuEvent = Parameters<(typeof smmuv3_event)['$encodable']>[0];

/** An arbitrary value of a record. */
function valueOf(struct: BitStruct<BitFields>): fc.Arbitrary<Record<string, number | bigint>> {
  const fields = struct.members.map(({ name, max, fixed }) => {
    if (fixed !== undefined) return [name, fc.constant(fixed)] as const;
    if (typeof max === 'number')
      return [name, fc.nat({ max: 0xffff_ffff }).map((n) => n % (max + 1))] as const;
    return [name, fc.bigInt(0n, 0xffff_ffff_ffff_ffffn).map((n) => n & max)] as const;
  });
  return fc.record(Object.fromEntries(fields));
}

const anyEvent = fc.oneof(
  ...[...smmuv3_event.structs.values()].map(valueOf),
) as unknown as fc.Arbitrary<SmmuEvent>;

/** The fields of each record as read by a cursor, by the names of the decoded fields. */
function visited<Out extends object, In, V>(type: Type<Out, In, V>, bytes: Uint8Array): unknown[] {
  const decoded = decodeVevents(type, bytes);
  const cursor = veventCursor(type, bytes);
  const seen: unknown[] = [];
  let at = 0;
  for (const record of decoded) {
    const end = cursor.moveTo(at);
    expect(cursor.offset).toBe(at);
    const { sequence, flags, isLost } = cursor;
    if (record.kind === 'lost') seen.push({ sequence, flags, isLost });
    else {
      const names = Object.keys(record.event) as (keyof typeof cursor)[];
      seen.push({
        sequence,
        flags,
        isLost,
        event: Object.fromEntries(names.map((name) => [name, cursor[name]])),
      });
      for (const name of names) {
        const value: unknown = cursor[name];
        if (typeof value !== 'bigint') continue;
        const halves = cursor as unknown as Record<string, number>;
        expect(halves[`${String(name)}_lo`]).toBe(Number(value & 0xffff_ffffn));
        expect(halves[`${String(name)}_hi`]).toBe(Number(value >> 32n));
      }
    }
    at = end;
  }
  expect(at).toBe(bytes.length);
  return seen;
}

/** The same fields, from decoded records. */
function decodedAs<Out extends object, In, V>(type: Type<Out, In, V>, bytes: Uint8Array): unknown[] {
  return decodeVevents(type, bytes).map((record) => {
    const { kind, sequence, flags } = record;
    return { sequence, flags, isLost: kind === 'lost', ...(kind === 'event' ? { event: record.event } : {}) };
  });
}

describe('a cursor has the fields of the decoded record', () => {
  test('of SMMUv3 events of every form', () => {
    const record = fc.oneof(
      { weight: 4, arbitrary: anyEvent.map((event) => ({ kind: 'event' as const, event })) },
      { weight: 1, arbitrary: fc.constant({ kind: 'lost' as const }) },
    );
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), (records) => {
        const numbered = records.map((r, sequence): VeventToEncode<SmmuEvent> => ({ ...r, sequence }));
        const bytes = encodeVevents(smmuv3_event, numbered);
        expect(visited(smmuv3_event, bytes)).toEqual(decodedAs(smmuv3_event, bytes));
      }),
    );
  });

  test('of events with an unknown number', () => {
    const raw = new Uint8Array(32).fill(0x7f);
    const bytes = encodeVevents(smmuv3_event, [
      { kind: 'event', sequence: 0, event: { EventNumber: 0x7f, raw } },
    ]);
    expect(visited(smmuv3_event, bytes)).toEqual(decodedAs(smmuv3_event, bytes));
  });

  test('of structs', () => {
    const mock = encodeVevents(iommu_viommu_event_selftest, [
      { kind: 'event', sequence: 0, event: { virt_id: 0x99 } },
      { kind: 'lost', sequence: 4 },
    ]);
    expect(visited(iommu_viommu_event_selftest, mock)).toEqual(decodedAs(iommu_viommu_event_selftest, mock));
    const cmdqv = encodeVevents(iommu_vevent_tegra241_cmdqv, [
      { kind: 'event', sequence: 0, event: { lvcmdq_err_map: [1n, 1n << 63n] } },
    ]);
    expect(visited(iommu_vevent_tegra241_cmdqv, cmdqv)).toEqual(
      decodedAs(iommu_vevent_tegra241_cmdqv, cmdqv),
    );
  });
});

test('a field whose bits depend on the form is read where the record has it', () => {
  const bytes = encodeVevents(smmuv3_event, [
    {
      kind: 'event',
      sequence: 0,
      event: { EventNumber: 0x21, StreamID: 1, SSV: 0, SubstreamID: 0, Reason: 0x12345 },
    },
    { kind: 'event', sequence: 1, event: { EventNumber: 0x02, StreamID: 1, SSV: 0, SubstreamID: 0 } },
  ]);
  const cursor = veventCursor(smmuv3_event, bytes);
  const end = cursor.moveTo(0);
  expect(cursor.Reason).toBe(0x12345);
  cursor.moveTo(end);
  expect(cursor.Reason).toBe(0);
});

describe('invalid records are refused, and the cursor does not move', () => {
  const good = encodeVevents(smmuv3_event, [
    { kind: 'event', sequence: 0, event: { EventNumber: 0x02, StreamID: 1, SSV: 0, SubstreamID: 0 } },
    { kind: 'event', sequence: 1, event: { EventNumber: 0x04, StreamID: 2, SSV: 0, SubstreamID: 0 } },
  ]);
  const changed = (at: number, value: number): Uint8Array => {
    const bytes = good.slice();
    bytes[at] = value;
    return bytes;
  };
  test.each<[string, Uint8Array, Partial<StructError>]>([
    ['a truncated header', good.subarray(0, 44), { offset: 44, path: 'header.sequence' }],
    ['a truncated event', good.subarray(0, 79), { offset: 48, path: 'data' }],
    ['a sequence number that is too large', changed(47, 0x80), { offset: 44, path: 'header.sequence' }],
    ['a reserved bit of the first word', changed(49, 1), { offset: 49, path: 'data' }],
    ['a reserved bit of the last word', changed(79, 0x80), { offset: 79, path: 'data' }],
  ])('%s', (_what, bytes, wrong) => {
    const cursor = veventCursor(smmuv3_event, bytes);
    const end = cursor.moveTo(0);
    let error: unknown;
    try {
      cursor.moveTo(end);
    } catch (cause) {
      error = cause;
    }
    expect(error).toBeInstanceOf(StructError);
    expect(error).toMatchObject({ struct: 'veventq', ...wrong });
    expect(cursor.StreamID).toBe(1);
  });

  test.each([-1, -8, 0.5, 80, 81, Number.NaN])('no record begins at %d', (at) => {
    const cursor = veventCursor(smmuv3_event, good);
    cursor.moveTo(40);
    expect(() => cursor.moveTo(at)).toThrow(StructError);
    expect(cursor.StreamID).toBe(2);
  });

  test('unless lenient, which does not check reserved bits', () => {
    const cursor = veventCursor(smmuv3_event, changed(49, 1), { lenient: true });
    expect(cursor.moveTo(40)).toBe(80);
    expect(cursor.StreamID).toBe(2);
  });
});

test('a format with a field that has the name of a property of the cursor is refused', () => {
  const format = struct('format', '', { virt_id: u32.out(''), flags: u32.out('') });
  expect(() => veventCursor(format, new Uint8Array(0))).toThrow(
    new TypeError('format.flags: a property of the cursor has this name'),
  );
  const harmless = struct('harmless', '', { data: u32.out(''), event: u32.out(''), type: u32.out('') });
  const bytes = encodeVevents(harmless, [
    { kind: 'event', sequence: 0, event: { data: 1, event: 2, type: 3 } },
  ]);
  const cursor = veventCursor(harmless, bytes);
  cursor.moveTo(0);
  expect([cursor.data, cursor.event, cursor.type]).toEqual([1, 2, 3]);
});

test('types list the fields of a cursor', () => {
  const cursor = veventCursor(smmuv3_event, new Uint8Array(0));
  const check = (): void => {
    const address: bigint = cursor.InputAddr;
    const half: number = cursor.InputAddr_lo;
    // @ts-expect-error No event has such a field.
    void cursor.Virtue;
    // @ts-expect-error Fields are read, not written.
    cursor.StreamID = 1;
    void [address, half];
  };
  expect(check).toBeDefined();
});
