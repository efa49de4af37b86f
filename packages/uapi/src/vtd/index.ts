/** Intel VT-d: what iommufd exchanges, and the records of the hardware. */
export * from './fault.js';
export * from './queue.js';
export * from './registers.js';
export * from './vtd.js';
