export { smmuv3_address_size, smmuv3_cd_cacheability, smmuv3_cr1_cacheability, smmuv3_granule, smmuv3_granule_tg1, smmuv3_instcfg, smmuv3_mem_attr, smmuv3_privcfg, smmuv3_shareability, smmuv3_shcfg, smmuv3_walk_cacheability, } from './attributes.js';
export { smmuv3_cd, smmuv3_l1cd, smmuv3_s1_permission } from './cd.js';
export { CMD_CFGI_ALL, isCfgiAll, smmuv3_command, smmuv3_dpti_size, smmuv3_pri_response, smmuv3_resume_action, smmuv3_sync_signal, smmuv3_tlbi_granule, } from './command.js';
export { SMMU_CR0, SMMU_CR0ACK, SMMU_CR1, SMMU_CR2, SMMU_GBPA, SMMU_GERROR, SMMU_GERRORN, SMMU_IRQ_CTRL, SMMU_IRQ_CTRLACK, } from './control-registers.js';
export { arm_smmu_constants, arm_smmu_features, arm_smmu_options } from './driver.js';
export { isImplementationDefined, smmuv3_event, smmuv3_event_class, smmuv3_event_stage } from './event.js';
export { SMMU_AIDR, SMMU_IDR0, SMMU_IDR1, SMMU_IDR2, SMMU_IDR3, SMMU_IDR4, SMMU_IDR5, SMMU_IIDR, smmuv3_httu, smmuv3_stall_model, smmuv3_stream_table_level, smmuv3_table_endianness, smmuv3_table_format, smmuv3_virtual_address_size, } from './id-registers.js';
export { iommu_hw_info_arm_smmuv3, iommu_hw_info_arm_smmuv3_flags, iommu_hwpt_arm_smmuv3, iommu_vevent_arm_smmuv3, iommu_viommu_arm_smmuv3_invalidate, } from './iommufd.js';
export { arm_smmu_v3 } from './names.js';
export { smmuv3_pri } from './priq.js';
export { queueEntriesUsed, isQueueEmpty, isQueueFull, isQueueOverflowed, joinQueueIndex, nextQueueIndex, type QueueIndex, splitQueueIndex, } from './queue.js';
export { SMMU_CMDQ_BASE, SMMU_CMDQ_CONS, SMMU_CMDQ_PROD, SMMU_EVENTQ_BASE, SMMU_EVENTQ_CONS, SMMU_EVENTQ_IRQ_CFG0, SMMU_EVENTQ_IRQ_CFG1, SMMU_EVENTQ_IRQ_CFG2, SMMU_EVENTQ_PROD, SMMU_GERROR_IRQ_CFG0, SMMU_GERROR_IRQ_CFG1, SMMU_GERROR_IRQ_CFG2, SMMU_PRIQ_BASE, SMMU_PRIQ_CONS, SMMU_PRIQ_IRQ_CFG0, SMMU_PRIQ_IRQ_CFG1, SMMU_PRIQ_IRQ_CFG2, SMMU_PRIQ_PROD, SMMU_STRTAB_BASE, SMMU_STRTAB_BASE_CFG, smmuv3_cmdq_error, smmuv3_strtab_format, smmuv3_strtab_split, } from './queue-registers.js';
export { SMMU_PAGE_1, smmuv3_register } from './register.js';
export { smmuv3_l1std, smmuv3_s2_overlay, smmuv3_ste, smmuv3_ste_config, smmuv3_ste_dpt_vmatch, smmuv3_ste_eats, smmuv3_ste_s1dss, smmuv3_ste_s1fmt, smmuv3_ste_strw, } from './ste.js';
//# sourceMappingURL=index.d.ts.map