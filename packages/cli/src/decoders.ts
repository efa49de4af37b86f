/**
 * `@iommufd/cli/decoders`: the command's parsers of kernel logs and of printed bytes, for other packages of the repository. They use
 * no API of Node.
 */
export { Failure, isFailure } from './failure.js';
export { textBytes, type WordSize } from './hex/hex.js';
export type { Entry } from './log/entry.js';
export { parseLog, type ParsedLog } from './log/parse.js';
