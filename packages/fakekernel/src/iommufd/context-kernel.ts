import type { PagesRegistry } from '../ioas/pages-registry.js';
import type { IommufdContext } from './context.js';
import type { CommandTable } from './dispatch.js';

/** A chance of a driver to change the source of an IOMMU_IOAS_COPY before it is looked at. */
export type ConvertIova = (
  cmd: { readonly src_ioas_id: number; src_iova: bigint; flags: number },
  context: IommufdContext,
) => void;

/** What an open `/dev/iommu` asks of its kernel. */
export interface ContextKernel {
  readonly commands: CommandTable;
  readonly convertIova: ConvertIova | undefined;
  /** Every `/dev/iommu` that is open. */
  readonly contexts: Set<IommufdContext>;
  /** The pages of every mapping that there is. */
  readonly pages: PagesRegistry;
}
