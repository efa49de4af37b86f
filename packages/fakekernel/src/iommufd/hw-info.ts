import {
  IOMMU_GET_HW_INFO,
  iommu_hw_info_type,
  iommufd_hw_capabilities,
  iommufd_hw_info_flags,
} from '@iommufd/uapi';
import { fail } from '../errno.js';
import { allocate } from '../process/failure-points.js';
import { command } from './command.js';
import { IommufdDevice } from './device.js';

const { IOMMU_HW_INFO_FLAG_INPUT_TYPE } = iommufd_hw_info_flags;
const { IOMMU_HW_CAP_DIRTY_TRACKING, IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED } = iommufd_hw_capabilities;
const { IOMMU_HW_INFO_TYPE_DEFAULT, IOMMU_HW_INFO_TYPE_NONE } = iommu_hw_info_type;

/** IOMMU_GET_HW_INFO: copies as much of the data as fits, and clears the rest of the caller's buffer. */
export const getHwInfo = command(IOMMU_GET_HW_INFO, (cmd, call) => {
  const { features } = call.context.kernel;
  const known = features.IOMMU_HW_INFO_FLAG_INPUT_TYPE ? IOMMU_HW_INFO_FLAG_INPUT_TYPE : 0;
  if ((cmd.flags & ~known) !== 0) throw fail('EOPNOTSUPP');
  if ([...cmd.__reserved].some((byte) => byte !== 0)) throw fail('EOPNOTSUPP');
  if (!features.hwInfoSaysPasids && cmd.out_max_pasid_log2 !== 0) throw fail('EOPNOTSUPP');
  const asked =
    (cmd.flags & IOMMU_HW_INFO_FLAG_INPUT_TYPE) !== 0 ? cmd.in_data_type : IOMMU_HW_INFO_TYPE_DEFAULT;
  const { device } = call.hold(cmd.dev_id, IommufdDevice);
  const { driver } = device;
  allocate('hw_info()');
  const { type, data } = driver.hardwareInfo?.(device, asked) ?? {
    type: IOMMU_HW_INFO_TYPE_NONE,
    data: new Uint8Array(),
  };
  const room = cmd.data_len;
  const memory = call.process.memorySpace;
  const copied = Math.min(room, data.length);
  memory.write(cmd.data_uptr, data.subarray(0, copied));
  if (copied < room) memory.clearBytes(BigInt.asUintN(64, cmd.data_uptr + BigInt(copied)), room - copied);
  const { dirtyTracking, ats } = driver.capabilities(device);
  const saysNoAts = !ats && features.IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED;
  const capabilities =
    (dirtyTracking ? IOMMU_HW_CAP_DIRTY_TRACKING : 0) | (saysNoAts ? IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED : 0);
  const saysPasids = features.hwInfoSaysPasids && device.maxPasids > 0;
  const pasidBits = saysPasids ? Math.floor(Math.log2(device.maxPasids)) : 0;
  cmd.out_data_type = type;
  cmd.data_len = data.length;
  cmd.out_capabilities = BigInt(capabilities);
  cmd.out_max_pasid_log2 = pasidBits;
  call.respond();
});
