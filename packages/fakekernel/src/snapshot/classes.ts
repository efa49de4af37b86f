/**
 * The classes of all objects that a kernel holds. `snapshot/graph.ts` copies and restores only objects of these classes. A new
 * class must be added here; `classes.test.ts` fails otherwise. {@link FRESH} lists the fields that a snapshot leaves out.
 */
import { stateClasses } from '@iommufd/smmuv3';
import { ArmSmmu } from '../drivers/arm-smmu-v3/arm-smmu.js';
import { CommandQueue } from '../drivers/arm-smmu-v3/command-queue.js';
import { ContextTable } from '../drivers/arm-smmu-v3/context-table.js';
import { DirtyTable } from '../drivers/arm-smmu-v3/dirty-table.js';
import { EventThread } from '../drivers/arm-smmu-v3/event-thread.js';
import { FakeSmmuv3 } from '../drivers/arm-smmu-v3/fake-smmuv3.js';
import { IdPool } from '../drivers/arm-smmu-v3/id-pool.js';
import { InterruptThread } from '../drivers/arm-smmu-v3/interrupt-thread.js';
import { SmmuNested } from '../drivers/arm-smmu-v3/nested-domain.js';
import { Messages } from '../drivers/arm-smmu-v3/messages.js';
import { OutputQueue } from '../drivers/arm-smmu-v3/output-queue.js';
import { PageRequests } from '../drivers/arm-smmu-v3/page-requests.js';
import { SmmuDomain } from '../drivers/arm-smmu-v3/paging-domain.js';
import { SmmuDevice } from '../drivers/arm-smmu-v3/smmu-device.js';
import { StreamTable } from '../drivers/arm-smmu-v3/stream-table.js';
import { Vsmmu } from '../drivers/arm-smmu-v3/vsmmu.js';
import { FakeVtd } from '../drivers/intel-iommu/fake-vtd.js';
import { IntelIommu } from '../drivers/intel-iommu/intel-iommu.js';
import { DmarDomain } from '../drivers/intel-iommu/paging-domain.js';
import { VtdDevice } from '../drivers/intel-iommu/vtd-device.js';
import { ListDirty } from '../drivers/mock/list-dirty.js';
import { MockDevice } from '../drivers/mock/mock-device.js';
import { MockDirty } from '../drivers/mock/mock-dirty.js';
import { MockDomain } from '../drivers/mock/mock-domain.js';
import { MockNested } from '../drivers/mock/mock-nested.js';
import { MockViommu } from '../drivers/mock/mock-viommu.js';
import { Dma } from '../hardware/dma.js';
import { DoorbellPage, Its } from '../hardware/its.js';
import { GroupIndexes, IndexWaiter } from '../hardware/group-indexes.js';
import { PageTable } from '../hardware/page-table.js';
import { Bar } from '../hardware/pci/bar.js';
import { ConfigSpace } from '../hardware/pci/config-space.js';
import { FakePciDevice } from '../hardware/pci/function.js';
import { GivenFunction } from '../hardware/pci/given-function.js';
import { FunctionInterrupts } from '../hardware/pci/interrupts.js';
import { PciBus, PciNode, PciTopology } from '../hardware/pci/topology.js';
import { PhysicalBlock, PhysicalMemory } from '../hardware/physical-memory.js';
import { VtdUnit } from '../hardware/vtd/vtd-unit.js';
import { Area } from '../ioas/area.js';
import { IoPageTable } from '../ioas/io-page-table.js';
import { PagesRegistry } from '../ioas/pages-registry.js';
import { Pages } from '../ioas/pages.js';
import { PinAccount } from '../ioas/pin-account.js';
import { ReservedRanges } from '../ioas/reserved.js';
import { Group } from '../iommu/group.js';
import { ItsEvents } from '../iommu/its-events.js';
import { ShownMemory } from '../iommu/shown-memory.js';
import { Access } from '../iommufd/access.js';
import { IommufdContext } from '../iommufd/context.js';
import { DeviceGroup, IommufdDevice } from '../iommufd/device.js';
import { EventFile } from '../iommufd/event-file.js';
import { FaultQueue } from '../iommufd/fault-queue.js';
import { HwQueue } from '../iommufd/hw-queue.js';
import { HwptNested, HwptPaging } from '../iommufd/hwpt.js';
import { Ioas } from '../iommufd/ioas.js';
import { MmapTable } from '../iommufd/mmap-table.js';
import { ObjectTable } from '../iommufd/object.js';
import { SwMsiMaps } from '../iommufd/sw-msi.js';
import { Vdevice } from '../iommufd/vdevice.js';
import { Veventq } from '../iommufd/veventq.js';
import { Viommu } from '../iommufd/viommu.js';
import { ByteQueue } from '../lib/byte-queue.js';
import { LinkedSet } from '../lib/linked-set.js';
import { RangeCounter } from '../lib/range-counter.js';
import { RangeMap } from '../lib/range-map.js';
import { RangeNodes } from '../lib/range-nodes.js';
import { Interrupts, LowestFree } from '../pci/interrupts.js';
import { MsixVectors, PlainMsiVectors } from '../pci/msi.js';
import { PciDev } from '../pci/pci-dev.js';
import { AddressSpace } from '../process/address-space.js';
import { MockDmaBuf } from '../selftest/dma-buf.js';
import { Counter, Eventfd } from '../process/eventfd.js';
import { FailurePlan } from '../process/failure-points.js';
import { FaultAttribute, FaultSettings, InjectedFaults, ThreadFaults } from '../process/fault-injection.js';
import { SettingFile } from '../process/setting-file.js';
import { FdTable, ForeignFile } from '../process/fd-table.js';
import { LockedPages } from '../process/locked-pages.js';
import { FileMemory, FilePages, PrivateMemory } from '../process/file-memory.js';
import { Generations } from '../process/generations.js';
import { HugeMemfd, Memfd } from '../process/memfd.js';
import { AnonymousMemory, HostMemory } from '../process/memory-object.js';
import { Process } from '../process/process.js';
import { SparsePages } from '../process/sparse-pages.js';
import { TaskWork } from '../process/task-work.js';
import { WaitQueue } from '../process/wait-queue.js';
import { Completion } from '../lib/completion.js';
import { AccessFile } from '../selftest/access.js';
import { MockDeviceObject } from '../selftest/mock-device-object.js';
import { GroupDeviceFile, VfioDeviceFile } from '../vfio/cdev.js';
import { VfioDevice } from '../vfio/device.js';
import { DmaLog } from '../vfio/dma-log.js';
import { VfioGroup, VfioGroupFile } from '../vfio/group.js';
import { ResumingFile, SavingFile } from '../vfio/migration-file.js';
import { VfioMigration } from '../vfio/migration.js';
import { ConfigMap } from '../vfio/pci-config-map.js';
import { PermBits } from '../vfio/pci-config-perm.js';
import { VfioPciConfig } from '../vfio/pci-config.js';
import { VfioPciCore } from '../vfio/pci-core.js';
import { SingleTrigger, VfioPciIntrs } from '../vfio/pci-intrs.js';
import { PciIntx } from '../vfio/pci-intx.js';
import { PciDmaBufs, VfioDmaBuf } from '../vfio/pci-dma-buf.js';
import { PciIoeventfds } from '../vfio/pci-ioeventfd.js';
import { BarMemory } from '../vfio/pci-mmap.js';
import { PciMsi } from '../vfio/pci-msi.js';
import { PciRuntimePm } from '../vfio/pci-runtime-pm.js';
import { VfToken } from '../vfio/pci-token.js';
import { Unbinding } from '../vfio/unbinding.js';
import { VfioSlots } from '../vfio/slots.js';
import { Virqfd } from '../vfio/virqfd.js';
import { restorableClass, type RestorableClasses, restorableClasses } from '../lib/restorable.js';

