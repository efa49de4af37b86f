/** Causes of failures of IOMMU_IOAS_ALLOW_IOVAS and IOMMU_OPTION_HUGE_PAGES. */
import type { Ioas, IovaRange } from '../../objects/ioas.js';
import { type Cause, span, spanOf, spans } from './cause.js';
import { notAllowed } from './iova.js';

/** IOMMU_IOAS_ALLOW_IOVAS */
export const allowCause =
  (ioas: Ioas, ranges: readonly IovaRange[]): Cause =>
  (code) => {
    if (code === 'EINVAL') return unordered(ranges);
    return code === 'EADDRINUSE' ? takenAway(ioas, ranges) : undefined;
  };

/** The kernel adds the ranges in order: the first invalid one is the cause. */
function unordered(ranges: readonly IovaRange[]): string | undefined {
  for (const [i, range] of ranges.entries()) {
    const words = `ranges[${i}], ${span(range.start, range.last)},`;
    if (range.start >= range.last) return `${words} is empty: last must be above start.`;
    const other = ranges
      .slice(0, i)
      .findIndex(({ start, last }) => start <= range.last && last >= range.start);
    if (other !== -1) return `${words} overlaps ranges[${other}].`;
  }
  return undefined;
}

function takenAway(ioas: Ioas, ranges: readonly IovaRange[]): string | undefined {
  const { ranges: allowed } = ioas.iovaRanges();
  for (const [i, { start, last }] of ranges.entries()) {
    const problem = notAllowed(allowed, start, last - start + 1n);
    if (problem !== undefined) return `ranges[${i}]: ${problem}`;
  }
  return undefined;
}

/** The smallest PAGE_SIZE. */
const PAGE = 4096n;

/** IOMMU_OPTION_HUGE_PAGES */
export const hugePagesCause =
  (ioas: Ioas): Cause =>
  (code) => {
    if (code === 'EINVAL')
      return 'A page table contains mappings: disable large pages before anything is mapped, or before a device is attached.';
    if (code !== 'EADDRINUSE') return undefined;
    const unaligned = ioas
      .mappingsIn(0n, 1n << 64n)
      .filter(({ iova, length, pageOffset = 0 }) => (iova | length | BigInt(pageOffset)) % PAGE !== 0n);
    return unaligned.length === 0
      ? undefined
      : `Without large pages every mapping must be aligned to whole pages: ${spans(unaligned.map(spanOf))} is not.`;
  };
