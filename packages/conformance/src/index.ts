export { type AbiFacts, iommufdFacts, smmuv3Facts } from './abi/facts.js';
export { TAPES, VERSION_TAPES } from './tapes/checked-in.js';
export { type GuestDifference, type GuestPlayed, playGuest } from './guest/guest-replay.js';
export type { GuestStep, GuestTape } from '@iommufd/tape';
export { GUEST_TAPES, readGuestTape } from './guest/guest-files.js';
