import { numberOfNames, type Role } from './role.js';

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A JSON object, as opposed to an array or a plain value. */
export function isJsonObject(json: Json): json is { readonly [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/**
 * The integer that JSON stands for: a number, or a string of its decimal digits, of its hex digits behind `0x`, or of names that
 * its role has.
 */
export function integerFromJson(json: Json, role: Role): bigint | undefined {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : undefined;
  if (typeof json !== 'string') return undefined;
  return /^(0x[0-9a-f]+|-?[0-9]+)$/i.test(json) ? BigInt(json) : numberOfNames(json, role);
}
