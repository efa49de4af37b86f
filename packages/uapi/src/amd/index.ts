/** AMD IOMMU: what iommufd exchanges, and the records of the hardware. */
export * from './amd.js';
export * from './command.js';
export * from './log.js';
