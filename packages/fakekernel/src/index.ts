export {
  type AtcInvalidation,
  smmuv3Config,
  defaultSmmuv3Config,
  type Departures as Smmuv3Departures,
  type Smmuv3Config,
  type Smmuv3Options,
} from '@iommufd/smmuv3';
export { MockDevice } from './drivers/mock/mock-device.js';
export type { MockDeviceOptions } from './drivers/mock/mock-hardware.js';
export { mockModule } from './selftest/test-cmd.js';
export { FakeSmmuv3 } from './drivers/arm-smmu-v3/fake-smmuv3.js';
export type { PageAnswer } from './drivers/arm-smmu-v3/page-requests.js';
export type {
  SmmuDevice,
  SmmuDeviceAbilities,
  SmmuDeviceOptions,
  SmmuDeviceStreams,
} from './drivers/arm-smmu-v3/smmu-device.js';
export {
  exploreOrders,
  type ExploredOrders,
  type ExploreOrdersConfig,
  type MadeCall,
  type OrderedCall,
  OrderFailed,
} from './explore-orders.js';
export {
  failChecked,
  forEachFailure,
  type ForEachFailureConfig,
  StateChanged,
  type Trial,
} from './for-each-failure.js';
export { FakeVtd } from './drivers/intel-iommu/fake-vtd.js';
export type { VtdDevice, VtdDeviceOptions } from './drivers/intel-iommu/vtd-device.js';
export { type VtdConfig, vtdConfigs } from './hardware/vtd/config.js';
export { forEachKernel, type ForEachKernelConfig } from './for-each-kernel.js';
export { KernelBug } from './errno.js';
export type { Dma, DmaAccess, DmaOptions } from './hardware/dma.js';
export { DmaFault, type DmaFaultReason } from './hardware/dma-fault.js';
export type { Device } from './iommu/device.js';
export type { DriverLog } from './iommu/driver.js';
export type { Module } from './iommufd/module.js';
export { FakeKernel, type RestoredKernel } from './kernel.js';
export type { KernelConfig } from './kernel-config.js';
export type { PlugOptions, Unplug, UsedBefore } from './plugged-devices.js';
export { restorable, restorableClass } from './lib/restorable.js';
export { SnapshotError } from './snapshot/graph.js';
export type { KernelSnapshot, RestoreOptions, SnapshotOptions } from './snapshot/snapshot.js';
export type { FactName } from './versions/facts.js';
export type { Release } from '@iommufd/uapi/history';
export type { Features, KernelVersion } from './versions/kernel-version.js';
export type { FailureChoice, FailureKind, FailurePlan, FailurePoint } from './process/failure-points.js';
export type { AccessSize } from './process/device-memory.js';
export type { AccessMode } from './process/file.js';
export { type FaultSignal, MemoryFault } from './process/memory-fault.js';
export type { Privileges } from './process/privileges.js';
export { Process } from './process/process.js';
export type { Task } from './process/task.js';
export type { PciEndpoint, PciFunction } from './iommu/pci-function.js';
export {
  type BarDeclaration,
  ioPorts,
  type MemoryBarOptions,
  ram,
  type Registers,
  registers,
  type RomDeclaration,
} from './hardware/pci/bar.js';
export {
  acs,
  aer,
  ats,
  type Capability,
  express,
  msi,
  msix,
  type MsixOptions,
  pasid,
  pm,
  pri,
  serialNumber,
  sriov,
  type SriovOptions,
  vendorSpecific,
} from './hardware/pci/capability.js';
export { edu, type EduOptions } from './hardware/pci/devices/edu.js';
export { nic, type FakeNic, NIC_RECEIVED, NIC_SENT } from './hardware/pci/devices/nic.js';
export { nvme, type NvmeOptions } from './hardware/pci/devices/nvme.js';
export { testdev } from './hardware/pci/devices/testdev.js';
export type { ConfigAccessSize, RegisterBits } from './hardware/pci/config-space.js';
export type {
  ConfigImage,
  LegacyVga,
  PciDeviceOptions,
  VirtualFunctionOptions,
} from './hardware/pci/declaration.js';
export { createDevice, FakePciDevice } from './hardware/pci/function.js';
export type { FirmwareNode } from './sysfs/shown.js';
export type { PciIommu, PciPlace } from './hardware/pci/pci-iommu.js';
export type { BridgeKind, BridgeOptions, OtherOptions, PciTopology } from './hardware/pci/topology.js';
export type { Migratable, Precopy } from './hardware/pci/migration.js';
