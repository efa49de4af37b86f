import { parseTapes, type Tape } from '../tapes/tape.js';
import { isTraceText, tapeOfTrace } from './text-tape.js';

/** Parses tapes from JSON lines, or a tape from the output of `iommufd trace`. @throws SyntaxError as {@link parseTapes} does */
export const parseRecordings = (text: string): Tape[] =>
  isTraceText(text) ? [tapeOfTrace(text)] : parseTapes(text);