/** Classes by their names in snapshots. */
const classes: Readonly<Record<string, { readonly prototype: object }>> = {
  Access,
  AccessFile,
  Completion,
  AddressSpace,
  AnonymousMemory,
  Area,
  ArmSmmu,
  Bar,
  BarMemory,
  ByteQueue,
  CommandQueue,
  ConfigMap,
  ConfigSpace,
  ContextTable,
  Counter,
  DeviceGroup,
  Dma,
  MockDmaBuf,
  DmaLog,
  DirtyTable,
  DoorbellPage,
  DmarDomain,
  EventFile,
  EventThread,
  Eventfd,
  FailurePlan,
  FakePciDevice,
  FakeSmmuv3,
  FakeVtd,
  FaultAttribute,
  FaultQueue,
  FaultSettings,
  FdTable,
  FileMemory,
  FilePages,
  ForeignFile,
  FunctionInterrupts,
  Generations,
  InjectedFaults,
  GivenFunction,
  Group,
  GroupDeviceFile,
  GroupIndexes,
  HostMemory,
  HugeMemfd,
  HwQueue,
  HwptNested,
  HwptPaging,
  IdPool,
  IndexWaiter,
  IntelIommu,
  InterruptThread,
  IoPageTable,
  Ioas,
  Its,
  ItsEvents,
  IommufdContext,
  IommufdDevice,
  Interrupts,
  LowestFree,
  LinkedSet,
  ListDirty,
  LockedPages,
  Memfd,
  Messages,
  MmapTable,
  MockDevice,
  MockDeviceObject,
  MockDirty,
  MockDomain,
  MockNested,
  MockViommu,
  MsixVectors,
  ObjectTable,
  OutputQueue,
  PageRequests,
  PageTable,
  Pages,
  PagesRegistry,
  PciBus,
  PciDmaBufs,
  PciDev,
  PciIntx,
  PciIoeventfds,
  PciRuntimePm,
  PciMsi,
  PciNode,
  PciTopology,
  PermBits,
  PhysicalBlock,
  PhysicalMemory,
  PinAccount,
  PlainMsiVectors,
  PrivateMemory,
  Process,
  RangeCounter,
  RangeMap,
  RangeNodes,
  ReservedRanges,
  ResumingFile,
  SavingFile,
  ShownMemory,
  SettingFile,
  SingleTrigger,
  SmmuDevice,
  SmmuDomain,
  SmmuNested,
  SparsePages,
  StreamTable,
  SwMsiMaps,
  TaskWork,
  ThreadFaults,
  Unbinding,
  Vdevice,
  Veventq,
  VfToken,
  VfioDevice,
  VfioDeviceFile,
  VfioDmaBuf,
  VfioGroup,
  VfioGroupFile,
  VfioMigration,
  VfioPciConfig,
  VfioPciCore,
  VfioPciIntrs,
  VfioSlots,
  Viommu,
  Virqfd,
  Vsmmu,
  VtdDevice,
  VtdUnit,
  WaitQueue,
};

