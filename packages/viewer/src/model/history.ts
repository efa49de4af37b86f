/**
 * The entities of a kernel after each call: objects, mappings, and ids that are never reused. Only changes are stored,
 * so that the state after any call is found without another replay, and the history of one object is a list.
 */
import type { InspectedArea, InspectedContext, InspectedObject } from '@iommufd/fakekernel/inspect';

/** An object of a context, without its areas. */
export type ObjectEntity = { readonly entity: 'object'; readonly context: number } & InspectedObject;

/** A mapping of an IOAS. */
export interface AreaEntity extends InspectedArea {
  readonly entity: 'area';
  readonly context: number;
  readonly ioas: number;
}

/** An id that is never reused. */
export interface TombstoneEntity {
  readonly entity: 'tombstone';
  readonly context: number;
  readonly id: number;
}

/** An entity of a kernel. */
export type Entity = ObjectEntity | AreaEntity | TombstoneEntity;

/** The state of an entity from a call on; undefined after it was removed. */
export interface Change {
  readonly call: number;
  readonly value: Entity | undefined;
}

/** The key of an object. */
export const objectKey = (context: number, id: number): string => `${context}/${id}`;

/** The key of an entity. It follows from the id, so a later object with the same id has the same key. */
export function keyOf(entity: Entity): string {
  const { context } = entity;
  if (entity.entity === 'area') return `${objectKey(context, entity.ioas)}@${entity.start}`;
  return objectKey(context, entity.id);
}

/** True if the values are equal as plain data. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => isEqual(Reflect.get(a, key), Reflect.get(b, key)))
  );
}

/** The entities of contexts. */
function* entitiesOf(contexts: readonly InspectedContext[]): Generator<Entity> {
  for (const { number: context, objects, tombstones } of contexts) {
    for (const object of objects) {
      if (object.kind !== 'ioas') {
        yield { entity: 'object', context, ...object };
        continue;
      }
      yield { entity: 'object', context, ...object, areas: [] };
      for (const area of object.areas) yield { entity: 'area', context, ioas: object.id, ...area };
    }
    for (const id of tombstones) yield { entity: 'tombstone', context, id };
  }
}

/** The entities of a kernel, call by call. */
export class History {
  private readonly lives = new Map<string, Change[]>();
  private readonly live = new Map<string, Entity>();
  private readonly changedAt = new Map<number, string[]>();
  /** Number of known calls. */
  length = 0;

  /** Adds the state after the next call. */
  add(contexts: readonly InspectedContext[]): void {
    const call = this.length++;
    const seen = new Set<string>();
    for (const entity of entitiesOf(contexts)) {
      const key = keyOf(entity);
      seen.add(key);
      if (!isEqual(this.live.get(key), entity)) this.change(call, key, entity);
    }
    for (const key of this.live.keys()) if (!seen.has(key)) this.change(call, key, undefined);
  }

  /** Adds a call that cannot have changed anything. */
  addSame(): void {
    this.length++;
  }

  private change(call: number, key: string, value: Entity | undefined): void {
    let life = this.lives.get(key);
    if (life === undefined) this.lives.set(key, (life = []));
    life.push({ call, value });
    if (value === undefined) this.live.delete(key);
    else this.live.set(key, value);
    const changed = this.changedAt.get(call);
    if (changed === undefined) this.changedAt.set(call, [key]);
    else changed.push(key);
  }

  /** An entity after a call; undefined if it did not exist. */
  find(key: string, call: number): Entity | undefined {
    const life = this.lives.get(key) ?? [];
    let low = 0;
    let high = life.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((life[middle]?.call ?? call) <= call) low = middle + 1;
      else high = middle;
    }
    return life[low - 1]?.value;
  }

  /** All entities after a call. */
  at(call: number): Entity[] {
    return [...this.lives.keys()].flatMap((key) => this.find(key, call) ?? []);
  }

  /** The keys of the entities that a call changed. */
  changed(call: number): readonly string[] {
    return this.changedAt.get(call) ?? [];
  }

  /** The changes of an entity, in order. */
  life(key: string): readonly Change[] {
    return this.lives.get(key) ?? [];
  }

  /** The keys of all entities that have ever existed. */
  keys(): string[] {
    return [...this.lives.keys()];
  }
}
