import { reporting } from './error.js';
import type { Json } from './json.js';
import type { Type } from './type.js';

export { type Json } from './json.js';

/** Converts a decoded value to JSON: 64-bit numbers to `"0x…"`, raw bytes to hex digits, everything else unchanged. */
export function toJson<Out, In, V>(type: Type<Out, In, V>, value: Out): Json {
  return type.toJson(value);
}

/**
 * Converts JSON in the form of {@link toJson} to a value for `encode`. Numbers of any width may also be `"0x…"`.
 * @throws StructError if a field is unknown or of the wrong kind. `encode` checks for missing fields and 64-bit ranges.
 */
export function fromJson<Out, In, V>(type: Type<Out, In, V>, json: Json): In {
  // Each type has converted its own part. Only fields may be missing, and encode() checks that.
  return reporting(type.name, () => type.fromJson(json, 0) as In);
}
