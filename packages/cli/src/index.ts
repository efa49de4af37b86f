export { type Io, type Paint, paintFor, standardIo } from './io.js';
export { dump } from './print/dump.js';
export { run } from './program.js';
