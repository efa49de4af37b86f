export { mockModule } from './drivers/mock/test-cmd.js';
export { KernelBug } from './errno.js';
export { FakeKernel, type Module } from './kernel.js';
export { type Privileges, Process } from './process/process.js';
