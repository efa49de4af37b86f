export { type AbiFacts, iommufdFacts, smmuv3Facts } from './abi/facts.js';
export { TAPES, VERSION_TAPES } from './tapes/checked-in.js';
export { type GuestDifference, type GuestPlayed, playGuest } from './guest/guest-replay.js';
export { GUEST_TAPES, type GuestStep, type GuestTape, readGuestTape } from './guest/guest-tape.js';
