export * from './command.js';
export * from './destroy.js';
export * from './fault-queue.js';
export * from './hw-info.js';
export * from './hw-queue.js';
export * from './hwpt-alloc.js';
export * from './hwpt-dirty.js';
export * from './hwpt-invalidate.js';
export * from './ioas-map.js';
export * from './ioas.js';
export * from './option.js';
export * from './vdevice.js';
export * from './veventq.js';
export * from './vfio-ioas.js';
export * from './viommu.js';
//# sourceMappingURL=index.d.ts.map