import { iommu_veventq_flag, iommufd_vevent_header } from '../iommufd/veventq.js';
import { viewOf } from '../struct/bytes.js';
import type { DecodeOptions } from '../struct/codec.js';
import { inside, reporting } from '../struct/error.js';
import { type Checker, type FieldsInPlace, type Reader, wordReader } from '../struct/readers.js';
import { type AnyType, needs, type Type } from '../struct/type.js';
import { checkSequence } from './sequence.js';

const { IOMMU_VEVENTQ_FLAG_LOST_EVENTS } = iommu_veventq_flag;
const HEADER = iommufd_vevent_header.byteLength;
/** `offsetof(struct iommufd_vevent_header, sequence)` */
const SEQUENCE = 4;

/** A cursor over the records of one `read()` of a vEVENTQ. */
export interface VeventCursor {
  /**
   * Checks the record at an offset as `decodeVevents` does, and moves to it.
   * @param at offset in bytes; 0 for the first record
   * @returns the offset of the next record; the length of the buffer after the last one
   * @throws StructError if the record is truncated or invalid; the cursor does not move
   */
  moveTo(at: number): number;
  /** The offset of the record, in bytes. */
  readonly offset: number;
  /** The header's flags, of `iommu_veventq_flag`. */
  readonly flags: number;
  /** The sequence number of the event, or of the last lost one; `lostBetween` computes the number of lost events. */
  readonly sequence: number;
  /** True if the record is a mark of lost events. It has no data: the fields of the event would read the next record. */
  readonly isLost: boolean;
}

/**
 * The part of cursors that does not depend on the format. Each format has a subclass with the fields of the event as
 * properties. Internal members begin with `$`, which no field name does.
 */
abstract class Cursor implements VeventCursor {
  /** Size of a record with an event, in bytes. */
  abstract readonly $recordLength: number;
  /** Returns true if the event at an offset is valid. */
  abstract readonly $isClean: Checker;
  abstract readonly flags: number;
  abstract readonly sequence: number;
  /** The offset of the event, after the header, in bytes. */
  $event = HEADER;
  isLost = false;
  private readonly $end: number;

  constructor(
    readonly $data: DataView,
    private readonly $type: AnyType,
  ) {
    this.$end = $data.byteLength;
  }

  get offset(): number {
    return this.$event - HEADER;
  }

  moveTo(at: number): number {
    const { $data: data, $end: byteLength } = this;
    // A number beyond VEVENT_SEQUENCE_MAX has its highest bit set.
    if (at >>> 0 !== at || at + HEADER > byteLength || data.getInt32(at + SEQUENCE, true) < 0)
      this.refuse(at);
    const event = at + HEADER;
    const isLost = (data.getUint32(at, true) & IOMMU_VEVENTQ_FLAG_LOST_EVENTS) !== 0;
    const end = isLost ? event : at + this.$recordLength;
    if (!isLost && (end > byteLength || !this.$isClean(data, event))) this.refuse(at);
    this.$event = event;
    this.isLost = isLost;
    return end;
  }

  /** Throws the error of the invalid record at `at`. */
  private refuse(at: number): never {
    const { $data: data, $type: type, $end: byteLength } = this;
    return reporting('veventq', () => {
      inside('header', () => needs(iommufd_vevent_header, at, byteLength));
      inside('header', () => iommufd_vevent_header.read(data, at, byteLength, false));
      checkSequence(data.getUint32(at + SEQUENCE, true), at + SEQUENCE, 'header.sequence');
      inside('data', () => needs(type, at + HEADER, byteLength));
      inside('data', () => type.read(data, at + HEADER, byteLength, false));
      throw new TypeError(`the record at ${at} is valid`);
    });
  }
}

/** The properties of {@link VeventCursor}, which no field of an event may have as its name. */
const OWN: ReadonlySet<string> = new Set(['moveTo', 'offset', 'flags', 'sequence', 'isLost']);

type CursorClass = new (data: DataView, type: AnyType) => Cursor;

/**
 * Creates the subclass of cursors for one format. Everything that depends on the format is on the prototype: an engine
 * that has seen one class in a loop treats the properties of its prototype as constant and inlines them.
 */
function cursorClass(type: AnyType, isStrict: boolean): CursorClass {
  class FormatCursor extends Cursor {
    declare readonly $recordLength: number;
    declare readonly $isClean: Checker;
    declare readonly flags: number;
    declare readonly sequence: number;
  }
  const { prototype } = FormatCursor;
  Object.defineProperty(prototype, '$recordLength', { value: HEADER + type.byteLength });
  Object.defineProperty(prototype, '$isClean', { value: isStrict ? type.checker() : () => true });
  Object.defineProperty(prototype, 'flags', property(wordReader(-HEADER)));
  Object.defineProperty(prototype, 'sequence', property(wordReader(SEQUENCE - HEADER)));
  for (const [name, read] of type.readers()) {
    if (OWN.has(name)) throw new TypeError(`${type.name}.${name}: a property of the cursor has this name`);
    Object.defineProperty(prototype, name, property(read));
  }
  return FormatCursor;
}

/** A property that reads a field. The getter and `read` are small enough for engines to inline them in any loop. */
function property(read: Reader): PropertyDescriptor {
  return {
    enumerable: true,
    get(this: Cursor) {
      return read(this.$data, this.$event);
    },
  };
}

const strictClasses = new WeakMap<AnyType, CursorClass>();
const lenientClasses = new WeakMap<AnyType, CursorClass>();

/**
 * A cursor over the bytes of one `read()` of a vEVENTQ. It creates no object per record: reading a property reads the
 * field in place. A 64-bit field also has its halves as numbers, `_lo` and `_hi`, because a bigint costs more than all
 * other fields.
 *
 * If a format has several forms, the fields of all forms are properties; those that the record's form does not have are
 * meaningless, as with the kernel's FIELD_GET(). With `lenient`, an address with fewer stored bits than in other forms
 * includes the reserved bits.
 *
 * ```ts
 * const cursor = veventCursor(smmuv3_event, bytes);
 * for (let at = 0; at < bytes.length; ) {
 *   at = cursor.moveTo(at);
 *   if (!cursor.isLost) count(cursor.StreamID);
 * }
 * ```
 * @param type the format of the events, which follows from the type of the queue
 * @param bytes exactly the bytes that were returned
 * @param options `lenient`: do not check reserved bits
 * @throws TypeError if a field of the format has the name of a property of {@link VeventCursor}
 */
export function veventCursor<Out, In, V>(
  type: Type<Out, In, V>,
  bytes: Uint8Array,
  { lenient = false }: DecodeOptions = {},
): VeventCursor & FieldsInPlace<Out> {
  const classes = lenient ? lenientClasses : strictClasses;
  let FormatCursor = classes.get(type);
  if (FormatCursor === undefined) {
    FormatCursor = cursorClass(type, !lenient);
    classes.set(type, FormatCursor);
  }
  const data = reporting('veventq', () => viewOf(bytes));
  // The class has a property for each field of the format.
  return new FormatCursor(data, type) as VeventCursor as VeventCursor & FieldsInPlace<Out>;
}
