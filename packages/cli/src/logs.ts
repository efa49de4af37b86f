/** The parser of kernel logs: a separate bundle, because most commands do not need it. */
export { decodeLog, looksLikeLog } from './commands/log.js';
