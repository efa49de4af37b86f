export {
  VFIO_API_VERSION,
  VFIO_BASE,
  VFIO_CHECK_EXTENSION,
  vfio_extension,
  VFIO_GET_API_VERSION,
  VFIO_TYPE,
} from './api.js';
export { VFIO_IOMMU_DISABLE, VFIO_IOMMU_ENABLE, VFIO_SET_IOMMU } from './container.js';
export { vfio_device_feature_bus_master, vfio_device_feature_bus_master_op } from './device-bus-master.js';
export {
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  vfio_device_attach_iommufd_pt,
  vfio_device_attach_iommufd_pt_flags,
  VFIO_DEVICE_BIND_IOMMUFD,
  vfio_device_bind_iommufd,
  vfio_device_bind_iommufd_flags,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
  vfio_device_detach_iommufd_pt,
  vfio_device_detach_iommufd_pt_flags,
} from './device-cdev.js';
export { vfio_device_feature_dma_buf, vfio_region_dma_range } from './device-dma-buf.js';
export {
  vfio_device_feature_dma_logging_control,
  vfio_device_feature_dma_logging_range,
  vfio_device_feature_dma_logging_report,
} from './device-dma-logging.js';
export {
  VFIO_DEVICE_FEATURE,
  vfio_device_feature,
  vfio_device_feature_data,
  vfio_device_feature_flags,
  vfio_device_feature_index,
  VFIO_DEVICE_FEATURE_MASK,
  vfio_pci_vf_token,
} from './device-feature.js';
export {
  VFIO_DEVICE_GET_GFX_DMABUF,
  vfio_device_gfx_link_state,
  vfio_device_gfx_plane_info,
  VFIO_DEVICE_QUERY_GFX_PLANE,
  vfio_gfx_plane_type,
  vfio_region_gfx_edid,
} from './device-gfx.js';
export {
  vfio_device_api,
  VFIO_DEVICE_GET_INFO,
  vfio_device_info,
  vfio_device_info_cap,
  vfio_device_info_cap_pci_atomic_comp,
  vfio_device_info_flags,
  vfio_pci_atomic_comp_flags,
} from './device-info.js';
export {
  VFIO_DEVICE_IOEVENTFD,
  vfio_device_ioeventfd,
  vfio_device_ioeventfd_flags,
  VFIO_DEVICE_IOEVENTFD_SIZE_MASK,
} from './device-ioeventfd.js';
export {
  VFIO_DEVICE_GET_IRQ_INFO,
  VFIO_DEVICE_SET_IRQS,
  vfio_irq_info,
  vfio_irq_info_flags,
  vfio_irq_set,
  VFIO_IRQ_SET_ACTION_TYPE_MASK,
  VFIO_IRQ_SET_DATA_TYPE_MASK,
  vfio_irq_set_flags,
} from './device-irq.js';
export { vfio_device_low_power_entry_with_wakeup } from './device-low-power.js';
export {
  vfio_device_feature_mig_data_size,
  vfio_device_feature_mig_state,
  vfio_device_feature_migration,
  vfio_device_feature_migration_flags,
  vfio_device_mig_state,
  VFIO_DEVICE_STATE_MASK,
  VFIO_DEVICE_STATE_NR,
} from './device-migration.js';
export { VFIO_DEVICE_GET_REGION_INFO, vfio_region_info, vfio_region_info_flags } from './device-region.js';
export { VFIO_DEVICE_RESET } from './device-reset.js';
export { vfio_device_feature_zpci_err } from './device-zpci.js';
export {
  VFIO_GROUP_GET_DEVICE_FD,
  VFIO_GROUP_GET_STATUS,
  VFIO_GROUP_SET_CONTAINER,
  vfio_group_status,
  vfio_group_status_flags,
  VFIO_GROUP_UNSET_CONTAINER,
} from './group.js';
export { vfio_info_cap_header } from './info-cap.js';
export {
  VFIO_DEVICE_GET_PCI_HOT_RESET_INFO,
  VFIO_DEVICE_PCI_HOT_RESET,
  vfio_pci_dependent_device,
  VFIO_PCI_DEVID_NOT_OWNED,
  VFIO_PCI_DEVID_OWNED,
  vfio_pci_hot_reset,
  vfio_pci_hot_reset_info,
  vfio_pci_hot_reset_info_flags,
} from './pci-hot-reset.js';
export {
  vfio_pci_irq_index,
  VFIO_PCI_NUM_IRQS,
  VFIO_PCI_NUM_REGIONS,
  vfio_pci_region_index,
} from './pci-index.js';
export { VFIO_MIG_GET_PRECOPY_INFO, vfio_precopy_info, vfio_precopy_info_flags } from './precopy-info.js';
export {
  vfio_region_info_cap,
  vfio_region_info_cap_sparse_mmap,
  vfio_region_info_cap_type,
  vfio_region_sparse_mmap_area,
  vfio_region_subtype_gfx,
  vfio_region_subtype_intel,
  vfio_region_type,
  VFIO_REGION_TYPE_PCI_VENDOR_MASK,
  VFIO_REGION_TYPE_PCI_VENDOR_TYPE,
} from './region-cap.js';
export {
  vfio_bitmap,
  VFIO_IOMMU_DIRTY_PAGES,
  VFIO_IOMMU_MAP_DMA,
  vfio_iommu_type1_dirty_bitmap,
  vfio_iommu_type1_dirty_bitmap_flags,
  vfio_iommu_type1_dirty_bitmap_get,
  vfio_iommu_type1_dma_map,
  vfio_iommu_type1_dma_map_flags,
  vfio_iommu_type1_dma_unmap,
  vfio_iommu_type1_dma_unmap_flags,
  VFIO_IOMMU_UNMAP_DMA,
} from './type1.js';
export {
  VFIO_IOMMU_GET_INFO,
  vfio_iommu_type1_info,
  vfio_iommu_type1_info_cap,
  vfio_iommu_type1_info_cap_iova_range,
  vfio_iommu_type1_info_cap_migration,
  vfio_iommu_type1_info_dma_avail,
  vfio_iommu_type1_info_flags,
  vfio_iova_range,
} from './type1-info.js';
