/**
 * Pages that hardware marks dirty (HTTU; Arm IHI 0070, 3.13.3; Arm DDI 0487, D8.5). A page whose descriptor says that it may be
 * written, but does not allow it yet, is clean: the first write changes the descriptor. A stage of translation returns such a
 * page as writable, with a {@link Mark} that the translator carries out once both stages allow the write.
 */
import type { Failure } from '../failure.js';
import type { Mapping, TableMapping } from '../memory.js';

/** Changes a descriptor. @returns why it could not be changed; undefined if it was */
export type Mark = () => Failure | undefined;

/** A page as a stage of translation sees it. */
export interface StageMapping<P> extends Mapping<P> {
  /** Marks the page dirty; undefined unless it is writable and clean. */
  readonly mark?: Mark | undefined;
}

/**
 * A page of a table that is an object.
 * @param marks does hardware mark pages of the table dirty? Else a clean page is read-only
 */
export function stageMapping<P>(mapping: TableMapping<P>, marks: boolean): StageMapping<P> {
  const { place, read, execute, markDirty } = mapping;
  // Nearly always: nothing is made then.
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
