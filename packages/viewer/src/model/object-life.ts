/** The history of one object: what each call changed, in a few words. */
import { linesOf, nameOfKind } from './graph.js';
import type { Change, Entity, ObjectEntity } from './history.js';

/** One change in the history of an object. */
export interface LifeEvent {
  readonly call: number;
  readonly what: 'made' | 'changed' | 'gone';
  readonly text: string;
  /** The call, as text. */
  readonly by: string;
}

/** The changes of an object. @param nameOf returns the name of a call */
export function lifeOf(changes: readonly Change[], nameOf: (call: number) => string): LifeEvent[] {
  return changes.map(({ call, value }, i) => {
    const before = changes[i - 1]?.value;
    const what = value === undefined ? 'gone' : before === undefined ? 'made' : 'changed';
    return { call, what, text: lifeText(before, value), by: nameOf(call) };
  });
}

/** A change of an object in a few words. */
function lifeText(before: Entity | undefined, after: Entity | undefined): string {
  if (after === undefined) return 'destroyed';
  if (after.entity === 'tombstone') return 'destroyed; its id is never reused';
  if (after.entity === 'area') return before === undefined ? 'mapped' : `${after.accesses} pins`;
  const title = `${nameOfKind(after.kind)} ${after.id}`;
  if (before === undefined || before.entity !== 'object')
    return [title, ...linesOf(after, []), ...after.uses.map(({ as, id }) => `${as} ${id}`)].join(', ');
  const parts: string[] = [];
  if (before.users !== after.users) parts.push(`users ${before.users} → ${after.users}`);
  const usesOf = ({ uses }: ObjectEntity): string[] => uses.map(({ as, id }) => `${as} ${id}`);
  const old = usesOf(before);
  const now = usesOf(after);
  parts.push(...now.filter((use) => !old.includes(use)).map((use) => `now ${use}`));
  parts.push(...old.filter((use) => !now.includes(use)).map((use) => `no longer ${use}`));
  const oldLines = linesOf(before, []);
  parts.push(...linesOf(after, []).filter((line) => !oldLines.includes(line) && after.kind !== 'ioas'));
  return parts.length === 0 ? 'its ranges' : parts.join(', ');
}
