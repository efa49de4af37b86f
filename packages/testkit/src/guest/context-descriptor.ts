import { encodeZeroFilled, smmuv3_cd, type ZeroFillable } from '@iommufd/uapi';
import type { Encodable } from '@iommufd/uapi/struct';

/** Fields of a context descriptor. */
export type Cd = ZeroFillable<Encodable<typeof smmuv3_cd>>;

/** Fields for the tables of `page-tables.ts` at TTB0: addresses of 39 bits, faults that are recorded and abort, one ASID. */
const VALID = {
  V: 1,
  AA64: 1,
  A: 1,
  R: 1,
  T0SZ: 25,
  EPD1: 1,
  IPS: 4,
  ASID: 1,
  ASET: 1,
  MAIR0: 0xff,
} as const;

/** Encodes a context descriptor. Omitted fields have values that are valid for page tables at `TTB0`. */
export const contextDescriptor = (fields: Cd): Uint8Array<ArrayBuffer> =>
  encodeZeroFilled(smmuv3_cd, { ...VALID, ...fields });
