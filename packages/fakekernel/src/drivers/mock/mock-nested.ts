import {
  iommu_hwpt_data_type,
  iommu_hwpt_invalidate_data_type,
  iommu_hwpt_invalidate_selftest,
  iommu_hwpt_selftest,
  iommu_test_invalidate_flags,
  iommufd_hwpt_alloc_flags,
  MOCK_NESTED_DOMAIN_IOTLB_ID_MAX,
  MOCK_NESTED_DOMAIN_IOTLB_NUM,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { fail } from '../../errno.js';
import type { Device } from '../../iommu/device.js';
import type { Translation } from '../../hardware/transaction.js';
import { NestedDomain, type PagingDomain } from '../../iommu/domain.js';
import type { UserArray, UserData } from '../../iommu/user-data.js';
import type { ViommuCore } from '../../iommu/viommu.js';
import { moveTo, movePasid } from './attach.js';
import { MockDomain } from './mock-domain.js';

const { IOMMU_HWPT_DATA_SELFTEST } = iommu_hwpt_data_type;
const { IOMMU_HWPT_INVALIDATE_DATA_SELFTEST } = iommu_hwpt_invalidate_data_type;
const { IOMMU_TEST_INVALIDATE_FLAG_ALL } = iommu_test_invalidate_flags;

/** A nested domain of the mock driver: an IOTLB of four numbers, and an identity translation to the parent. */
export class MockNested extends NestedDomain {
  readonly iotlb = new Uint32Array(MOCK_NESTED_DOMAIN_IOTLB_NUM);

  private constructor(
    iotlb: number,
    /** The parent, which translates its output. */
    private readonly parent: MockDomain,
    readonly viommu: ViommuCore | undefined,
  ) {
    super(parent.driver);
    this.iotlb.fill(iotlb);
  }

  /** @throws EOPNOTSUPP | EINVAL | E2BIG | EFAULT */
  static make(
    flags: number,
    data: UserData,
    parent: PagingDomain,
    viommu: ViommuCore | undefined,
  ): MockNested {
    if ((flags & ~iommufd_hwpt_alloc_flags.IOMMU_HWPT_ALLOC_PASID) !== 0) throw fail('EOPNOTSUPP');
    if (data.type !== IOMMU_HWPT_DATA_SELFTEST) throw fail('EOPNOTSUPP');
    if (!(parent instanceof MockDomain)) throw fail('EINVAL');
    // In the struct's first version, it had only one member.
    if (data.length > 4 && !parent.features.mockDataHasPagetableType) throw fail('EINVAL');
    const { iotlb } = view(iommu_hwpt_selftest, data.read(IOMMU_HWPT_DATA_SELFTEST, iommu_hwpt_selftest, 4));
    return new MockNested(iotlb, parent, viommu);
  }

  /** Translates an access of a device. */
  access(iova: bigint, write: boolean): Translation {
    return this.parent.access(iova, write);
  }

  override attach(device: Device): void {
    moveTo(device, this.viommu);
  }

  override setPasid(device: Device, pasid: number): void {
    movePasid(device, pasid);
  }

  override invalidate(array: UserArray): void {
    if (array.type !== IOMMU_HWPT_INVALIDATE_DATA_SELFTEST) throw fail('EINVAL');
    for (; array.done < array.count; array.done++) {
      const entry = array.read(array.done, iommu_hwpt_invalidate_selftest, 8);
      const { flags, iotlb_id } = view(iommu_hwpt_invalidate_selftest, entry);
      if ((flags & ~IOMMU_TEST_INVALIDATE_FLAG_ALL) !== 0) throw fail('EOPNOTSUPP');
      if (iotlb_id > MOCK_NESTED_DOMAIN_IOTLB_ID_MAX) throw fail('EINVAL');
      if ((flags & IOMMU_TEST_INVALIDATE_FLAG_ALL) !== 0) this.iotlb.fill(0);
      else this.iotlb[iotlb_id] = 0;
    }
  }
}
