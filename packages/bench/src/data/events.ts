import { encodeVevents, smmuv3_event, VEVENT_SEQUENCE_MAX, type VeventToEncode } from '@iommufd/uapi';
import type { Encodable } from '@iommufd/uapi/struct';
import { Random } from '@iommufd/testkit';

/** Records of the buffer that W1a and W1b decode. */
export const RECORDS = 65_536;
/** Bytes of a record: its header, and an event. */
export const RECORD_BYTES = 40;

/** Bytes of a read of 1,024 records. */
export const READ_BYTES = 1024 * RECORD_BYTES;

/** What W1a makes of a record. */
export interface EventFields {
  readonly sequence: number;
  readonly flags: number;
  readonly EventNumber: number;
  readonly SSV: number;
  readonly SubstreamID: number;
  readonly StreamID: number;
  /** 0 for the events that have none. */
  readonly InputAddr: bigint;
}

/** All have SSV, SubstreamID and StreamID, and all but the last two an input address. */
const FORMS = [
  'F_TRANSLATION',
  'F_ADDR_SIZE',
  'F_ACCESS',
  'F_PERMISSION',
  'F_UUT',
  'F_WALK_EABT',
  'F_TLB_CONFLICT',
  'F_BAD_ATS_TREQ',
  'E_PAGE_REQUEST',
  'C_BAD_STE',
  'C_BAD_STREAMID',
] as const;

/** The numbers go over the step from the highest to 0. */
const FIRST_SEQUENCE = VEVENT_SEQUENCE_MAX - RECORDS / 4;

const SEED = 0x5e0_31;

/** The fields of every record, from the first to the last. */
export function* eventFields(): Generator<EventFields> {
  for (const { sequence, values } of generate()) yield fieldsOf(sequence, values);
}

/** The buffer that a `read()` of a vEVENTQ of these events returns. */
export function eventBytes(): Uint8Array<ArrayBuffer> {
  const records: VeventToEncode<Encodable<typeof smmuv3_event>>[] = [];
  for (const { sequence, values } of generate()) {
    // The values were made field by field from the form's declaration, and encoding checks them all the same.
    records.push({ kind: 'event', sequence, event: values as Encodable<typeof smmuv3_event> });
  }
  return encodeVevents(smmuv3_event, records);
}

/** Records of a short read, and how many of those there are before the long one. */
const FEW = 64;
const SHORT_READS = 1000;

/**
 * Has an implementation do what it does on a few records at a time, as a queue gives them, many times. With one long buffer alone an
 * engine would optimise its loop in the middle of the first call, without having seen the end, and stay with that.
 */
export function primeWith(
  workload: (bytes: Uint8Array<ArrayBuffer>) => unknown,
  bytes: Uint8Array<ArrayBuffer>,
): void {
  const part = FEW * RECORD_BYTES;
  for (let i = 0; i < SHORT_READS; i++) workload(bytes.subarray(i * part, (i + 1) * part));
}

type Values = Record<string, number | bigint>;

/** Every form in turn at random, its fields over their full ranges as the declaration gives them. */
function* generate(): Generator<{ readonly sequence: number; readonly values: Values }> {
  const random = new Random(SEED);
  for (let i = 0; i < RECORDS; i++) {
    const { members } = smmuv3_event.form(FORMS[random.next() % FORMS.length] ?? 'F_TRANSLATION');
    const values: Values = {};
    for (const { name, max, fixed } of members) {
      if (fixed !== undefined) values[name] = fixed;
      // For an address `max` is the mask of the bits that are stored; otherwise it is all ones.
      else if (typeof max === 'bigint') values[name] = random.long() & max;
      else values[name] = (random.next() & max) >>> 0;
    }
    yield { sequence: (FIRST_SEQUENCE + i) & VEVENT_SEQUENCE_MAX, values };
  }
}

function fieldsOf(sequence: number, values: Values): EventFields {
  const { EventNumber, SSV, SubstreamID, StreamID, InputAddr } = values;
  return {
    sequence,
    flags: 0,
    EventNumber: Number(EventNumber),
    SSV: Number(SSV),
    SubstreamID: Number(SubstreamID),
    StreamID: Number(StreamID),
    InputAddr: BigInt(InputAddr ?? 0),
  };
}

/** What W1b adds up: every field, the input address as its two halves, modulo 2^32. */
export function checksumOf(events: Iterable<EventFields>): number {
  let sum = 0;
  for (const { sequence, flags, EventNumber, SSV, SubstreamID, StreamID, InputAddr } of events) {
    const halves = Number(InputAddr & 0xffff_ffffn) + Number(InputAddr >> 32n);
    sum = (sum + sequence + flags + EventNumber + SSV + SubstreamID + StreamID + halves) >>> 0;
  }
  return sum;
}
