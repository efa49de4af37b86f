import { IOMMU_HWPT_INVALIDATE } from '@iommufd/uapi';
import { type Encodable, encodeArray } from '@iommufd/uapi/struct';
import { type Context } from './context.js';
import { InvalidationError } from './error.js';
import { formatOf, type Formats } from './formats.js';

/** Invalidations of one of several formats. */
export type InvalidationsOf<F extends Formats> = {
  [K in keyof F]: { readonly type: K; readonly entries: readonly Encodable<F[K][1]>[] };
}[keyof F];

/**
 * IOMMU_HWPT_INVALIDATE: the entries are handled in order until one fails. For no entries nothing is done.
 * @throws InvalidationError
 */
export function invalidate<F extends Formats>(
  context: Context,
  hwpt_id: number,
  formats: F,
  type: keyof F,
  entries: readonly unknown[],
): void {
  const [data_type, struct] = formatOf(formats, type);
  if (entries.length === 0) return;
  // The name of the format says which struct the entries are.
  context.with(encodeArray(struct, entries as never[]), (data_uptr) => {
    const args = { hwpt_id, data_uptr, data_type, entry_len: struct.byteLength, entry_num: entries.length };
    const { status, failed, left } = context.calls.tryIoctl(context.fd, IOMMU_HWPT_INVALIDATE, args);
    if (status >= 0) return;
    throw new InvalidationError(failed(), IOMMU_HWPT_INVALIDATE.errors, entries, left().entry_num);
  });
}
