/** What reads kernel logs: a bundle of its own, because most commands do not need it, and it needs few declarations. */
export { decodeLog, looksLikeLog } from './commands/log.js';
