/** An access of a program to its own memory that Linux answers with a signal: {@link MemoryFault}. */

/** The signal: `SIGSEGV` where nothing is mapped or the mapping forbids it, `SIGBUS` where what is mapped cannot be reached. */
export type FaultSignal = 'SIGBUS' | 'SIGSEGV';

/**
 * A load or store that failed. On Linux the program would receive the signal. Memory behind a BAR faults with SIGBUS while
 * memory decoding of its function is off.
 */
export class MemoryFault extends RangeError {
  /** `'MemoryFault'`. */
  override readonly name = 'MemoryFault';

  constructor(
    /** The signal that Linux would send. */
    readonly signal: FaultSignal,
    /** The address of the access. */
    readonly address: bigint,
    why: string,
  ) {
    super(`${signal} at 0x${address.toString(16)}: ${why}`);
  }
}
