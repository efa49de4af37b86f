/** Causes that depend on IOVAs: alignment, allowed ranges, overflow. */
import type { Ioas, IovaRange } from '../../objects/ioas.js';
import { hex, span, spanOf, spans } from './cause.js';

export const ULONG_MAX = (1n << 64n) - 1n;

/** A misaligned value. @param what its name */
export const misaligned = (what: string, value: bigint, alignment: bigint): string | undefined =>
  value % alignment === 0n
    ? undefined
    : `${what} is not a multiple of ${alignment}, the alignment of this IOAS.`;

/** Why a range of IOVAs is not allowed; undefined if it is. */
export function notAllowed(ranges: readonly IovaRange[], iova: bigint, length: bigint): string | undefined {
  const last = iova + length - 1n;
  if (ranges.some((range) => range.start <= iova && last <= range.last)) return undefined;
  const what = `IOVA range ${span(iova, last)} is not allowed`;
  const [lowest] = ranges;
  const highest = ranges.at(-1);
  if (lowest === undefined || highest === undefined) return `${what}: no IOVA is allowed.`;
  const allowed = `${what}: allowed are ${spans(near(ranges, iova).map((range) => span(range.start, range.last)))}.`;
  if (iova < lowest.start || last > highest.last)
    return ranges.length === 1
      ? `${allowed} It is outside of that aperture.`
      : `${allowed} It is outside of the aperture, ${span(lowest.start, highest.last)}.`;
  return `${allowed} A device reserves the ranges between them.`;
}

/** Sorts the ranges around an IOVA to the front. */
function near(ranges: readonly IovaRange[], iova: bigint): readonly IovaRange[] {
  const behind = ranges.findIndex(({ last }) => last >= iova);
  const from = behind === -1 ? ranges.length - 2 : Math.max(0, behind - 1);
  return [...ranges.slice(Math.max(0, from)), ...ranges.slice(0, Math.max(0, from))];
}

/** EOVERFLOW: an IOVA and a length exceed 64 bits. The kernel accepts 2^64-1 neither as an address nor as a length. */
export function overflow(name: string, at: bigint, length: bigint): string | undefined {
  if (at === ULONG_MAX) return `${name} is 2^64-1, which is not a valid address.`;
  if (length === ULONG_MAX) return 'length is 2^64-1, more than can be mapped.';
  return at + length > ULONG_MAX + 1n ? beyond(`${name} ${hex(at)}`, length) : undefined;
}

/** An address, in words, and a length whose sum exceeds 64 bits. */
export const beyond = (at: string, length: bigint): string =>
  `${at} and length ${length} exceed 64 bits in sum.`;

/** The mappings of an IOAS that were made through this SDK. */
export function mappedIn(ioas: Ioas): string {
  const runs = ioas.mappedWithin(0n, ULONG_MAX + 1n);
  return runs.length === 0 ? 'nothing' : spans(runs.map(spanOf));
}
