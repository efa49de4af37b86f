/** The output of the commands that run or trace programs, and how such a command ends. */

/** A command's output. Tests replace it. */
export interface CommandIo {
  /** True if standard error is a terminal with colours. */
  readonly colour: boolean;
  /** Prints a line to standard error. */
  complain(line: string): void;
}

/** How a command ends: with a status, or by the signal that ended the program. */
export interface CommandEnd {
  readonly status: number;
  readonly signal?: NodeJS.Signals | undefined;
}

/** Exit status when the command itself fails, as with `env` and `timeout`. */
export const OWN_FAILURE = 125;
