export * from './commands.js';
export * from './context-descriptor.js';
export * from './driver.js';
export * from './events.js';
export * from './guest-ram.js';
export * from './page-tables.js';
export * from './stage1.js';
export * from './stream-table.js';
