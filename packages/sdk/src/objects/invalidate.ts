import { IOMMU_HWPT_INVALIDATE } from '@iommufd/uapi';
import { type Encodable, encodeArray } from '@iommufd/uapi/struct';
import { type Kind, record, guarded } from '../calls/arguments/kinds.js';
import { fitting } from '../calls/arguments/misfit.js';
import type { Context } from '../calls/context.js';
import { InvalidationError } from '../calls/error.js';
import { fieldsOf, type Formats, typeOf } from '../calls/formats.js';

/** Invalidations of one of several formats. */
export type InvalidationsOf<F extends Formats> = {
  [K in keyof F]: { readonly type: K; readonly entries: readonly Encodable<F[K][1]>[] };
}[keyof F];

/** Invalidations of any format. */
interface Invalidations<T> {
  readonly type: T;
  readonly entries: readonly unknown[];
}

/** Invalidations of one of several formats, as an argument. Entries are checked when they are encoded. */
export const invalidations = <F extends Formats>(formats: F): Kind<Invalidations<string>> =>
  record<Invalidations<string>>({
    type: typeOf(formats),
    entries: guarded('an array of entries', (value): value is readonly unknown[] => Array.isArray(value)),
  });

/**
 * IOMMU_HWPT_INVALIDATE: the entries are handled in order until one fails. Does nothing for an empty array.
 * @param call the public method, for errors
 * @throws InvalidationError
 * @throws TypeError | RangeError if an entry is invalid
 */
export function invalidate<F extends Formats>(
  call: string,
  context: Context,
  hwpt_id: number,
  formats: F,
  { type, entries }: Invalidations<keyof F>,
): void {
  const format: F[keyof F] = formats[type];
  const [data_type, struct] = format;
  if (entries.length === 0) return;
  const where = { call, path: 'entries' };
  // `type` selects the struct, so these are its entries.
  const bytes = fitting(where, fieldsOf(struct), () => encodeArray(struct, entries as never[]));
  context.with(bytes, (data_uptr) => {
    const args = { hwpt_id, data_uptr, data_type, entry_len: struct.byteLength, entry_num: entries.length };
    const { status, failed, result } = context.calls.tryIoctl(context.fd, IOMMU_HWPT_INVALIDATE, args);
    if (status >= 0) return;
    throw new InvalidationError(failed(), IOMMU_HWPT_INVALIDATE.errors, entries, result().entry_num);
  });
}
