export { MockDevice, type MockDeviceOptions } from './drivers/mock/mock-device.js';
export { mockModule } from './drivers/mock/test-cmd.js';
export { KernelBug } from './errno.js';
export type { Dma, DmaOptions } from './hardware/dma.js';
export { DmaFault, type DmaFaultReason } from './hardware/dma-fault.js';
export type { Device } from './iommu/device.js';
export { FakeKernel, type Module } from './kernel.js';
export { type Privileges, Process } from './process/process.js';
