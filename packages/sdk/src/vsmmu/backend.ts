import type { IdRegisters } from '@iommufd/smmuv3';
import type { iommu_viommu_arm_smmuv3_invalidate, smmuv3_command } from '@iommufd/uapi';
import type { Decoded, Encodable } from '@iommufd/uapi/struct';
import type { StreamConfig } from './stream-config.js';

/** An invalidation command of the guest. Only fields that the architecture ignores may have changed. */
export type InvalidationCommand = Encodable<typeof iommu_viommu_arm_smmuv3_invalidate>;

/** The guest's response to a page request group: CMD_PRI_RESP. */
export type PageResponse = Extract<Decoded<typeof smmuv3_command>, { readonly Opcode: 0x41 }>;

/** The host of a virtual SMMU: it executes invalidations and configures streams. `SdkBackend` implements it with iommufd. */
export interface VsmmuBackend {
  /** The virtual StreamIDs that have a device. */
  readonly streams: ReadonlySet<number>;

  /**
   * Checks that the host has the features of a guest's ID registers. Without this method nothing is checked.
   * @throws RangeError that names the feature
   */
  check?(ids: IdRegisters): void;

  /**
   * Executes invalidations of the guest in order; they have completed when this returns.
   * @param commands 1 to 4032 commands; StreamIDs in them are in {@link streams}
   * @throws InvalidationError EIO with `failedIndex` if a guest may not issue one of the commands, or the device of its
   *   StreamID is gone. Of the commands before it, those up to the last multiple of 63 have completed; the others may not have.
   * @throws Error for any other failure, which is not the guest's fault
   */
  invalidate(commands: readonly InvalidationCommand[]): void;

  /**
   * Changes the configuration of a stream atomically. Hardware caches of the guest's configuration of the stream are
   * invalidated, even if the configuration did not change.
   * @param streamId one of {@link streams}
   * @throws Error if the host cannot do it; nothing has changed then
   */
  setStream(streamId: number, config: StreamConfig): void;

  /** Passes the response to a page request group to the device. Without this method responses are dropped. */
  respond?(response: PageResponse): void;
}
