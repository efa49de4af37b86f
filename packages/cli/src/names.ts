/** The commands that need all declarations: a separate bundle, so that the other commands need not load it. */
export { explainCommand } from './commands/explain.js';
export { listCommand } from './commands/list.js';