const nothing = (): undefined => undefined;

/**
 * The fields that are not copied, with their initial values. Caches begin empty. Waiting callers belong to the program that
 * waits, and do not exist in a restored kernel: a `wait()`, a `read()` of the SDK, and DMA whose page request has no response
 * yet. The page request itself is part of the snapshot.
 */
const FRESH: Readonly<Record<string, Readonly<Record<string, () => unknown>>>> = {
  AddressSpace: { recent: nothing },
  Completion: { waiting: () => [] },
  Dma: { ready: () => [] },
  EventThread: { tools: nothing },
  GroupIndexes: { waiting: () => [] },
  HostMemory: { recent: nothing, recentIndex: () => -1 },
  IndexWaiter: { answer: nothing },
  Process: { sleepers: () => new Set() },
  Unbinding: { waiting: () => [] },
  SparsePages: { recent: nothing, recentIndex: () => -1 },
  WaitQueue: { waiters: () => new Set() },
  'smmuv3.Smmuv3': { notices: nothing },
  'smmuv3.Stalled': { resume: nothing },
};

let isDone = false;

/** The classes of a kernel, and the classes that other packages have registered. */
export function kernelClasses(): RestorableClasses {
  if (!isDone) {
    for (const [name, type] of Object.entries(classes)) restorableClass(name, type, FRESH[name]);
    for (const [name, type] of Object.entries(stateClasses))
      restorableClass(`smmuv3.${name}`, type, FRESH[`smmuv3.${name}`]);
    isDone = true;
  }
  return restorableClasses;
}
