import {
  IOMMU_HW_INFO_SELFTEST_REGVAL,
  iommu_hw_info_type,
  iommu_hwpt_data_type,
  iommu_hwpt_selftest,
  iommu_test_hw_info,
  iommu_viommu_type,
  iommufd_hwpt_alloc_flags,
  IOMMU_TEST_PASID_RESERVED,
  mock_pagetable_type,
} from '@iommufd/uapi';
import { encode, view } from '@iommufd/uapi/struct';
import { fail } from '../../errno.js';
import type { IommuDriver } from '../../iommu/driver.js';
import { moveTo } from './attach.js';
import { mockHardware } from './mock-hardware.js';
import { MockDomain } from './mock-domain.js';
import { MockNested } from './mock-nested.js';
import { MockViommu } from './mock-viommu.js';
import { constant } from '../../lib/restorable.js';

const { IOMMU_HWPT_ALLOC_DIRTY_TRACKING, IOMMU_HWPT_ALLOC_NEST_PARENT, IOMMU_HWPT_ALLOC_PASID } =
  iommufd_hwpt_alloc_flags;
const { IOMMU_HWPT_DATA_NONE, IOMMU_HWPT_DATA_SELFTEST } = iommu_hwpt_data_type;
const { IOMMU_HW_INFO_TYPE_DEFAULT, IOMMU_HW_INFO_TYPE_SELFTEST } = iommu_hw_info_type;
const PAGING_FLAGS = IOMMU_HWPT_ALLOC_DIRTY_TRACKING | IOMMU_HWPT_ALLOC_NEST_PARENT | IOMMU_HWPT_ALLOC_PASID;

/** The mock IOMMU driver: `mock_ops` of Linux's `drivers/iommu/iommufd/selftest.c`. */
export const mockDriver = constant<IommuDriver>('mockDriver', {
  name: 'mock',
  userPasidTable: true,

  capabilities: (device) => ({
    cacheCoherency: true,
    dirtyTracking: mockHardware(device).canTrackDirty,
    enforceCacheCoherency: false,
    ats: false,
    // `iommufd_device_bind()` does not check it for a mock device: `iommufd_selftest_is_mock_dev()`.
    isolatedMsi: true,
  }),

  hardwareInfo: (_device, type) => {
    if (type !== IOMMU_HW_INFO_TYPE_DEFAULT && type !== IOMMU_HW_INFO_TYPE_SELFTEST) throw fail('EOPNOTSUPP');
    const data = encode(iommu_test_hw_info, { flags: 0, test_reg: IOMMU_HW_INFO_SELFTEST_REGVAL });
    return { type: IOMMU_HW_INFO_TYPE_SELFTEST, data };
  },

  allocPaging: (device, flags, data) => {
    const tracksDirty = (flags & IOMMU_HWPT_ALLOC_DIRTY_TRACKING) !== 0;
    const { canTrackDirty, hasHugeIova } = mockHardware(device);
    const { driver, features } = device;
    if ((flags & ~PAGING_FLAGS) !== 0 || (tracksDirty && !canTrackDirty)) throw fail('EOPNOTSUPP');
    if (features.mockPageTableIsList) {
      if (data !== undefined) throw fail('EOPNOTSUPP');
      return new MockDomain(driver, hasHugeIova ? 'list with huge pages' : 'list', tracksDirty, features);
    }
    let type: number = mock_pagetable_type.MOCK_IOMMUPT_DEFAULT;
    if (data !== undefined) {
      if (data.type !== IOMMU_HWPT_DATA_SELFTEST && data.type !== IOMMU_HWPT_DATA_NONE)
        throw fail('EOPNOTSUPP');
      type = view(
        iommu_hwpt_selftest,
        data.read(IOMMU_HWPT_DATA_SELFTEST, iommu_hwpt_selftest, 4),
      ).pagetable_type;
    }
    const huge = type === mock_pagetable_type.MOCK_IOMMUPT_HUGE;
    if (!huge && type !== mock_pagetable_type.MOCK_IOMMUPT_DEFAULT) throw fail('EOPNOTSUPP');
    return new MockDomain(driver, huge ? 'huge' : 'default', tracksDirty, features);
  },

  allocNested: (_device, parent, flags, data) => MockNested.make(flags, data, parent, undefined),

  hasViommu: (_device, type) => type === iommu_viommu_type.IOMMU_VIOMMU_TYPE_SELFTEST,

  allocViommu: (viommu, _device, _parent, data) => new MockViommu(viommu, data),

  block: (device) => moveTo(device, undefined),

  blockPasid: (device, pasid) => {
    if (pasid === IOMMU_TEST_PASID_RESERVED) mockHardware(device).failNextPasid = false;
  },
});
