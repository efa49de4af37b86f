/**
 * The capabilities of a VT-d unit, as values of its capability registers, and three units to copy from. The values are those of
 * the unit that QEMU emulates.
 */
import { vtd_cap_reg, vtd_ecap_reg } from '@iommufd/uapi';
import { type Decoded, decode } from '@iommufd/uapi/struct';

/** The capability registers of a VT-d unit. */
export interface VtdConfig {
  /** CAP_REG: `vtd_cap_reg`. */
  readonly cap: bigint;
  /** ECAP_REG: `vtd_ecap_reg`. */
  readonly ecap: bigint;
  /** True if the firmware lets the host remap interrupts. Default: true. If false, binding any device fails with EPERM. */
  readonly interruptRemapping?: boolean;
}

/** Units to copy from. */
export const vtdConfigs: Readonly<Record<'secondStage' | 'firstStage' | 'legacy', VtdConfig>> = {
  /** Scalable mode, second stage only. */
  secondStage: { cap: 0x80d2_008c_222f_0606n, ecap: 0x4800_80f0_0f4an },
  /** Scalable mode, first stage only. */
  firstStage: { cap: 0x81d2_008c_222f_0606n, ecap: 0x8800_00f0_0f4an },
  /** Legacy mode, which has only the second stage. */
  legacy: { cap: 0x80d2_008c_222f_0606n, ecap: 0x00f0_0f4an },
};

/** The fields of CAP_REG. */
export const capabilitiesOf = (cap: bigint): Decoded<typeof vtd_cap_reg> => decode(vtd_cap_reg, bytesOf(cap));

/** The fields of ECAP_REG. */
export const extendedCapabilitiesOf = (ecap: bigint): Decoded<typeof vtd_ecap_reg> =>
  decode(vtd_ecap_reg, bytesOf(ecap));

function bytesOf(register: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, register, true);
  return bytes;
}
