/**
 * Everything that is declared of an SMMUv3, for the registry: without the names that the kernel's driver has for it, which are
 * computed from the declarations.
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
