import { type Json } from './json.js';
import { type Type } from './type.js';
export { type Json } from './json.js';
/** A decoded value as JSON: 64-bit numbers as `"0x…"`, raw bytes as hex, everything else as it is. */
export declare function toJson<Out, In, V>(type: Type<Out, In, V>, value: Out): Json;
/**
 * The value that JSON of the form of {@link toJson} stands for. Numbers of any width may also be `"0x…"`.
 * @throws StructError for a field of the wrong kind; `encode` finds what is missing or out of range
 */
export declare function fromJson<Out, In, V>(type: Type<Out, In, V>, json: Json): In;
//# sourceMappingURL=json-codec.d.ts.map