/**
 * IOMMU_HWPT_ALLOC. The object of `pt_id` decides the kind: a paging HWPT on an IOAS, or a nested HWPT on a nest parent or a
 * virtual IOMMU. Checks are made in the order of Linux's `iommufd_hwpt_alloc()` and the functions that it calls.
 */
import { IOMMU_HWPT_ALLOC, iommu_hwpt_data_type, iommufd_hwpt_alloc_flags } from '@iommufd/uapi';
import { fail } from '../errno.js';
import type { Device } from '../iommu/device.js';
import { UserData } from '../iommu/user-data.js';
import { allocate } from '../process/failure-points.js';
import type { Features } from '../versions/kernel-version.js';
import { command } from './command.js';
import { IommufdDevice } from './device.js';
import { FaultQueue } from './fault-queue.js';
import { HwptNested, HwptPaging } from './hwpt.js';
import { Ioas } from './ioas.js';
import { IommufdObject } from './object.js';
import { Viommu } from './viommu.js';

const { IOMMU_HWPT_ALLOC_PASID, IOMMU_HWPT_FAULT_ID_VALID } = iommufd_hwpt_alloc_flags;
/** The valid flags of a nested HWPT. */
const nestedFlags = (features: Features): number =>
  IOMMU_HWPT_FAULT_ID_VALID | (features.IOMMU_HWPT_ALLOC_PASID ? IOMMU_HWPT_ALLOC_PASID : 0);

/** IOMMU_HWPT_ALLOC */
export const hwptAlloc = command(IOMMU_HWPT_ALLOC, (cmd, call) => {
  if (cmd.__reserved !== 0) throw fail('EOPNOTSUPP');
  const hasType = cmd.data_type !== iommu_hwpt_data_type.IOMMU_HWPT_DATA_NONE;
  if (hasType !== (cmd.data_len !== 0)) throw fail('EINVAL');
  const data = new UserData(call.process, cmd.data_type, cmd.data_uptr, cmd.data_len);
  const { device } = call.hold(cmd.dev_id, IommufdDevice);
  if (call.context.objects.find(cmd.pt_id) === undefined) throw fail('EINVAL');
  const target = call.hold(cmd.pt_id, IommufdObject);

  let hwpt: HwptPaging | HwptNested;
  if (target instanceof Ioas) {
    const paging = HwptPaging.alloc(target, device, cmd.flags, cmd.data_len > 0 ? data : undefined);
    hwpt = call.create(paging);
    paging.fill();
  } else if (target instanceof HwptPaging) {
    hwpt = call.create(nestedOnParent(target, device, cmd.flags, data));
  } else if (target instanceof Viommu) {
    if (target.driver !== device.driver) throw fail('EINVAL');
    hwpt = call.create(nestedOnViommu(target, cmd.flags, data));
  } else {
    throw fail('EINVAL');
  }
  if ((cmd.flags & IOMMU_HWPT_FAULT_ID_VALID) !== 0) hwpt.takeFaults(call.hold(cmd.fault_id, FaultQueue));
  cmd.out_hwpt_id = hwpt.id;
  call.respond();
});

function nestedOnParent(parent: HwptPaging, device: Device, flags: number, data: UserData): HwptNested {
  const { driver, features } = device;
  const cannotNest = driver.allocNested === undefined && features.nestingHasOperation;
  if ((flags & ~nestedFlags(features)) !== 0 || data.length === 0 || cannotNest) throw fail('EOPNOTSUPP');
  if (parent.isAutomatic || !parent.isNestParent || parent.domain.driver !== driver) throw fail('EINVAL');
  if (driver.allocNested === undefined) throw fail('EOPNOTSUPP');
  allocate('domain_alloc_nested()');
  const domain = driver.allocNested(device, parent.domain, flags & ~IOMMU_HWPT_FAULT_ID_VALID, data);
  return new HwptNested(domain, parent, undefined, flags);
}

function nestedOnViommu(viommu: Viommu, flags: number, data: UserData): HwptNested {
  if ((flags & ~nestedFlags(viommu.context.kernel.features)) !== 0 || data.length === 0)
    throw fail('EOPNOTSUPP');
  allocate('alloc_domain_nested()');
  const domain = viommu.ops.allocNested?.(flags & ~IOMMU_HWPT_FAULT_ID_VALID, data);
  if (domain === undefined) throw fail('EOPNOTSUPP');
  return new HwptNested(domain, viommu.parent, viommu, flags);
}
