/** The commands that know everything that has a name: a bundle of its own, so that the others need not load it. */
export { explainCommand } from './commands/explain.js';
export { listCommand } from './commands/list.js';
