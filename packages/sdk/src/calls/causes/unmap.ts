/** Causes of failures of IOMMU_IOAS_UNMAP. */
import type { Ioas } from '../../objects/ioas.js';
import { type Cause, either, spanOf, spans } from './cause.js';
import { mappedIn, overflow } from './iova.js';

/** IOMMU_IOAS_UNMAP */
export function unmapCause(ioas: Ioas, range: { readonly iova: bigint; readonly length: bigint }): Cause {
  const { iova, length } = range;
  return (code) => {
    switch (code) {
      case 'EINVAL':
        return length === 0n ? 'length is 0.' : undefined;
      case 'EOVERFLOW':
        return overflow('iova', iova, length);
      case 'ENOENT':
        return notMapped(ioas, range);
      default:
        return undefined;
    }
  };
}

function notMapped(
  ioas: Ioas,
  { iova, length }: { readonly iova: bigint; readonly length: bigint },
): string | undefined {
  const known = ioas.mappingsIn(iova, length);
  const isCut = (each: { readonly iova: bigint; readonly length: bigint }): boolean =>
    each.iova < iova || each.iova + each.length > iova + length;
  const asked = spanOf({ iova, length });
  const cut = known.find(isCut);
  if (known.some(({ isDoubtful }) => isDoubtful))
    return either(
      `nothing is mapped at ${asked} any more, since an unmap that failed`,
      cut && `${spanOf(cut)} lies only partly within ${asked}, and mappings cannot be split`,
    );
  if (cut !== undefined) {
    const before = known.some((each) => each.iova < cut.iova)
      ? ' Mappings before it in the range have been unmapped.'
      : '';
    return `The mapping ${spanOf(cut)} lies only partly within ${asked}, and mappings cannot be split: unmap it as a whole.${before}`;
  }
  if (known.length > 0) return `${spans(known.map(spanOf))} was unmapped already, but not through this Ioas.`;
  return `Nothing is mapped at ${asked}. Mapped through this Ioas: ${mappedIn(ioas)}.`;
}
