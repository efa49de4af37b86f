import { encodeZeroFilled, smmuv3_cd, type ZeroFillable } from '@iommufd/uapi';
import type { Encodable } from '@iommufd/uapi/struct';

/** Fields of a context descriptor. */
export type Cd = ZeroFillable<Encodable<typeof smmuv3_cd>>;

/** For the tables of `page-tables.ts`, below TTB0: 39 bits of addresses, faults that are recorded and abort, one ASID. */
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

/** A context descriptor that is valid for page tables at `TTB0`, but for what its fields say. */
export const contextDescriptor = (fields: Cd): Uint8Array<ArrayBuffer> =>
  encodeZeroFilled(smmuv3_cd, { ...VALID, ...fields });
