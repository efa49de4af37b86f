/**
 * Types for the part of restructure 3.0.2 that is used here; the package ships none. Nothing of this file reaches the emitted
 * declarations: the public API has its own types.
 */
declare module 'restructure' {
  export class DecodeStream {
    constructor(buffer: Uint8Array);
    readonly buffer: Uint8Array;
    readonly view: DataView;
    readonly length: number;
    pos: number;
  }
  export class EncodeStream {
    constructor(buffer: Uint8Array);
    readonly buffer: Uint8Array;
    readonly view: DataView;
    pos: number;
  }
  export class Struct {
    constructor(fields: Record<string, object>);
    fromBuffer(buffer: Uint8Array): Record<string, unknown>;
    toBuffer(value: unknown): Uint8Array;
  }
  class ArrayType {
    constructor(type: object, length?: number | object | string, lengthType?: 'count' | 'bytes');
    fromBuffer(buffer: Uint8Array): unknown[];
    toBuffer(value: unknown): Uint8Array;
  }
  export { ArrayType as Array };
  export const uint32le: object;
}
