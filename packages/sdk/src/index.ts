export { Attachment, type PageTable } from './objects/attachment.js';
export { type AttachOptions, Device } from './objects/device.js';
export { DirtyBitmap } from './objects/dirty-bitmap.js';
export { type DirtyRange, type DirtyRangeOptions, PageBitmap } from './objects/page-bitmap.js';
export { type FailedCall, InvalidationError, IommufdError } from './calls/error.js';
export {
  type GroupResponse,
  FaultGroup,
  FaultQueue,
  type FaultResponse,
  type PageFault,
} from './queues/fault-queue.js';
export { type HwInfo, type HwInfoData, type HwInfoType } from './objects/hw-info.js';
export { HwQueue, type HwQueueOptions, type HwQueueType } from './objects/hw-queue.js';
export { type HwptData } from './objects/hwpt-data.js';
export { Hwpt, type HwptOptions, type PageTableOptions } from './objects/hwpt.js';
export { Ioas, type IovaRange, type IovaRanges, type MapOptions } from './objects/ioas.js';
export type { Feature } from './objects/features.js';
export { Iommufd, type RlimitMode } from './objects/iommufd.js';
export { Mapping } from './objects/mapping.js';
export { type MemfdMemory, Memory, type MemoryOptions } from './objects/memory.js';
export { SelftestDevice, type SelftestDeviceOptions } from './objects/selftest-device.js';
export { type HwptInvalidations, NestedHwpt, type NestedHwptOptions } from './objects/nested-hwpt.js';
export { IommufdObject } from './objects/object.js';
export { type EventsOptions, Queue } from './queues/queue.js';
export type { AbortSignalLike, PollFd, PollOptions, Syscalls } from '@iommufd/uapi';
export { Vdevice, type VdeviceOptions } from './objects/vdevice.js';
export {
  type EventOf,
  type LostEvents,
  Veventq,
  type VeventqItem,
  type VeventqOptions,
  type VeventqType,
  type ViommuEvent,
} from './queues/veventq.js';
export { VfioDevice } from './objects/vfio-device.js';
export type { OpenDeviceOptions, PciCommand, RegionPart } from './vfio/device-calls.js';
export type { DeviceInfo, IrqInfo, RegionInfo } from './vfio/device-info.js';
export { DmaLogBitmap, DmaLogging, type DmaLoggingOptions } from './vfio/dma-logging.js';
export { Eventfd } from './vfio/eventfd.js';
export type { DeviceFeature } from './vfio/feature.js';
export type { HotResetFunction, HotResetInfo } from './vfio/hot-reset.js';
export type { InterruptKind, MessageKind, RegionName } from './vfio/indexes.js';
export {
  type Interrupt,
  InterruptLine,
  type InterruptOptions,
  Interrupts,
  type Listening,
} from './vfio/interrupts.js';
export {
  type ChunkOptions,
  PreCopy,
  type PreCopyProgress,
  Resuming,
  StopCopy,
} from './vfio/migration-data.js';
export { Migration, type MigrationState, type MigrationTarget, type SaveOptions } from './vfio/migration.js';
export { Region, type RegionMapOptions, type SignalledWrite, type Ioeventfd } from './vfio/region.js';
export { RegionMapping } from './vfio/region-mapping.js';
export { Registers, type RegisterSize } from './vfio/registers.js';
export {
  Viommu,
  type ViommuInvalidations,
  type ViommuOptions,
  type ViommuType,
  type VeventqTypeOf,
} from './objects/viommu.js';
export { type WaitOptions } from './queues/wait.js';
export * from './vsmmu/index.js';
