import type { PagesRegistry } from '../ioas/pages-registry.js';
import type { FailurePlan } from '../process/failure-points.js';
import type { Features } from '../versions/kernel-version.js';
import type { IommufdContext } from './context.js';
import type { CommandTable } from './dispatch.js';

/** A hook that may change the source IOAS and IOVA of an IOMMU_IOAS_COPY: `iommufd_test_syz_conv_iova_id()`. */
export type ConvertIova = (
  cmd: { readonly src_ioas_id: number; src_iova: bigint; flags: number },
  context: IommufdContext,
) => void;

/** The kernel as an open `/dev/iommu` sees it. */
export interface ContextKernel {
  /** The facts of its version of Linux. */
  readonly features: Features;
  readonly commands: CommandTable;
  readonly convertIova: ConvertIova | undefined;
  /** The plan of failures: fault injection. */
  readonly failures: FailurePlan | undefined;
  /** The module parameter `allow_unsafe_interrupts` of iommufd. */
  readonly allowUnsafeInterrupts: boolean;
  /** Adds a line to the log. */
  log(message: string): void;
  /** All open contexts. */
  readonly contexts: Set<IommufdContext>;
  /** The pages of all mappings. */
  readonly pages: PagesRegistry;
}
