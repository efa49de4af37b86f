/**
 * Finds the cause of a failed call. An errno may have several causes. The SDK knows the call's arguments and the objects
 * that it created, and can query the kernel for IOVA ranges and the IOMMU of a device. It does so only after a failure, with
 * requests that change nothing.
 *
 * The result is one cause, or a list of those that cannot be excluded. Use of the same `/dev/iommu` without this SDK is not
 * known.
 */
import type { ErrnoName } from '@iommufd/uapi';

/**
 * Finds the cause of a failure.
 * @returns sentences; undefined for the general meaning of the errno for the call
 */
export type Cause = (code: ErrnoName) => string | undefined;

/** Combines causes that cannot be excluded. @param causes phrases without a full stop; false and undefined are ignored */
export function either(...causes: readonly (string | false | undefined)[]): string | undefined {
  const left = causes.filter((cause): cause is string => typeof cause === 'string');
  if (left.length < 2) return left[0] === undefined ? undefined : `${upper(left[0])}.`;
  return `One of these: ${left.join('; ')}.`;
}

/** Capitalises a sentence, unless it begins with the name of a call, or of an object and its id. */
const upper = (text: string): string =>
  text.replace(/^[a-z](?=[a-z]* (?!\d))/, (letter) => letter.toUpperCase());

export const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** A range of IOVAs, `last` included. */
export const span = (start: bigint, last: bigint): string => `${hex(start)}-${hex(last)}`;

/** {@link span} of a range with a length. */
export const spanOf = ({ iova, length }: { readonly iova: bigint; readonly length: bigint }): string =>
  span(iova, iova + length - 1n);

/** The most ranges in a message. */
const MOST = 4;

/** Ranges as text; only the first ones if there are many. */
export function spans(texts: readonly string[]): string {
  const rest = texts.length - MOST;
  return rest > 0 ? `${texts.slice(0, MOST).join(', ')} and ${rest} more` : texts.join(', ');
}
