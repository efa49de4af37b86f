/**
 * What a device declares that can be migrated: `createDevice({ migration })`. VFIO asks it for its state, and has it take one in;
 * which state a program may ask for is in `vfio/migration.ts`.
 */

/** A device that gives away its state and takes one in. */
export interface Migratable {
  /** Can it keep from DMA to other devices while it does all else? Then it has the state RUNNING_P2P. False by default. */
  readonly p2p?: boolean;
  /** What it gives away while it runs: without it, it has no state PRE_COPY. */
  readonly precopy?: Precopy;
  /** Its state, without what {@link precopy} has given. It is asked in any state, as its length is what a migration takes. */
  save(): Uint8Array;
  /**
   * Takes in a state.
   * @param parts what another device of its kind has given: the first, changes, and the last
   * @returns false if that is no state
   */
  load(parts: readonly Uint8Array[]): boolean;
}

/** What a device gives away while it runs. */
export interface Precopy {
  /** The first part. */
  initial(): Uint8Array;
  /** What has changed since it was asked last; empty for nothing. */
  changes(): Uint8Array;
}
