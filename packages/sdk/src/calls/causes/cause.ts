/**
 * Which of the causes that an errno may have is the one that holds. The SDK knows the arguments of a call that failed and
 * what it made before, and can ask the kernel: for the ranges of IOVAs, for the IOMMU of a device. It does so only after
 * the failure, with requests that change nothing.
 *
 * What is said is a fact, or a list of what could not be ruled out. What others do with the same `/dev/iommu` past the SDK
 * is not seen.
 */
import type { ErrnoName } from '@iommufd/uapi';

/**
 * Finds out why a call failed.
 * @returns sentences; undefined leaves it to what the errno means for the call
 */
export type Cause = (code: ErrnoName) => string | undefined;

/** What could not be ruled out: phrases without a full stop. */
export function either(...causes: readonly (string | false | undefined)[]): string | undefined {
  const left = causes.filter((cause): cause is string => typeof cause === 'string');
  if (left.length < 2) return left[0] === undefined ? undefined : `${upper(left[0])}.`;
  return `One of these: ${left.join('; ')}.`;
}

/** A sentence begins with a capital, unless it begins with a name: of a call, or of an object and its id. */
const upper = (text: string): string =>
  text.replace(/^[a-z](?=[a-z]* (?!\d))/, (letter) => letter.toUpperCase());

export const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** IOVAs from `start` to `last`, which belongs to them. */
export const span = (start: bigint, last: bigint): string => `${hex(start)}-${hex(last)}`;

/** A range that has a length. */
export const spanOf = ({ iova, length }: { readonly iova: bigint; readonly length: bigint }): string =>
  span(iova, iova + length - 1n);

/** Ranges that are shown. */
const MOST = 4;

/** Ranges in words, of many the first ones. */
export function spans(texts: readonly string[]): string {
  const rest = texts.length - MOST;
  return rest > 0 ? `${texts.slice(0, MOST).join(', ')} and ${rest} more` : texts.join(', ');
}
