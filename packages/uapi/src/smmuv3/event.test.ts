import { expect, test } from '@jest/globals';
import { array } from '../struct/array.js';
import { annotate, decode, encode } from '../struct/codec.js';
import { StructError } from '../struct/error.js';
import { u64 } from '../struct/integer.js';
import type { Decoded } from '../struct/type.js';
import { view } from '../struct/view.js';
import { isImplementationDefined, smmuv3_event, smmuv3_event_class } from './event.js';

type Event = Decoded<typeof smmuv3_event>;

const words = array(u64, 4);
/** A read by stream 0x123 of an address that is not mapped, and a write to it. */
const read = encode(words, [0x0000_0123_0000_0010n, 0x0000_0208_0000_0000n, 0x1000_2000n, 0n]);
const write = encode(words, [0x0000_0123_0000_0010n, 0x0000_0200_0000_0000n, 0x1000_2000n, 0n]);

const translationFault: Event = {
  EventNumber: 0x10,
  StreamID: 0x123,
  SSV: 0,
  SubstreamID: 0,
  STAG: 0,
  Stall: 0,
  PnU: 0,
  InD: 0,
  RnW: 1,
  NSIPA: 0,
  S2: 0,
  CLASS: smmuv3_event_class.IN,
  IMPL_DEF: 0,
  InputAddr: 0x1000_2000n,
  IPA: 0n,
};

test('translation faults that hardware reported', () => {
  expect(decode(smmuv3_event, read)).toEqual(translationFault);
  expect(decode(smmuv3_event, write)).toEqual({ ...translationFault, RnW: 0 });
  expect(encode(smmuv3_event, translationFault)).toEqual(read);
  expect(encode(smmuv3_event, { ...translationFault, RnW: 0 })).toEqual(write);
});

test('a stage 2 fault that stalls', () => {
  const record = encode(words, [
    0x0000_0040_0000_3813n,
    0x0000_118a_8000_0007n,
    0xffff_0000_1234_5678n,
    0x00ff_8000_4000_1000n,
  ]);
  expect(decode(smmuv3_event, record)).toEqual({
    ...translationFault,
    EventNumber: 0x13,
    StreamID: 0x40,
    SSV: 1,
    SubstreamID: 3,
    STAG: 7,
    Stall: 1,
    PnU: 1,
    S2: 1,
    CLASS: smmuv3_event_class.TT,
    TTRnW: 1,
    DirtyBit: 0,
    AssuredOnly: 0,
    Overlay: 0,
    InputAddr: 0xffff_0000_1234_5678n,
    IPA: 0xff_8000_4000_1000n,
  });
});

test('the printed form names classes and shows addresses in hex', () => {
  const fields = annotate(smmuv3_event, read).flatMap(({ bits = [] }) => bits);
  const text = Object.fromEntries(fields.map(({ name, text }) => [name, text]));
  expect(text).toMatchObject({ CLASS: 'IN', S2: 'STAGE_1', InputAddr: '0x10002000', IPA: '0x0', RnW: '1' });
});

test('a view knows which event it is on', () => {
  const event = view(smmuv3_event, Uint8Array.from(read));
  expect([event.tag, event.variant]).toEqual([0x10, 'F_TRANSLATION']);
  const fault = event.as('F_TRANSLATION');
  fault.RnW = 0;
  expect(fault.RnW).toBe(0);
  expect(() => event.as('F_ACCESS')).toThrow('not F_ACCESS but F_TRANSLATION');
});

test('reserved bits are refused', () => {
  const reserved = encode(words, [0x110n, 0n, 0n, 0n]);
  expect(() => decode(smmuv3_event, reserved)).toThrow(StructError);
  expect(decode(smmuv3_event, reserved, { lenient: true })).toMatchObject({ EventNumber: 0x10, StreamID: 0 });
  const disabled = encode(words, [0x806n, 0n, 0n, 0n]);
  expect(() => decode(smmuv3_event, disabled)).toThrow('zero in reserved bit 11');
});

test('addresses must be representable in the record', () => {
  const event = { ...translationFault, IPA: 0x800n };
  expect(() => encode(smmuv3_event, event)).toThrow('IPA');
  expect(() => encode(smmuv3_event, { ...translationFault, IPA: 1n << 56n })).toThrow('IPA');
});

test('events of the implementation have names, reserved ones only their bytes', () => {
  const own = encode(words, [0x1234_5678_9abc_dee7n, 1n, 2n, 3n]);
  const event = decode(smmuv3_event, own);
  expect(event).toEqual({
    EventNumber: 0xe7,
    IMPLEMENTATION_DEFINED_63_8: 0x12_3456_789a_bcden,
    IMPLEMENTATION_DEFINED_127_64: 1n,
    IMPLEMENTATION_DEFINED_191_128: 2n,
    IMPLEMENTATION_DEFINED_255_192: 3n,
  });
  expect(smmuv3_event.nameOf(0xe7)).toBe('IMPDEF_EVENT7');
  expect(encode(smmuv3_event, event)).toEqual(own);
  expect([0xdf, 0xe0, 0xef, 0xf0].map(isImplementationDefined)).toEqual([false, true, true, false]);

  const unknown = encode(words, [0x22n, 0n, 0n, 0n]);
  expect(decode(smmuv3_event, unknown)).toEqual({ EventNumber: 0x22, raw: unknown });
});

/** The address that a fault is about; this compiles only while EventNumber tells the forms apart. */
function addressOf(event: Event): bigint | undefined {
  switch (event.EventNumber) {
    case smmuv3_event.cases.F_TRANSLATION.tag:
      event.STAG satisfies number;
      event.CLASS satisfies number;
      // @ts-expect-error a translation fault fetches nothing
      event.FetchAddr;
      // @ts-expect-error only permission faults tell what the walk did
      event.TTRnW;
      return event.IPA satisfies bigint;
    case 0x13:
      event.TTRnW satisfies number;
      return event.IPA satisfies bigint;
    case 0x03:
      // @ts-expect-error a failed fetch does not stall
      event.Stall;
      // @ts-expect-error and has no input address
      event.InputAddr;
      return event.FetchAddr satisfies bigint;
    case 0x06:
      // @ts-expect-error this event has no substream
      event.SSV;
      return undefined;
    case 0x22:
      // @ts-expect-error a number without a form has bytes only
      event.StreamID;
      event.raw satisfies Uint8Array;
      return undefined;
    default:
      // @ts-expect-error not all events have an IPA
      return event.IPA;
  }
}

test('EventNumber tells the fields apart', () => {
  expect(addressOf({ ...translationFault, IPA: 0x5000n })).toBe(0x5000n);
  const fetch = { StreamID: 1, SSV: 0, SubstreamID: 0, Reason: 0, GPCF: 0, FetchAddr: 0x1238n };
  expect(addressOf({ EventNumber: 0x03, ...fetch })).toBe(0x1238n);
  expect(addressOf({ EventNumber: 0x06, StreamID: 1 })).toBeUndefined();
  // @ts-expect-error StreamID is missing
  ({ EventNumber: 0x06 }) satisfies Event;
  // @ts-expect-error F_STREAM_DISABLED has no IPA
  ({ EventNumber: 0x06, StreamID: 1, IPA: 0n }) satisfies Event;
});
