/** How many bytes of a context are mapped, pinned and dirty, over time. */
import type { Entity, History } from './history.js';

/** Numbers of bytes. */
interface Bytes {
  readonly mapped: number;
  readonly pinned: number;
  readonly dirty: number;
}

/** The bytes of a context after a call that changed them. */
export interface Usage extends Bytes {
  readonly call: number;
}

/** The bytes of a context after each call that changed them. */
export function usageOf(history: History, context: number): Usage[] {
  const keys = history.keys().filter((key) => key.startsWith(`${context}/`));
  const changes = keys
    .flatMap((key) => history.life(key).map((change) => ({ key, ...change })))
    .sort((a, b) => a.call - b.call);
  const now = new Map<string, Bytes>();
  const sum = { mapped: 0, pinned: 0, dirty: 0 };
  const points: Usage[] = [];
  for (const { key, call, value } of changes) {
    const before = now.get(key);
    const after = value === undefined ? undefined : bytesOf(value);
    if (after === undefined) now.delete(key);
    else now.set(key, after);
    for (const what of ['mapped', 'pinned', 'dirty'] as const)
      sum[what] += (after?.[what] ?? 0) - (before?.[what] ?? 0);
    if (points.at(-1)?.call === call) points.pop();
    points.push({ call, ...sum });
  }
  return points;
}

function bytesOf(entity: Entity): Bytes {
  if (entity.entity === 'area') {
    const mapped = Number(entity.last - entity.start + 1n);
    return { mapped, pinned: entity.isMapped || entity.accesses > 0 ? entity.pinned * 4096 : 0, dirty: 0 };
  }
  if (entity.entity !== 'object' || entity.kind !== 'hwpt') return { mapped: 0, pinned: 0, dirty: 0 };
  const dirty = (entity.dirty ?? []).reduce((sum, { start, last }) => sum + Number(last - start + 1n), 0);
  return { mapped: 0, pinned: 0, dirty };
}
