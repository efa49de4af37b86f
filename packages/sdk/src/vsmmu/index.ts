export type {
  AccessSize,
  AtsOutcome,
  AutomaticResponse,
  IdRegisters,
  PageRequest,
  StreamPort,
} from '@iommufd/smmuv3';
export { type InvalidationCommand, type PageResponse, type VsmmuBackend } from './backend.js';
export { guestMemory, type GuestMemory, type GuestRam } from './guest-memory.js';
export { guestIdRegisters, type IdRegisterOptions } from './id-registers.js';
export { type HostIdRegisters, type HostRequirement, hostRequirements } from './host-requirements.js';
export { HostError, type HostOperation } from './host-error.js';
export { type VsmmuInterrupts } from './interrupts.js';
export { type DeviceAccess, type DevicePort, type DeviceTranslation } from './own-devices.js';
export { SdkBackend, type SdkBackendOptions } from './sdk-backend.js';
export { type VsmmuState } from './state.js';
export { type StreamConfig } from './stream-config.js';
export {
  DEFAULT_BUDGET,
  type PageRequestOutcome,
  VirtualSmmuv3,
  type VirtualSmmuv3Options,
} from './virtual-smmuv3.js';
