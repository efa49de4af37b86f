// Written by `pnpm compile`: the types of all that is declared.
export type { IommuHwInfoAmd, IommuHwptAmdGuest } from './amd/amd.generated.js';
export type {
  AmdCommand,
  KnownAmdCommand,
  UnknownAmdCommand,
  COMPLETION_WAIT,
  INVALIDATE_DEVTAB_ENTRY,
  INVALIDATE_IOMMU_PAGES,
  INVALIDATE_IOTLB_PAGES,
  INVALIDATE_INTERRUPT_TABLE,
  PREFETCH_IOMMU_PAGES,
  COMPLETE_PPR_REQUEST,
  INVALIDATE_IOMMU_ALL,
  AmdDte,
} from './amd/command.generated.js';
export type {
  AmdEvent,
  KnownAmdEvent,
  UnknownAmdEvent,
  ILLEGAL_DEV_TABLE_ENTRY,
  IO_PAGE_FAULT,
  DEV_TAB_HARDWARE_ERROR,
  PAGE_TAB_HARDWARE_ERROR,
  ILLEGAL_COMMAND_ERROR,
  COMMAND_HARDWARE_ERROR,
  IOTLB_INV_TIMEOUT,
  INVALID_DEVICE_REQUEST,
  INVALID_PPR_REQUEST,
  EVENT_COUNTER_ZERO,
  RMP_PAGE_FAULT,
  RMP_HARDWARE_ERROR,
  AmdPpr,
  KnownAmdPpr,
  UnknownAmdPpr,
  PAGE_SERVICE_REQUEST,
} from './amd/log.generated.js';
export type { IommuDestroy } from './iommufd/destroy.generated.js';
export type {
  IommuFaultAlloc,
  IommuHwptPageResponse,
  IommuHwptPgfault,
} from './iommufd/fault-queue.generated.js';
export type { IommuHwInfo } from './iommufd/hw-info.generated.js';
export type { IommuHwQueueAlloc } from './iommufd/hw-queue.generated.js';
export type { IommuHwptAlloc } from './iommufd/hwpt-alloc.generated.js';
export type { IommuHwptGetDirtyBitmap, IommuHwptSetDirtyTracking } from './iommufd/hwpt-dirty.generated.js';
export type { IommuHwptInvalidate } from './iommufd/hwpt-invalidate.generated.js';
export type {
  IommuIoasAlloc,
  IommuIoasAllowIovas,
  IommuIoasChangeProcess,
  IommuIoasIovaRanges,
  IommuIovaRange,
} from './iommufd/ioas.generated.js';
export type {
  IommuIoasCopy,
  IommuIoasMap,
  IommuIoasMapFile,
  IommuIoasNoiommuGetPa,
  IommuIoasUnmap,
} from './iommufd/ioas-map.generated.js';
export type { IommuOption } from './iommufd/option.generated.js';
export type { IommuVdeviceAlloc } from './iommufd/vdevice.generated.js';
export type { IommuVeventqAlloc, IommufdVeventHeader } from './iommufd/veventq.generated.js';
export type { IommuVfioIoas } from './iommufd/vfio-ioas.generated.js';
export type { IommuViommuAlloc } from './iommufd/viommu.generated.js';
export type {
  IommuHwptInvalidateSelftest,
  IommuHwptSelftest,
  IommuTestHwInfo,
  IommuViommuEventSelftest,
  IommuViommuInvalidateSelftest,
  IommuViommuSelftest,
} from './selftest/data.generated.js';
export type { Smmuv3Cd, Smmuv3L1cd } from './smmuv3/cd.generated.js';
export type {
  Smmuv3Command,
  KnownSmmuv3Command,
  UnknownSmmuv3Command,
  CMD_PREFETCH_CONFIG,
  CMD_PREFETCH_ADDR,
  CMD_CFGI_STE,
  CMD_CFGI_STE_RANGE,
  CMD_CFGI_CD,
  CMD_CFGI_CD_ALL,
  CMD_CFGI_VMS_PIDM,
  CMD_TLBI_NH_ALL,
  CMD_TLBI_NH_ASID,
  CMD_TLBI_NH_VA,
  CMD_TLBI_NH_VAA,
  CMD_TLBI_EL3_ALL,
  CMD_TLBI_EL3_VA,
  CMD_TLBI_EL2_ALL,
  CMD_TLBI_EL2_ASID,
  CMD_TLBI_EL2_VA,
  CMD_TLBI_EL2_VAA,
  CMD_TLBI_S12_VMALL,
  CMD_TLBI_S2_IPA,
  CMD_TLBI_NSNH_ALL,
  CMD_ATC_INV,
  CMD_PRI_RESP,
  CMD_RESUME,
  CMD_STALL_TERM,
  CMD_SYNC,
  CMD_TLBI_S_EL2_ALL,
  CMD_TLBI_S_EL2_ASID,
  CMD_TLBI_S_EL2_VA,
  CMD_TLBI_S_EL2_VAA,
  CMD_TLBI_S_S12_VMALL,
  CMD_TLBI_S_S2_IPA,
  CMD_TLBI_SNH_ALL,
  CMD_DPTI_ALL,
  CMD_DPTI_PA,
} from './smmuv3/command.generated.js';
export type {
  SmmuCr0,
  SmmuCr0ack,
  SmmuCr1,
  SmmuCr2,
  SmmuGbpa,
  SmmuGerror,
  SmmuGerrorn,
  SmmuIrqCtrl,
  SmmuIrqCtrlack,
} from './smmuv3/control-registers.generated.js';
export type {
  Smmuv3Event,
  KnownSmmuv3Event,
  UnknownSmmuv3Event,
  F_UUT,
  C_BAD_STREAMID,
  F_STE_FETCH,
  C_BAD_STE,
  F_BAD_ATS_TREQ,
  F_STREAM_DISABLED,
  F_TRANSL_FORBIDDEN,
  C_BAD_SUBSTREAMID,
  F_CD_FETCH,
  C_BAD_CD,
  F_WALK_EABT,
  F_TRANSLATION,
  F_ADDR_SIZE,
  F_ACCESS,
  F_PERMISSION,
  F_TLB_CONFLICT,
  F_CFG_CONFLICT,
  E_PAGE_REQUEST,
  F_VMS_FETCH,
  IMPDEF_EVENT0,
  IMPDEF_EVENT1,
  IMPDEF_EVENT2,
  IMPDEF_EVENT3,
  IMPDEF_EVENT4,
  IMPDEF_EVENT5,
  IMPDEF_EVENT6,
  IMPDEF_EVENT7,
  IMPDEF_EVENT8,
  IMPDEF_EVENT9,
  IMPDEF_EVENT10,
  IMPDEF_EVENT11,
  IMPDEF_EVENT12,
  IMPDEF_EVENT13,
  IMPDEF_EVENT14,
  IMPDEF_EVENT15,
} from './smmuv3/event.generated.js';
export type {
  SmmuAidr,
  SmmuIdr0,
  SmmuIdr1,
  SmmuIdr2,
  SmmuIdr3,
  SmmuIdr4,
  SmmuIdr5,
  SmmuIidr,
} from './smmuv3/id-registers.generated.js';
export type {
  IommuHwInfoArmSmmuv3,
  IommuHwptArmSmmuv3,
  IommuVeventArmSmmuv3,
  IommuViommuArmSmmuv3Invalidate,
} from './smmuv3/iommufd.generated.js';
export type { Smmuv3Pri } from './smmuv3/priq.generated.js';
export type {
  SmmuCmdqBase,
  SmmuCmdqCons,
  SmmuCmdqProd,
  SmmuEventqBase,
  SmmuEventqCons,
  SmmuEventqIrqCfg0,
  SmmuEventqIrqCfg1,
  SmmuEventqIrqCfg2,
  SmmuEventqProd,
  SmmuGerrorIrqCfg0,
  SmmuGerrorIrqCfg1,
  SmmuGerrorIrqCfg2,
  SmmuPriqBase,
  SmmuPriqCons,
  SmmuPriqIrqCfg0,
  SmmuPriqIrqCfg1,
  SmmuPriqIrqCfg2,
  SmmuPriqProd,
  SmmuStrtabBase,
  SmmuStrtabBaseCfg,
} from './smmuv3/queue-registers.generated.js';
export type { Smmuv3L1std, Smmuv3Ste } from './smmuv3/ste.generated.js';
export type {
  IommuHwInfoTegra241Cmdqv,
  IommuVeventTegra241Cmdqv,
  IommuViommuTegra241Cmdqv,
} from './tegra241/tegra241.generated.js';
export type { VfioDeviceFeatureBusMaster } from './vfio/device-bus-master.generated.js';
export type {
  VfioDeviceAttachIommufdPt,
  VfioDeviceBindIommufd,
  VfioDeviceDetachIommufdPt,
} from './vfio/device-cdev.generated.js';
export type { VfioDeviceFeatureDmaBuf, VfioRegionDmaRange } from './vfio/device-dma-buf.generated.js';
export type {
  VfioDeviceFeatureDmaLoggingControl,
  VfioDeviceFeatureDmaLoggingRange,
  VfioDeviceFeatureDmaLoggingReport,
} from './vfio/device-dma-logging.generated.js';
export type { VfioDeviceFeature } from './vfio/device-feature.generated.js';
export type { VfioDeviceGfxPlaneInfo, VfioRegionGfxEdid } from './vfio/device-gfx.generated.js';
export type { VfioDeviceInfo, VfioDeviceInfoCapPciAtomicComp } from './vfio/device-info.generated.js';
export type { VfioDeviceIoeventfd } from './vfio/device-ioeventfd.generated.js';
export type { VfioIrqInfo, VfioIrqSet } from './vfio/device-irq.generated.js';
export type { VfioDeviceLowPowerEntryWithWakeup } from './vfio/device-low-power.generated.js';
export type {
  VfioDeviceFeatureMigDataSize,
  VfioDeviceFeatureMigState,
  VfioDeviceFeatureMigration,
} from './vfio/device-migration.generated.js';
export type { VfioRegionInfo } from './vfio/device-region.generated.js';
export type { VfioDeviceFeatureZpciErr } from './vfio/device-zpci.generated.js';
export type { VfioGroupStatus } from './vfio/group.generated.js';
export type { VfioInfoCapHeader } from './vfio/info-cap.generated.js';
export type {
  VfioPciDependentDevice,
  VfioPciHotReset,
  VfioPciHotResetInfo,
} from './vfio/pci-hot-reset.generated.js';
export type { VfioPrecopyInfo } from './vfio/precopy-info.generated.js';
export type {
  VfioRegionInfoCapSparseMmap,
  VfioRegionInfoCapType,
  VfioRegionSparseMmapArea,
} from './vfio/region-cap.generated.js';
export type {
  VfioBitmap,
  VfioIommuType1DirtyBitmap,
  VfioIommuType1DirtyBitmapGet,
  VfioIommuType1DmaMap,
  VfioIommuType1DmaUnmap,
} from './vfio/type1.generated.js';
export type {
  VfioIommuType1Info,
  VfioIommuType1InfoCapIovaRange,
  VfioIommuType1InfoCapMigration,
  VfioIommuType1InfoDmaAvail,
  VfioIovaRange,
} from './vfio/type1-info.generated.js';
export type { VtdFaultRecord, VtdFaultStatus, VtdIqeRecord } from './vtd/fault.generated.js';
export type {
  VtdPageRequest,
  VtdQiDesc,
  KnownVtdQiDesc,
  UnknownVtdQiDesc,
  QI_CC,
  QI_IOTLB,
  QI_DIOTLB,
  QI_IEC,
  QI_IWD,
  QI_EIOTLB,
  QI_PC,
  QI_DEIOTLB,
  QI_PGRP_RESP,
  VtdQiDesc256,
  KnownVtdQiDesc256,
  UnknownVtdQiDesc256,
  QI_CC_256,
  QI_IOTLB_256,
  QI_DIOTLB_256,
  QI_IEC_256,
  QI_IWD_256,
  QI_EIOTLB_256,
  QI_PC_256,
  QI_DEIOTLB_256,
  QI_PGRP_RESP_256,
} from './vtd/queue.generated.js';
export type { VtdCapReg, VtdEcapReg } from './vtd/registers.generated.js';
export type { IommuHwInfoVtd, IommuHwptVtdS1, IommuHwptVtdS1Invalidate } from './vtd/vtd.generated.js';
