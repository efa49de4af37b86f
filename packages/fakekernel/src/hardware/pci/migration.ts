/**
 * The declaration of a device that can be migrated: `createDevice({ migration })`. VFIO saves its state and loads it into another
 * device; the states that a program may request are in `vfio/migration.ts`.
 */

/** A device whose state can be saved and loaded. */
export interface Migratable {
  /**
   * True if it can stop DMA to other devices while everything else continues. It then has the state RUNNING_P2P. Default: false.
   */
  readonly p2p?: boolean;
  /** The state that it can save while it runs. Without it, the device has no state PRE_COPY. */
  readonly precopy?: Precopy;
  /**
   * Saves its state, without the parts of {@link precopy}. It is called in any state, because its length is the size of the
   * migration data.
   */
  save(): Uint8Array;
  /**
   * Loads a state.
   * @param parts the saved parts of another device of its kind: the first, the changes, and the last
   * @returns false if the state is invalid
   */
  load(parts: readonly Uint8Array[]): boolean;
}

/** The state that a device saves while it runs. */
export interface Precopy {
  /** The first part. */
  initial(): Uint8Array;
  /** The changes since the previous call; empty if there are none. */
  changes(): Uint8Array;
}
