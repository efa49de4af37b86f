/** Causes of failures of IOMMU_HWPT_ALLOC and dirty tracking. */
import {
  arm_smmu_v3,
  smmuv3_ste,
  smmuv3_ste_config,
  smmuv3_ste_eats,
  type iommu_hwpt_arm_smmuv3,
} from '@iommufd/uapi';
import { type Encodable, view } from '@iommufd/uapi/struct';
import type { Device } from '../../objects/device.js';
import type { HwInfoType } from '../../objects/hw-info.js';
import type { HwptData } from '../../objects/hwpt-data.js';
import type { Hwpt, HwptOptions } from '../../objects/hwpt.js';
import type { NestedHwptOptions } from '../../objects/nested-hwpt.js';
import { type Cause, either, hex } from './cause.js';
import {
  iovaConflict,
  iommuOf,
  noPages,
  notPinned,
  otherIommu,
  otherMake,
  perhapsOtherIommu,
} from './device.js';
import { misaligned } from './iova.js';

/** IOMMU_HWPT_ALLOC of a paging HWPT. */
export const hwptCause =
  (device: Device, options: HwptOptions): Cause =>
  (code) => {
    const { ioas, data } = options;
    switch (code) {
      case 'EOPNOTSUPP':
        return unsupported(device, options);
      case 'EINVAL':
        return either(
          data !== undefined && `the driver of ${iommuOf(device)} refuses the data`,
          noPages(ioas),
          'the pages of the IOMMU are larger than those of the processor',
          data === undefined && `the driver of ${iommuOf(device)} refuses it`,
        );
      case 'EADDRINUSE':
        return iovaConflict(ioas, device, { reserved: false, aperture: true });
      case 'EFAULT':
        return notPinned(ioas);
      default:
        return undefined;
    }
  };

function unsupported(device: Device, options: HwptOptions): string | undefined {
  const { faultQueue, nestParent = false, dirtyTracking = false, pasid = false, data } = options;
  if (nestParent && faultQueue !== undefined)
    return 'A nest parent has no fault queue: give the faultQueue to the nested page tables.';
  if (dirtyTracking && !device.hwInfo().dirtyTracking)
    return `dirtyTracking: ${iommuOf(device)} does not track dirty pages (hwInfo().dirtyTracking).`;
  const asked = [
    ...(nestParent ? ['nestParent'] : []),
    ...(dirtyTracking ? ['dirtyTracking'] : []),
    ...(pasid ? ['pasid'] : []),
    ...(faultQueue === undefined ? [] : ['faultQueue']),
    ...(data === undefined ? [] : ['data']),
  ];
  return asked.length === 0 ? undefined : notOf(device, asked);
}

const notOf = (device: Device, asked: readonly string[]): string =>
  asked.length === 1
    ? `${iommuOf(device)} has no page tables with ${asked.join()}.`
    : `${iommuOf(device)} has no page tables with one of ${asked.join(', ')}, or not with all of them.`;

/** The type of IOMMU that each data format belongs to. */
const makes: Readonly<Record<HwptData['type'], HwInfoType>> = {
  'arm-smmuv3': 'arm-smmuv3',
  'vtd-s1': 'vtd',
  'amd-guest': 'amd',
  selftest: 'selftest',
};

/** IOMMU_HWPT_ALLOC of a nested HWPT. */
export const nestedCause =
  (device: Device, { on, data, pasid = false, faultQueue }: NestedHwptOptions): Cause =>
  (code) => {
    switch (code) {
      case 'EOPNOTSUPP': {
        const asked = [...(pasid ? ['pasid'] : []), ...(faultQueue === undefined ? [] : ['faultQueue'])];
        return (
          otherMake(device, makes[data.type], `it does not accept data of the type ${data.type}`) ??
          either(
            ...asked.map((option) => `the IOMMU has no nested page tables with ${option}`),
            `${iommuOf(device)} has no nested page tables of ${data.type} on ${on.describe()}`,
          )
        );
      }
      case 'EINVAL':
        if (on.kind === 'hwpt' && !on.isNestParent)
          return `${on.describe()} was allocated without nestParent: true, which a nested page table requires.`;
        return (
          otherIommu(device, on) ??
          either(perhapsOtherIommu(device, on), `the driver of ${iommuOf(device)} refuses the data`)
        );
      case 'EIO':
        return data.type === 'arm-smmuv3' ? illegalEntry(data.ste) : undefined;
      default:
        return undefined;
    }
  };

const { STRTAB_STE_0_NESTING_ALLOWED, STRTAB_STE_1_NESTING_ALLOWED } = arm_smmu_v3;
const { ABORT, BYPASS, S1_TRANSLATE } = smmuv3_ste_config;

/** `arm_smmu_validate_vste()`: the disallowed field of a guest's STE. */
function illegalEntry(ste: Encodable<typeof iommu_hwpt_arm_smmuv3>['ste']): string | undefined {
  const words = [...ste];
  for (const [i, allowed] of [STRTAB_STE_0_NESTING_ALLOWED, STRTAB_STE_1_NESTING_ALLOWED].entries()) {
    const more = (words[i] ?? 0n) & ~allowed;
    if (more !== 0n) return `ste[${i}] sets bits that a guest may not set: ${hex(more)}.`;
  }
  const bytes = new Uint8Array(smmuv3_ste.byteLength);
  const data = new DataView(bytes.buffer);
  words.forEach((word, i) => data.setBigUint64(i * 8, word, true));
  const { Config, EATS } = view(smmuv3_ste, bytes);
  if (Config !== ABORT && Config !== BYPASS && Config !== S1_TRANSLATE)
    return `ste[0] has Config ${Config}: a guest may have ABORT (${ABORT}), BYPASS (${BYPASS}) or S1_TRANSLATE (${S1_TRANSLATE}).`;
  return EATS === smmuv3_ste_eats.OFF || EATS === smmuv3_ste_eats.FULL
    ? undefined
    : `ste[1] has EATS ${EATS}: a guest may have 0 or 1.`;
}

/** IOMMU_HWPT_SET_DIRTY_TRACKING and, with a range, IOMMU_HWPT_GET_DIRTY_BITMAP */
export const dirtyCause =
  (hwpt: Hwpt, range?: { readonly iova: bigint; readonly length: bigint }): Cause =>
  (code) => {
    if (code === 'EOPNOTSUPP')
      return hwpt.tracksDirty ? undefined : `${hwpt.describe()} was allocated without dirtyTracking: true.`;
    if (code !== 'EINVAL' || range === undefined) return undefined;
    const { alignment } = hwpt.ioas.iovaRanges();
    const { iova, length } = range;
    return (
      misaligned(`iova ${hex(iova)}`, iova, alignment) ?? misaligned(`length ${length}`, length, alignment)
    );
  };
