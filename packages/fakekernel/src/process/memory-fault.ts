/** {@link MemoryFault}: an access of a program to its own memory for which Linux sends a signal. */

/**
 * The signal: `SIGSEGV` if the address is not mapped or the mapping forbids the access, `SIGBUS` if the mapped memory cannot be
 * reached.
 */
export type FaultSignal = 'SIGBUS' | 'SIGSEGV';

/**
 * Thrown for a load or store that fails. On Linux the program would receive the signal. Memory of a BAR faults with SIGBUS while
 * the function's memory decoding is off.
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
