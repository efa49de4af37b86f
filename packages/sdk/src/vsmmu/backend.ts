import type { iommu_viommu_arm_smmuv3_invalidate, smmuv3_command } from '@iommufd/uapi';
import type { Decoded, Encodable } from '@iommufd/uapi/struct';
import type { StreamConfig } from './stream-config.js';

/** An invalidation, as the guest put it into its command queue. */
export type InvalidationCommand = Encodable<typeof iommu_viommu_arm_smmuv3_invalidate>;

/** The answer of the guest to a page request group. */
export type PageResponse = Extract<Decoded<typeof smmuv3_command>, { readonly Opcode: 0x41 }>;

/** What a virtual SMMU needs of its host. */
export interface VsmmuBackend {
  /** The StreamIDs, as the guest knows them, that have a device. */
  readonly streams: ReadonlySet<number>;

  /**
   * Has hardware do invalidations of the guest, in order; they are done when this returns.
   * @param commands 1 to 4032; those with a StreamID are of {@link streams}
   * @throws InvalidationError EIO with `failedIndex`, if the guest may not give one of them. What came before it is
   *   done up to the last multiple of 63 commands, and not necessarily beyond.
   * @throws Error for whatever else goes wrong: that is no fault of the guest's
   */
  invalidate(commands: readonly InvalidationCommand[]): void;

  /**
   * Says what happens to the transactions of a stream from now on, without a gap. All that hardware has cached of
   * the guest's configuration of the stream is dropped, also if the configuration is the one that it was.
   * @param streamId one of {@link streams}
   * @throws Error if the host cannot do it; nothing has changed then
   */
  setStream(streamId: number, config: StreamConfig): void;

  /** Passes the answer to a page request group on to the device. Without it, and before there is a source, nothing. */
  respond?(response: PageResponse): void;
}
