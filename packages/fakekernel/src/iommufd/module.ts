import type { Command } from './command.js';
import type { ConvertIova } from './context-kernel.js';

/**
 * A kernel module: the ioctls and hooks that it adds when it is loaded. {@link mockModule} is one; {@link FakeSmmuv3} needs none.
 */
export interface Module {
  /** Ioctls of `/dev/iommu`. @internal */
  readonly commands?: readonly Command[];
  /** A hook that may change the source of an IOMMU_IOAS_COPY. @internal */
  readonly convertIova?: ConvertIova;
}
