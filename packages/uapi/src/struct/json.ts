import { numberOfNames, type Role } from './role.js';

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A JSON object, as opposed to an array or a plain value. */
export function isJsonObject(json: Json): json is { readonly [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/**
 * The integer that `json` gives: as a number, or as a string of decimal digits, of hex digits after `0x`, or of names of its
 * role. Undefined if it gives none.
 */
export function integerFromJson(json: Json, role: Role): bigint | undefined {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : undefined;
  if (typeof json !== 'string') return undefined;
  return /^(0x[0-9a-f]+|-?[0-9]+)$/i.test(json) ? BigInt(json) : numberOfNames(json, role);
}
