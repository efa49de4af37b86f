export { printDifference, replayFiles, type ReplayIo, type ReplayOptions } from './commands/replay.js';
export { isFailure } from './failure.js';
export { type Io, standardIo } from './io.js';
export { type Paint, paintFor } from './paint.js';
export { dump, type DumpStyle } from './print/dump.js';
export { type Outcome, run } from './program.js';
