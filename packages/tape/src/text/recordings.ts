import { parseTapes, type Tape } from '../tapes/tape.js';
import { isTraceText, tapeOfTrace } from './text-tape.js';

/** The tapes in a text: of JSON lines, or of what `iommufd trace` has printed. @throws SyntaxError as {@link parseTapes} does */
export const parseRecordings = (text: string): Tape[] =>
  isTraceText(text) ? [tapeOfTrace(text)] : parseTapes(text);
