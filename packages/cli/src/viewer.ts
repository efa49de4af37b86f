/** The command that shows files in a browser: a bundle of its own, so that the others need not load it. */
export { view } from './commands/view.js';
