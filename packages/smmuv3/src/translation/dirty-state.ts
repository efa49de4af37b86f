/**
 * Pages that hardware marks dirty (HTTU; Arm IHI 0070, 3.13.3; Arm DDI 0487, D8.5). A page is clean if its descriptor
 * has DBM set and does not allow writes; the first write changes the descriptor. A stage of translation returns such a
 * page as writable, with a {@link Mark} that the translator calls when both stages allow the write.
 */
import type { Failure } from '../failure.js';
import type { Mapping, TableMapping } from '../memory.js';

/** Changes a descriptor. @returns the failure; undefined on success */
export type Mark = () => Failure | undefined;

/** The result of a stage of translation. */
export interface StageMapping<P> extends Mapping<P> {
  /** Marks the page dirty; undefined unless it is writable and clean. */
  readonly mark?: Mark | undefined;
}

/**
 * The result for a page of a table that is an object.
 * @param marks true if hardware marks pages of the table dirty; if false, a clean page is read-only
 */
export function stageMapping<P>(mapping: TableMapping<P>, marks: boolean): StageMapping<P> {
  const { place, read, execute, markDirty } = mapping;
  // The common case, without an allocation.
  if (markDirty === undefined) return mapping;
  if (!marks) return { place, read, execute, write: false };
  return {
    place,
    read,
    execute,
    write: mapping.write,
    mark: () => {
      markDirty();
      return undefined;
    },
  };
}
