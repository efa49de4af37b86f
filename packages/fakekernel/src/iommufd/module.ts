import type { Command } from './command.js';
import type { ConvertIova } from './context-kernel.js';

/** A driver as it is loaded: what it adds to a kernel. There is {@link mockModule}; {@link FakeSmmuv3} needs none. */
export interface Module {
  /** Ioctls of `/dev/iommu`. @internal */
  readonly commands?: readonly Command[];
  /** A chance to change the source of an IOMMU_IOAS_COPY before it is looked at. @internal */
  readonly convertIova?: ConvertIova;
}
