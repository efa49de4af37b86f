import './compiled/index.js';

export * from './amd/amd.js';
export * from './errno.js';
export * from './ioctl.js';
export * from './iommufd/index.js';
export * from './request.js';
export * from './selftest/index.js';
export * from './smmuv3/index.js';
export * from './stream/faults.js';
export { lostBetween, sequenceDistance, VEVENT_SEQUENCE_MAX } from './stream/sequence.js';
export { type VeventCursor, veventCursor } from './stream/vevent-cursor.js';
export * from './stream/vevents.js';
export * from './struct/index.js';
export * from './tegra241/tegra241.js';
export * from './vfio/index.js';
export * from './vtd/vtd.js';
export * from './syscalls.js';
