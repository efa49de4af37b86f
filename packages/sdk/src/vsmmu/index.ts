export { type InvalidationCommand, type PageResponse, type VsmmuBackend } from './backend.js';
export { guestMemory, type GuestMemory, type GuestRam } from './guest-memory.js';
export { guestIdRegisters, type IdRegisterOptions, type IdRegisters } from './id-registers.js';
export { type VsmmuInterrupts } from './interrupts.js';
export { type PageRequest, type PageRequestOutcome } from './pri-queue.js';
export { SdkBackend, type SdkBackendOptions } from './sdk-backend.js';
export { type VsmmuState } from './state.js';
export { type StreamConfig } from './stream-config.js';
export { VirtualSmmuv3, type VirtualSmmuv3Options } from './virtual-smmuv3.js';
