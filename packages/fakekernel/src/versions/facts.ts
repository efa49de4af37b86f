/**
 * The differences between versions of Linux, as a table of facts. A fact has a name, the first version in which it holds or no
 * longer holds, and its source. Code reads a fact by name where the rule is applied (`kernel.features.mmapOfIommufd`), and never
 * compares versions; `kernel-version.ts` resolves the table once for each version. `docs/versions.md` is generated from it.
 *
 * "recordings" as a source means that the tapes of `packages/conformance` show both sides of the fact.
 */
import { type Release, sinceOf } from '@iommufd/uapi/history';

/** The versions that were recorded, with the recorded stable release: the default of a version without the number of a stable release. */
export const RECORDED: Partial<Readonly<Record<Release, string>>> = {
  '6.12': '6.12.107',
  '7.2': '7.2.13',
  '7.3': '7.3.4',
};

/**
 * A change whose exact version is unknown: it is missing in `after`, and present in `by`. Versions in between behave like
 * `after`.
 */
export interface Between {
  readonly after: Release;
  readonly by: Release;
}

/** The kind of a fact: `docs/versions.md` has a table for each kind. */
export type Kind = 'ioctl' | 'test op' | 'flag' | 'struct' | 'behaviour';

/** One difference between versions. */
export interface Fact {
  readonly kind: Kind;
  /** The first version in which it holds. */
  readonly since?: Release | Between;
  /** The first version in which it no longer holds. */
  readonly until?: Release | Between;
  /** Stable releases of versions before `since` that have the change too, and those after them of the same version: `6.12.117`. */
  readonly backports?: readonly string[];
  /** The rule, as a sentence; for an ioctl, an operation or a flag, the kernel's name. */
  readonly what: string;
  readonly source: string;
}

const UAPI = 'include/uapi/linux/iommufd.h';
const TEST = 'drivers/iommu/iommufd/iommufd_test.h';
const SELFTEST = 'drivers/iommu/iommufd/selftest.c';
const VFIO = 'include/uapi/linux/vfio.h';
const AFTER_6_12: Between = { after: '6.12', by: '7.2' };

/** The release in which a name appears in the headers. @throws Error if the oldest version has it */
function since(name: string): { readonly since: Release } {
  const release = sinceOf(name);
  if (release === undefined) throw new Error(`${name}: every version has it`);
  return { since: release };
}

const ioctl = (name: string): Fact => ({
  kind: 'ioctl',
  ...since(name),
  what: name,
  source: `${UAPI}; recordings`,
});

const testOp = (name: string, since: Release | Between): Fact => ({
  kind: 'test op',
  since,
  what: name,
  source: `enum in ${TEST}; recordings`,
});

