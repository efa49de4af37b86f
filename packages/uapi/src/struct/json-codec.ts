import { reporting } from './error.js';
import type { Json } from './json.js';
import type { Type } from './type.js';

export { type Json } from './json.js';

/** A decoded value as JSON: 64-bit numbers as `"0x…"`, raw bytes as hex, everything else as it is. */
export function toJson<Out, In, V>(type: Type<Out, In, V>, value: Out): Json {
  return type.toJson(value);
}

/**
 * The value that JSON of the form of {@link toJson} stands for. Numbers of any width may also be `"0x…"`.
 * @throws StructError for a field of the wrong kind; `encode` finds what is missing or out of range
 */
export function fromJson<Out, In, V>(type: Type<Out, In, V>, json: Json): In {
  // Each part was made by its own type; only fields may be missing, which encode finds.
  return reporting(type.name, () => type.fromJson(json, 0) as In);
}
