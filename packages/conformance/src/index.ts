export { type AbiFacts, iommufdFacts, smmuv3Facts } from './abi/facts.js';
export { TAPES, VERSION_TAPES } from './tapes/checked-in.js';