/** The facts by name. Facts about ioctls and test operations have the kernel's names. */
export const FACTS = {
  IOMMU_IOAS_MAP_FILE: ioctl('IOMMU_IOAS_MAP_FILE'),
  IOMMU_VIOMMU_ALLOC: ioctl('IOMMU_VIOMMU_ALLOC'),
  IOMMU_VDEVICE_ALLOC: ioctl('IOMMU_VDEVICE_ALLOC'),
  IOMMU_IOAS_CHANGE_PROCESS: ioctl('IOMMU_IOAS_CHANGE_PROCESS'),
  IOMMU_VEVENTQ_ALLOC: ioctl('IOMMU_VEVENTQ_ALLOC'),
  IOMMU_HW_QUEUE_ALLOC: ioctl('IOMMU_HW_QUEUE_ALLOC'),
  IOMMU_IOAS_NOIOMMU_GET_PA: ioctl('IOMMU_IOAS_NOIOMMU_GET_PA'),

  IOMMU_TEST_OP_DEV_CHECK_CACHE: testOp('IOMMU_TEST_OP_DEV_CHECK_CACHE', '6.13'),
  IOMMU_TEST_OP_TRIGGER_VEVENT: testOp('IOMMU_TEST_OP_TRIGGER_VEVENT', '6.15'),
  IOMMU_TEST_OP_PASID_ATTACH: testOp('IOMMU_TEST_OP_PASID_ATTACH', '6.15'),
  IOMMU_TEST_OP_PASID_REPLACE: testOp('IOMMU_TEST_OP_PASID_REPLACE', '6.15'),
  IOMMU_TEST_OP_PASID_DETACH: testOp('IOMMU_TEST_OP_PASID_DETACH', '6.15'),
  IOMMU_TEST_OP_PASID_CHECK_HWPT: testOp('IOMMU_TEST_OP_PASID_CHECK_HWPT', '6.15'),
  IOMMU_TEST_OP_DMABUF_GET: testOp('IOMMU_TEST_OP_DMABUF_GET', AFTER_6_12),
  IOMMU_TEST_OP_DMABUF_REVOKE: testOp('IOMMU_TEST_OP_DMABUF_REVOKE', AFTER_6_12),

  dirtyLengthZeroRefused: {
    kind: 'behaviour',
    since: '7.3',
    backports: ['6.12.117'],
    what:
      'IOMMU_HWPT_GET_DIRTY_BITMAP fails with EINVAL for length 0. Before, the last address wraps: EOVERFLOW unless iova ' +
      'is 0, and with iova 0 the range is the whole address space.',
    source: 'iommufd_check_iova_range() in drivers/iommu/iommufd/hw_pagetable.c; recordings',
  },
  dirtyLeafReportedWhole: {
    kind: 'behaviour',
    since: '7.3',
    what:
      'A dirty leaf of several entries of its table is reported as a whole. Before, it is reported from the current IOVA of ' +
      'the walk on, ' +
      'without its last entry.',
    source: 'record_dirty() in drivers/iommu/generic_pt/iommu_pt.h; recordings',
  },
  dmaBufGetReturnsZero: {
    kind: 'behaviour',
    since: '7.3',
    what: 'IOMMU_TEST_OP_DMABUF_GET returns 0. Before, it returns the new fd.',
    source: `iommufd_test_dmabuf_get() in ${SELFTEST}; recordings`,
  },
  mapFileOfDmaBuf: {
    kind: 'behaviour',
    since: AFTER_6_12,
    what: 'IOMMU_IOAS_MAP_FILE maps a dma-buf. Before, it is a file without memory: EINVAL when its pages are pinned.',
    source: 'iopt_map_file_pages() in drivers/iommu/iommufd/io_pagetable.c; recordings',
  },
  VFIO_DEVICE_FEATURE_DMA_BUF: {
    kind: 'flag',
    ...since('VFIO_DEVICE_FEATURE_DMA_BUF'),
    what: 'VFIO_DEVICE_FEATURE_DMA_BUF',
    source: VFIO,
  },
  mmapOfIommufd: {
    kind: 'behaviour',
    since: '6.17',
    what: '/dev/iommu has mmap(). Before, it fails with ENODEV.',
    source: 'iommufd_fops in drivers/iommu/iommufd/main.c; recordings',
  },
  IOMMU_HWPT_FAULT_ID_VALID: {
    kind: 'flag',
    since: AFTER_6_12,
    what: 'IOMMU_HWPT_FAULT_ID_VALID is valid for a paging page table. Before, only for a nested one.',
    source: 'iommufd_hwpt_paging_alloc() in drivers/iommu/iommufd/hw_pagetable.c; recordings',
  },
  IOMMU_HWPT_ALLOC_PASID: {
    kind: 'flag',
    ...since('IOMMU_HWPT_ALLOC_PASID'),
    what: 'IOMMU_HWPT_ALLOC_PASID',
    source: `${UAPI}; recordings`,
  },
  IOMMU_HW_INFO_FLAG_INPUT_TYPE: {
    kind: 'flag',
    ...since('IOMMU_HW_INFO_FLAG_INPUT_TYPE'),
    what: 'IOMMU_HW_INFO_FLAG_INPUT_TYPE. Before, the input value of the type is ignored.',
    source: `${UAPI}; recordings`,
  },
  IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED: {
    kind: 'flag',
    ...since('IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED'),
    what: 'IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED',
    source: `${UAPI}; recordings`,
  },
  MOCK_FLAGS_DEVICE_HUGE_IOVA: {
    kind: 'flag',
    until: '6.19',
    what: 'MOCK_FLAGS_DEVICE_HUGE_IOVA (2): page tables for the device also have pages of 1 MiB.',
    source: `${TEST}; recordings`,
  },
  MOCK_FLAGS_DEVICE_PASID: {
    kind: 'flag',
    since: '6.15',
    what: 'MOCK_FLAGS_DEVICE_PASID',
    source: `${TEST}; recordings`,
  },
  mockPageTableIsList: {
    kind: 'behaviour',
    until: '6.19',
    what:
      'The page table of the mock driver is a list of 2 KiB entries. Each has a dirty bit, which can only be read ' +
      'while tracking is enabled. It accepts no data from the caller, and allows mappings that are neither readable nor ' +
      'writable. ' +
      'IOMMU_TEST_OP_DIRTY counts only mapped addresses, looks them up at iova / page_size, and is only limited by memory; ' +
      'IOMMU_TEST_OP_MD_CHECK_MAP checks alignment before the id.',
    source: `mock_domain_map_pages(), mock_domain_read_and_clear_dirty(), iommufd_test_dirty() in ${SELFTEST}; recordings`,
  },
  mockDataHasPagetableType: {
    kind: 'struct',
    since: '6.19',
    what: 'struct iommu_hwpt_selftest has pagetable_type and 8 bytes. Before, it has only iotlb, and 4 bytes.',
    source: `${TEST}; recordings`,
  },
  invalidateOfOtherObject: {
    kind: 'behaviour',
    since: '6.13',
    what: 'IOMMU_HWPT_INVALIDATE of an object without invalidation fails with EINVAL. Before, with ENOENT.',
    source: 'iommufd_hwpt_invalidate() in drivers/iommu/iommufd/hw_pagetable.c; recordings',
  },
  mapAddressBeforeLength: {
    kind: 'behaviour',
    since: '6.13',
    what:
      'IOMMU_IOAS_MAP and VFIO_IOMMU_MAP_DMA check that the address does not wrap (EOVERFLOW) before the length (EINVAL). ' +
      'Before, in the other order.',
    source: 'iopt_alloc_user_pages() in drivers/iommu/iommufd/pages.c',
  },
  hwInfoSaysPasids: {
    kind: 'struct',
    // In the same release as the other names for PASIDs.
    ...since('IOMMU_HWPT_ALLOC_PASID'),
    what: 'struct iommu_hw_info has out_max_pasid_log2. Before, it is part of __reserved, and fails with EOPNOTSUPP if it is not 0.',
    source: `${UAPI}; recordings of mock devices without PASIDs`,
  },
  nestingHasOperation: {
    kind: 'behaviour',
    since: AFTER_6_12,
    what:
      'IOMMU_HWPT_ALLOC on a page table fails with EOPNOTSUPP if the driver has no domain_alloc_nested(). Before, ' +
      'domain_alloc_user() allocates both kinds, and a page table that is not a nest parent fails with EINVAL for every ' +
      'driver; so does ' +
      'that of arm-smmu-v3.',
    source: 'iommufd_hwpt_nested_alloc() in drivers/iommu/iommufd/hw_pagetable.c',
  },
  faultsOfFunctionsWithoutPri: {
    kind: 'behaviour',
    since: AFTER_6_12,
    what:
      'A PCI virtual function can be attached to a page table with a fault queue, unless its physical function has PRI (EINVAL). ' +
      'Before, no virtual function can.',
    source: 'iommufd_fault_iopf_enable() in drivers/iommu/iommufd/fault.c, later eventq.c',
  },
  VFIO_DEVICE_BIND_FLAG_TOKEN: {
    kind: 'flag',
    ...since('VFIO_DEVICE_BIND_FLAG_TOKEN'),
    what: 'VFIO_DEVICE_BIND_FLAG_TOKEN. Bytes after the struct must be 0 (E2BIG); before, they are ignored.',
    source: VFIO,
  },
  VFIO_DEVICE_ATTACH_PASID: {
    kind: 'flag',
    ...since('VFIO_DEVICE_ATTACH_PASID'),
    what: 'VFIO_DEVICE_ATTACH_PASID and VFIO_DEVICE_DETACH_PASID',
    source: VFIO,
  },
  errorIrqOfEveryFunction: {
    kind: 'behaviour',
    since: '7.3',
    what:
      'A conventional PCI function has the interrupt VFIO_PCI_ERR_IRQ_INDEX too. Before, one without a PCI Express capability does not: ' +
      'VFIO_DEVICE_GET_IRQ_INFO and VFIO_DEVICE_SET_IRQS fail with EINVAL.',
    source: 'vfio_pci_get_irq_count() in drivers/vfio/pci/vfio_pci_core.c',
  },
  vtdPrefersFirstStage: {
    kind: 'behaviour',
    since: AFTER_6_12,
    what:
      'intel-iommu allocates a first-stage page table if the unit supports it, and neither a nest parent nor dirty tracking ' +
      'is requested. ' +
      'Before, the second stage, with its width and page sizes.',
    source: 'intel_iommu_domain_alloc_user() in drivers/iommu/intel/iommu.c',
  },
  smmuIommufd: {
    kind: 'behaviour',
    since: '6.13',
    what:
      'arm-smmu-v3 supports iommufd: IOMMU_HW_INFO_TYPE_ARM_SMMUV3, nest parents and virtual IOMMUs. Before, the type ' +
      'is none, and the only flag of a page table is IOMMU_HWPT_ALLOC_DIRTY_TRACKING, if the SMMU marks pages as dirty.',
    source: 'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-iommufd.c',
  },
  swMsiOfContext: {
    kind: 'behaviour',
    since: '6.15',
    what:
      'The doorbell of interrupt messages has one IOVA for all page tables of a context, and is mapped in those that a ' +
      'device is moved ' +
      'to. A device that is not attached cannot use MSIs: VFIO_DEVICE_SET_IRQS fails with ENOSPC. Before, each page ' +
      'table assigns an IOVA of its own when MSIs are set up, and a device without a page table writes to the physical address.',
    source:
      'iommufd_sw_msi() in drivers/iommu/iommufd/driver.c, iommu_dma_prepare_msi() in drivers/iommu/iommu.c',
  },
  smmuCommandFieldsChecked: {
    kind: 'behaviour',
    since: '7.3',
    what:
      'arm-smmu-v3 checks every field of a command of a guest. Before, it only checks the opcode, and the virtual StreamID of ' +
      'ATC_INV, CFGI_CD and CFGI_CD_ALL.',
    source: 'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-iommufd.c',
  },
} as const satisfies Readonly<Record<string, Fact>>;

/** The name of a fact. */
export type FactName = keyof typeof FACTS;
