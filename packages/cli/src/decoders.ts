/**
 * `@iommufd/cli/decoders`: how the command reads kernel logs and bytes that are written down, for other programs of the repository.
 * It does without Node.
 */
export { Failure, isFailure } from './failure.js';
export { textBytes, type WordSize } from './hex/hex.js';
export type { Entry } from './log/entry.js';
export { parseLog, type ParsedLog } from './log/parse.js';
