export { Attachment, type PageTable } from './attachment.js';
export { type AttachOptions, Device } from './device.js';
export { DirtyBitmap, type DirtyRange, type DirtyRangeOptions } from './dirty-bitmap.js';
export { type FailedCall, InvalidationError, IommufdError } from './error.js';
export {
  type FaultAnswer,
  FaultGroup,
  FaultQueue,
  type FaultResponse,
  type PageFault,
} from './fault-queue.js';
export { type HwInfo, type HwInfoData, type HwInfoType } from './hw-info.js';
export { HwQueue, type HwQueueOptions, type HwQueueType } from './hw-queue.js';
export { type HwptData } from './hwpt-data.js';
export { Hwpt, type HwptOptions, type PageTableOptions } from './hwpt.js';
export { Ioas, type IovaRange, type IovaRanges, type MapOptions } from './ioas.js';
export { Iommufd, type RlimitMode } from './iommufd.js';
export { Mapping } from './mapping.js';
export { type MemfdMemory, Memory, type MemoryOptions } from './memory.js';
export { MockDevice, type MockDeviceOptions } from './mock-device.js';
export { type HwptInvalidations, NestedHwpt, type NestedHwptOptions } from './nested-hwpt.js';
export { IommufdObject } from './object.js';
export { type EventsOptions, Queue } from './queue.js';
export type { AbortSignalLike, PollFd, PollOptions, Syscalls } from '@iommufd/uapi';
export { Vdevice, type VdeviceOptions } from './vdevice.js';
export {
  type EventOf,
  type LostEvents,
  Veventq,
  type VeventqItem,
  type VeventqOptions,
  type VeventqType,
  type ViommuEvent,
} from './veventq.js';
export { type DeviceInfo, type IrqInfo, type RegionInfo, VfioDevice } from './vfio-device.js';
export {
  Viommu,
  type ViommuInvalidations,
  type ViommuOptions,
  type ViommuType,
  type VeventqTypeOf,
} from './viommu.js';
export { type WaitOptions } from './wait.js';
export * from './vsmmu/index.js';
