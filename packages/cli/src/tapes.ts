/** What replays and prints tapes: a bundle of its own, with the fake kernel in it, so that the others need not load it. */
export { replayFiles } from './commands/replay.js';
export { printTapes } from './commands/tape.js';
