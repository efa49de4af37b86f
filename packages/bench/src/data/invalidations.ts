import { iommu_hwpt_invalidate_data_type } from '@iommufd/uapi';
import { Random } from '@iommufd/testkit';

/** Different values that W3 encodes and decodes in turn. */
export const INVALIDATIONS = 4096;
/** Bytes of a struct iommu_hwpt_invalidate. */
export const INVALIDATION_BYTES = 32;

/** A struct iommu_hwpt_invalidate as an object. */
export interface Invalidation {
  readonly size: number;
  readonly hwpt_id: number;
  readonly data_uptr: bigint;
  readonly data_type: number;
  readonly entry_len: number;
  readonly entry_num: number;
  /** 0. */
  readonly __reserved: number;
}

const SEED = 0x1_4a11;

/** The values. */
export function invalidations(): Invalidation[] {
  const random = new Random(SEED);
  const types = Object.values(iommu_hwpt_invalidate_data_type).filter((type) => typeof type === 'number');
  return Array.from({ length: INVALIDATIONS }, () => ({
    size: INVALIDATION_BYTES,
    hwpt_id: random.next(),
    data_uptr: random.long(),
    data_type: types[random.next() % types.length] ?? 0,
    entry_len: random.next(),
    entry_num: random.next(),
    __reserved: 0,
  }));
}

/** How many values a program has in turn that makes the same ioctl again and again. */
const FEW = 16;

/** Those values. */
export function fewInvalidations(): Invalidation[] {
  return invalidations().slice(0, FEW);
}

/** What all of them are in C. */
export function expectedBytes(values: readonly Invalidation[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * INVALIDATION_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) {
    const at = i * INVALIDATION_BYTES;
    view.setUint32(at, value.size, true);
    view.setUint32(at + 4, value.hwpt_id, true);
    view.setBigUint64(at + 8, value.data_uptr, true);
    view.setUint32(at + 16, value.data_type, true);
    view.setUint32(at + 20, value.entry_len, true);
    view.setUint32(at + 24, value.entry_num, true);
    view.setUint32(at + 28, value.__reserved, true);
  }
  return bytes;
}
