/** Encodes values between the program that runs the SDK's tests and the process with the fake kernel, as lines of JSON. */

/** A value in JSON, with forms for values that JSON cannot represent. */
type Wire =
  | null
  | string
  | number
  | boolean
  | readonly Wire[]
  | { readonly big: string }
  | { readonly bytes: string }
  /** An object of the other side, by its number. */
  | { readonly handle: number }
  | { readonly method: true }
  | { readonly nothing: true }
  | { readonly fields: Readonly<Record<string, Wire>> };

/** A request of the program. */
export interface Request {
  readonly what: 'make' | 'get' | 'call' | 'done' | 'reset';
  /** The name of a class, or the number of an object. */
  readonly on: string | number;
  /** The path from the object. */
  readonly path?: readonly string[];
  readonly args?: unknown;
}

/** A response. */
export type Answer =
  | { readonly value: unknown }
  | { readonly error: { readonly name: string; readonly message: string; readonly fields: unknown } }
  /** A promise, by its number. */
  | { readonly later: number };

/** @param handleOf returns the number of an object that is passed by reference; undefined for values that are copied */
export function toWire(value: unknown, handleOf: (object: object) => number | undefined): Wire {
  if (value === undefined) return { nothing: true };
  if (typeof value === 'bigint') return { big: String(value) };
  if (typeof value === 'function') return { method: true };
  if (value === null || typeof value !== 'object') return value as string | number | boolean | null;
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map((each) => toWire(each, handleOf));
  const handle = handleOf(value);
  if (handle !== undefined) return { handle };
  const entries = Object.entries(value).map(([name, each]) => [name, toWire(each, handleOf)] as const);
  return { fields: Object.fromEntries(entries) };
}

/** @param objectOf returns the local object for a number or a method */
export function fromWire(wire: unknown, objectOf: (handle: number | undefined) => unknown): unknown {
  const value = wire as Wire;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((each) => fromWire(each, objectOf));
  if ('big' in value) return BigInt(value.big);
  if ('bytes' in value) return new Uint8Array(Buffer.from(value.bytes, 'base64'));
  if ('handle' in value) return objectOf(value.handle);
  if ('method' in value) return objectOf(undefined);
  if ('fields' in value)
    return Object.fromEntries(
      Object.entries(value.fields).map(([name, each]) => [name, fromWire(each, objectOf)]),
    );
  return undefined;
}
