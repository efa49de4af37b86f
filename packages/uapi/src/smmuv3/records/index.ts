/**
 * All declarations of SMMUv3 structures, for the registry. The kernel driver's names (`names.ts`) are computed from
 * them and are not included.
 */
export * from '../attributes.js';
export * from '../cd.js';
export * from '../command.js';
export * from '../control-registers.js';
export * from '../driver.js';
export * from '../event.js';
export * from '../id-registers.js';
export * from '../priq.js';
export * from '../queue-registers.js';
export * from '../register.js';
export * from '../ste.js';
