/**
 * Hardware information: {@link Device.hwInfo} decodes what IOMMU_GET_HW_INFO returns, by the type of the IOMMU. An older
 * kernel may return a shorter struct, a newer one a longer struct or an unknown type; all of them are handled.
 */
import {
  IOMMU_GET_HW_INFO,
  iommu_hw_info_amd,
  iommu_hw_info_arm_smmuv3,
  iommu_hw_info_tegra241_cmdqv,
  iommu_hw_info_type,
  iommu_hw_info_vtd,
  iommu_test_hw_info,
  iommufd_hw_capabilities,
  iommufd_hw_info_flags,
} from '@iommufd/uapi';
import { decode, type Decoded, type Type } from '@iommufd/uapi/struct';
import { hwInfoCause } from '../calls/causes/vfio.js';
import type { Context } from '../calls/context.js';
import { typeOf } from '../calls/formats.js';

const {
  IOMMU_HW_CAP_DIRTY_TRACKING,
  IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED,
  IOMMU_HW_CAP_PCI_PASID_EXEC,
  IOMMU_HW_CAP_PCI_PASID_PRIV,
} = iommufd_hw_capabilities;

/** The decoded information of each type. */
interface Infos {
  readonly vtd: Decoded<typeof iommu_hw_info_vtd>;
  readonly 'arm-smmuv3': Decoded<typeof iommu_hw_info_arm_smmuv3>;
  readonly 'tegra241-cmdqv': Decoded<typeof iommu_hw_info_tegra241_cmdqv>;
  readonly amd: Decoded<typeof iommu_hw_info_amd>;
  readonly selftest: Decoded<typeof iommu_test_hw_info>;
}

/**
 * Types of hardware information: `vtd` (IOMMU_HW_INFO_TYPE_INTEL_VTD), `arm-smmuv3`
 * (IOMMU_HW_INFO_TYPE_ARM_SMMUV3), `tegra241-cmdqv` (IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV), `amd`
 * (IOMMU_HW_INFO_TYPE_AMD), `selftest` (IOMMU_HW_INFO_TYPE_SELFTEST).
 */
export type HwInfoType = keyof Infos;

interface Format<T extends HwInfoType> {
  readonly number: number;
  decode(bytes: Uint8Array): { readonly type: T; readonly data: Infos[T] };
}

function format<T extends HwInfoType>(
  type: T,
  number: number,
  struct: Type<Infos[T], never, unknown>,
): Format<T> {
  return {
    number,
    decode: (bytes) => {
      // An older kernel returns fewer bytes: missing fields are zero.
      const whole = new Uint8Array(struct.byteLength);
      whole.set(bytes.subarray(0, whole.length));
      return { type, data: decode(struct, whole, { lenient: true }) };
    },
  };
}

/** The kernel's number of each type, and its decoder. */
export const formats: { readonly [T in HwInfoType]: Format<T> } = {
  vtd: format('vtd', iommu_hw_info_type.IOMMU_HW_INFO_TYPE_INTEL_VTD, iommu_hw_info_vtd),
  'arm-smmuv3': format(
    'arm-smmuv3',
    iommu_hw_info_type.IOMMU_HW_INFO_TYPE_ARM_SMMUV3,
    iommu_hw_info_arm_smmuv3,
  ),
  'tegra241-cmdqv': format(
    'tegra241-cmdqv',
    iommu_hw_info_type.IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV,
    iommu_hw_info_tegra241_cmdqv,
  ),
  amd: format('amd', iommu_hw_info_type.IOMMU_HW_INFO_TYPE_AMD, iommu_hw_info_amd),
  selftest: format('selftest', iommu_hw_info_type.IOMMU_HW_INFO_TYPE_SELFTEST, iommu_test_hw_info),
};

/** A type of information, as an argument. */
export const hwInfoType = typeOf(formats);

/**
 * The information of the IOMMU's driver. `data` is a decoded struct that depends on `type`: `iommu_hw_info_vtd`,
 * `iommu_hw_info_arm_smmuv3`, `iommu_hw_info_tegra241_cmdqv`, `iommu_hw_info_amd` or `iommu_test_hw_info`. For the type
 * `unknown` it is the bytes, and `number` is the kernel's number of the type.
 */
export type HwInfoData =
  | { [T in HwInfoType]: { readonly type: T; readonly data: Infos[T] } }[HwInfoType]
  /** No information (IOMMU_HW_INFO_TYPE_NONE). */
  | { readonly type: 'none' }
  /** A type that this SDK does not know. */
  | { readonly type: 'unknown'; readonly number: number; readonly data: Uint8Array };

/** The type and capabilities of a device's IOMMU. */
export type HwInfo = HwInfoData & {
  /** Width of the device's PASIDs in bits; 0 without PASIDs. */
  readonly pasidBits: number;
  /** True if page tables support dirty tracking (IOMMU_HW_CAP_DIRTY_TRACKING). */
  readonly dirtyTracking: boolean;
  /** True if PASIDs support execute requests (IOMMU_HW_CAP_PCI_PASID_EXEC). */
  readonly pasidExecute: boolean;
  /** True if PASIDs support privileged requests (IOMMU_HW_CAP_PCI_PASID_PRIV). */
  readonly pasidPrivileged: boolean;
  /** True if ATS can be used with the device (without IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED). */
  readonly ats: boolean;
};

/** Size of the data buffer; the longest known struct has 40 bytes. A longer struct of a newer kernel is truncated. */
const ROOM = 256;

/** IOMMU_GET_HW_INFO */
export function hwInfo(context: Context, dev_id: number, type: HwInfoType | undefined): HwInfo {
  return context.with(new Uint8Array(ROOM), (data_uptr, bytes) => {
    const {
      out_data_type,
      out_capabilities = 0n,
      out_max_pasid_log2,
      data_len,
    } = context.ioctl(
      IOMMU_GET_HW_INFO,
      {
        flags: type === undefined ? 0 : iommufd_hw_info_flags.IOMMU_HW_INFO_FLAG_INPUT_TYPE,
        dev_id,
        data_len: bytes.length,
        data_uptr,
        in_data_type: type === undefined ? 0 : formats[type].number,
      },
      { cause: hwInfoCause(type, () => hwInfo(context, dev_id, undefined)) },
    );
    const has = (capability: number): boolean => (out_capabilities & BigInt(capability)) !== 0n;
    return {
      ...decodeData(out_data_type, bytes.slice(0, data_len)),
      pasidBits: out_max_pasid_log2,
      dirtyTracking: has(IOMMU_HW_CAP_DIRTY_TRACKING),
      pasidExecute: has(IOMMU_HW_CAP_PCI_PASID_EXEC),
      pasidPrivileged: has(IOMMU_HW_CAP_PCI_PASID_PRIV),
      ats: !has(IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED),
    };
  });
}

function decodeData(number: number, bytes: Uint8Array): HwInfoData {
  if (number === iommu_hw_info_type.IOMMU_HW_INFO_TYPE_NONE) return { type: 'none' };
  const known = Object.values(formats).find((each) => each.number === number);
  return known?.decode(bytes) ?? { type: 'unknown', number, data: bytes };
}
