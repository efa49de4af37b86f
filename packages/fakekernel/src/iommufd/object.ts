import type { ObjectKind } from '@iommufd/uapi/struct';
import { fail, invariant } from '../errno.js';

/**
 * Something with an id in a context. `users` counts who stands on it, beginning with the table's own reference:
 * an object can go only when that is the only one. References that last for one call are counted as well, so
 * that nothing goes away under a call that works with it.
 */
export abstract class IommufdObject {
  /** Given by the table; 0 before. */
  id = 0;
  private users = 1;

  abstract readonly kind: ObjectKind | 'selftest';

  /** How many references there are, the table's own included. */
  get userCount(): number {
    return this.users;
  }

  get(count = 1): void {
    this.users += count;
  }

  put(count = 1): void {
    this.users -= count;
    invariant(this.users > 0, () => `${this.kind} ${this.id} has no references left`);
  }

  /** Frees what the object stands on. Its id is gone already. */
  abstract destroy(): void;

  /** Undoes what was set up, for an object that was never visible. */
  abort(): void {
    this.destroy();
  }
}

type Slot = IommufdObject | { readonly reserved: IommufdObject } | 'tombstone' | undefined;

/**
 * The objects of a context by id. An id is the lowest free number from 1 on. It is taken when an object begins
 * to be made, so that a failure leaves no trace but the next one may get the same id; the object is found by it
 * only once it is complete. A tombstone keeps an id from ever being used again.
 */
export class ObjectTable {
  private readonly slots: Slot[] = ['tombstone'];
  private lowestFree = 1;

  /** Gives an object an id, under which it is not found yet. */
  reserve<O extends IommufdObject>(object: O): O {
    let id = this.lowestFree;
    while (this.slots[id] !== undefined) id++;
    this.lowestFree = id + 1;
    this.slots[id] = { reserved: object };
    object.id = id;
    return object;
  }

  /** Lets everybody find it: nothing can fail any more. */
  publish(object: IommufdObject): void {
    this.checkReserved(object);
    this.slots[object.id] = object;
  }

  /** Undoes what was set up of an object that was never published, and gives its id back. */
  abort(object: IommufdObject): void {
    object.abort();
    this.checkReserved(object);
    this.free(object.id);
  }

  /**
   * Makes an object outside of an ioctl that makes one: it gets its id before `work` and is found by it after; a failure
   * leaves nothing behind.
   */
  create<O extends IommufdObject>(object: O, work: (object: O) => void): O {
    this.reserve(object);
    try {
      work(object);
    } catch (cause) {
      this.abort(object);
      throw cause;
    }
    this.publish(object);
    return object;
  }

  private checkReserved(object: IommufdObject): void {
    const slot = this.slots[object.id];
    const isReserved = typeof slot === 'object' && 'reserved' in slot && slot.reserved === object;
    invariant(isReserved, () => `${object.kind} ${object.id} is not being made`);
  }

  private free(id: number): void {
    this.slots[id] = undefined;
    if (id < this.lowestFree) this.lowestFree = id;
  }

  /** The object of an id; undefined for none, one that is being made, and a tombstone. */
  find(id: number): IommufdObject | undefined {
    const slot = this.slots[id];
    return slot instanceof IommufdObject ? slot : undefined;
  }

  /** Is there nothing at all, not even something that is being made? */
  get isEmpty(): boolean {
    return this.slots.every((slot, id) => id === 0 || slot === undefined);
  }

  /** Every object that is complete, by rising id. */
  *[Symbol.iterator](): Generator<IommufdObject> {
    for (const slot of this.slots) if (slot instanceof IommufdObject) yield slot;
  }

  /** IOMMU_DESTROY. @throws ENOENT; EBUSY if it is in use */
  destroy(id: number): void {
    const object = this.find(id);
    if (object === undefined) throw fail('ENOENT');
    if (object.userCount !== 1) throw fail('EBUSY');
    this.free(id);
    object.destroy();
  }

  /** Gives back a reference of the kernel, and destroys the object if the table's is the last one then. */
  putAndDestroy(object: IommufdObject): void {
    object.put();
    if (object.userCount === 1 && this.find(object.id) === object) this.destroy(object.id);
  }

  /** Destroys an object whose only user is the part of the kernel that calls. */
  destroyByOwner(object: IommufdObject, leave?: 'tombstone'): void {
    object.put();
    invariant(
      object.userCount === 1,
      () => `${object.kind} ${object.id} has users when its owner destroys it`,
    );
    this.free(object.id);
    if (leave !== undefined) {
      this.slots[object.id] = leave;
    }
    object.destroy();
  }

  /** Destroys everything, leaves first, as when the last reference to the context's file goes. */
  destroyAll(): void {
    for (;;) {
      let destroyed = 0;
      let left = 0;
      for (const object of [...this]) {
        if (this.find(object.id) !== object) continue;
        if (object.userCount !== 1) {
          left++;
          continue;
        }
        this.free(object.id);
        object.destroy();
        destroyed++;
      }
      if (left === 0) return;
      invariant(
        destroyed > 0,
        () => `objects hold each other: ${[...this].map(({ kind, id }) => `${kind} ${id}`).join(', ')}`,
      );
    }
  }
}
