/**
 * The release of Linux in which each name of the headers first appeared. `packages/conformance/abi/history.json` is read from
 * Debian's packages of the headers, and a test compares it with this table. Debian has no package for 6.13 to 6.15:
 * names that 6.16 has and 6.12 lacks are dated from the kernel's history.
 *
 * ```ts
 * sinceOf('IOMMU_HW_QUEUE_ALLOC'); // '6.17'
 * sinceOf('iommu_viommu_alloc.data_len'); // '6.17'
 * sinceOf('IOMMU_IOAS_MAP'); // undefined: the oldest release of the table has it
 * ```
 */

/** The releases of Linux that the table covers, oldest first. */
export const RELEASES = [
  '6.12',
  '6.13',
  '6.14',
  '6.15',
  '6.16',
  '6.17',
  '6.18',
  '6.19',
  '7.0',
  '7.1',
  '7.2',
  '7.3',
] as const;

/** A release of Linux, without the number of its stable release. */
export type Release = (typeof RELEASES)[number];

/** The names that each release added: constants, tags of structs, and fields added to older structs. */
const NAMES: Readonly<Partial<Record<Release, readonly string[]>>> = {
  '6.13': [
    'IOMMUFD_CMD_IOAS_CHANGE_PROCESS',
    'IOMMUFD_CMD_IOAS_MAP_FILE',
    'IOMMUFD_CMD_VDEVICE_ALLOC',
    'IOMMUFD_CMD_VIOMMU_ALLOC',
    'IOMMU_HWPT_DATA_ARM_SMMUV3',
    'IOMMU_HW_INFO_TYPE_ARM_SMMUV3',
    'IOMMU_IOAS_CHANGE_PROCESS',
    'IOMMU_IOAS_MAP_FILE',
    'IOMMU_VDEVICE_ALLOC',
    'IOMMU_VIOMMU_ALLOC',
    'IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3',
    'IOMMU_VIOMMU_TYPE_ARM_SMMUV3',
    'IOMMU_VIOMMU_TYPE_DEFAULT',
    'iommu_hw_info_arm_smmuv3',
    'iommu_hwpt_arm_smmuv3',
    'iommu_ioas_change_process',
    'iommu_ioas_map_file',
    'iommu_vdevice_alloc',
    'iommu_viommu_alloc',
    'iommu_viommu_arm_smmuv3_invalidate',
  ],
  '6.15': [
    'IOMMUFD_CMD_VEVENTQ_ALLOC',
    'IOMMU_HWPT_ALLOC_PASID',
    'IOMMU_VEVENTQ_ALLOC',
    'IOMMU_VEVENTQ_FLAG_LOST_EVENTS',
    'IOMMU_VEVENTQ_TYPE_ARM_SMMUV3',
    'IOMMU_VEVENTQ_TYPE_DEFAULT',
    'VFIO_DEVICE_ATTACH_PASID',
    'VFIO_DEVICE_DETACH_PASID',
    'iommu_vevent_arm_smmuv3',
    'iommu_veventq_alloc',
    'iommufd_vevent_header',
    'vfio_device_attach_iommufd_pt.pasid',
    'vfio_device_detach_iommufd_pt.pasid',
  ],
  '6.16': [
    'VFIO_AP_CFG_CHG_IRQ_INDEX',
    'VFIO_DEVICE_BIND_FLAG_TOKEN',
    'vfio_device_bind_iommufd.token_uuid_ptr',
  ],
  '6.17': [
    'IOMMUFD_CMD_HW_QUEUE_ALLOC',
    'IOMMU_HW_INFO_FLAG_INPUT_TYPE',
    'IOMMU_HW_INFO_TYPE_DEFAULT',
    'IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV',
    'IOMMU_HW_QUEUE_ALLOC',
    'IOMMU_HW_QUEUE_TYPE_DEFAULT',
    'IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV',
    'IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV',
    'IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV',
    'iommu_hw_info.in_data_type',
    'iommu_hw_info_tegra241_cmdqv',
    'iommu_hw_queue_alloc',
    'iommu_vevent_tegra241_cmdqv',
    'iommu_viommu_alloc.__reserved',
    'iommu_viommu_alloc.data_len',
    'iommu_viommu_alloc.data_uptr',
    'iommu_viommu_tegra241_cmdqv',
  ],
  '6.19': ['VFIO_DEVICE_FEATURE_DMA_BUF', 'vfio_device_feature_dma_buf', 'vfio_region_dma_range'],
  '7.0': ['IOMMU_HWPT_DATA_AMD_GUEST', 'IOMMU_HW_INFO_TYPE_AMD', 'iommu_hw_info_amd', 'iommu_hwpt_amd_guest'],
  '7.1': [
    'IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED',
    'VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2',
    'VFIO_PRECOPY_INFO_REINIT',
  ],
  '7.3': [
    'IOMMUFD_CMD_IOAS_NOIOMMU_GET_PA',
    'IOMMU_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI',
    'IOMMU_IOAS_NOIOMMU_GET_PA',
    'VFIO_DEVICE_FEATURE_ZPCI_ERROR',
    'iommu_ioas_noiommu_get_pa',
    'vfio_device_feature_zpci_err',
  ],
};

const known: ReadonlyMap<string, Release> = new Map(
  RELEASES.flatMap((release) => (NAMES[release] ?? []).map((name) => [name, release] as const)),
);

/** The first release of every name that the oldest release lacks. */
export const allSince: ReadonlyMap<string, Release> = known;

/**
 * The first release that has a name.
 * @param name a constant, an ioctl, a struct's tag, or `struct.field`
 * @returns undefined if the oldest release has it, or the headers of iommufd and VFIO do not
 */
export function sinceOf(name: string): Release | undefined {
  return known.get(name);
}

/** True if a release has a name. Names that are not in the headers of iommufd and VFIO are in every release. */
export function hasName(release: Release, name: string): boolean {
  const since = sinceOf(name);
  return since === undefined || RELEASES.indexOf(release) >= RELEASES.indexOf(since);
}

/** The release of a version: `6.12` for `6.12.107`; undefined if the table does not cover it. */
export function releaseOf(version: string): Release | undefined {
  const [, text] = /^(\d+\.\d+)(?:\.\d+)?$/.exec(version) ?? [];
  return RELEASES.find((release) => release === text);
}
