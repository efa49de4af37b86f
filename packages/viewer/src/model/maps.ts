/** The IOVA maps of a context: each IOAS with its areas and the page tables that map it. */
import type { AreaEntity, Entity, ObjectEntity } from './history.js';

/** An IOAS, for the map. */
export interface IoasMap {
  readonly ioas: Extract<ObjectEntity, { readonly kind: 'ioas' }>;
  readonly areas: readonly AreaEntity[];
  /** The page tables that map it. */
  readonly hwpts: readonly Extract<ObjectEntity, { readonly kind: 'hwpt' }>[];
}

/** Every IOAS of a context. @param entities those of all contexts after a call */
export function mapsOf(entities: readonly Entity[], context: number): IoasMap[] {
  const here = entities.filter((entity) => entity.context === context);
  const areas = here.filter((entity): entity is AreaEntity => entity.entity === 'area');
  return here.flatMap((ioas) => {
    if (ioas.entity !== 'object' || ioas.kind !== 'ioas') return [];
    const hwpts = here.flatMap((entity) =>
      entity.entity === 'object' &&
      entity.kind === 'hwpt' &&
      entity.uses.some(({ id, as }) => id === ioas.id && as === 'maps')
        ? [entity]
        : [],
    );
    const own = areas.filter((area) => area.ioas === ioas.id).sort((a, b) => (a.start < b.start ? -1 : 1));
    return [{ ioas, areas: own, hwpts }];
  });
}
