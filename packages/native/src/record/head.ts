/** What the head of a tape, and the first line of a trace, say of the program and the machine. */
import { basename } from 'node:path';

/** The name of this machine's architecture. */
export const ARCH = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

/** The name of a tape or a trace. @param command the program and its arguments @returns one line */
export const nameOf = ([program = '', ...args]: readonly string[]): string =>
  [basename(program), ...args].join(' ').replaceAll('\n', ' ');
