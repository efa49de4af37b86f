/**
 * Objects and their ids: `struct iommufd_object` and the `objects` xarray of Linux's `drivers/iommu/iommufd/main.c`. An object is
 * reserved, set up, and then published or aborted. IOMMU_DESTROY fails with EBUSY unless the table's reference is the only one.
 * Objects of the kernel itself are destroyed by their owner.
 */
import type { ObjectKind } from '@iommufd/uapi/struct';
import { fail, invariant } from '../errno.js';
import { allocate } from '../process/failure-points.js';
import type { CallOrigin } from '../process/task.js';

/**
 * An object with an id in a context. `users` counts its references: the table's own, those of dependent objects, and those of
 * calls in progress, which keep it alive until the call returns.
 */
export abstract class IommufdObject {
  /** Set by {@link ObjectTable.reserve}; 0 before that. */
  id = 0;
  /** The call that created it, if the process can describe its calls. */
  origin: CallOrigin | undefined;
  private users = 1;

  abstract readonly kind: ObjectKind | 'selftest';

  /** Number of references, including the table's own. */
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

  /** Releases the object's resources and references. Its id has already been freed. */
  abstract destroy(): void;

  /** Undoes the setup of an object that was never published. */
  abort(): void {
    this.destroy();
  }
}

type Slot = IommufdObject | { readonly reserved: IommufdObject } | 'tombstone' | undefined;

/**
 * The objects of a context by id. A new object gets the lowest free id, from 1 on. A reserved object cannot be found until it is
 * published; if it is aborted, its id is free again. The id of a tombstone is never reused.
 */
export class ObjectTable {
  private readonly slots: Slot[] = ['tombstone'];
  private lowestFree = 1;

  /** `_iommufd_object_alloc()`: gives an object an id without publishing it. @throws ENOMEM; the object is aborted then */
  reserve<O extends IommufdObject>(object: O): O {
    try {
      allocate('iommufd_object_alloc()');
      allocate('xa_alloc() of the id');
    } catch (cause) {
      object.abort();
      throw cause;
    }
    let id = this.lowestFree;
    while (this.slots[id] !== undefined) id++;
    this.lowestFree = id + 1;
    this.slots[id] = { reserved: object };
    object.id = id;
    return object;
  }

  /** `iommufd_object_finalize()`: makes the object visible. No step after it may fail. */
  publish(object: IommufdObject): void {
    this.checkReserved(object);
    this.slots[object.id] = object;
  }

  /** `iommufd_object_abort()`: undoes the setup of a reserved object, and frees its id. */
  abort(object: IommufdObject): void {
    object.abort();
    this.checkReserved(object);
    this.free(object.id);
  }

  /**
   * Creates an object outside of its allocating ioctl: reserves it before `work`, and publishes it after. If `work` throws, it is
   * aborted.
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
    invariant(isReserved, () => `${object.kind} ${object.id} is not reserved`);
  }

  private free(id: number): void {
    this.slots[id] = undefined;
    if (id < this.lowestFree) this.lowestFree = id;
  }

  /** The published object with an id; undefined for a free or reserved id and for a tombstone. */
  find(id: number): IommufdObject | undefined {
    const slot = this.slots[id];
    return slot instanceof IommufdObject ? slot : undefined;
  }

  /** True if there are no objects, published or reserved. */
  get isEmpty(): boolean {
    return this.slots.every((slot, id) => id === 0 || slot === undefined);
  }

  /** All published objects, in order of id. */
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

  /** Puts a reference of the kernel, and destroys the object if only the table's reference remains. */
  putAndDestroy(object: IommufdObject): void {
    object.put();
    if (object.userCount === 1 && this.find(object.id) === object) this.destroy(object.id);
  }

  /**
   * `iommufd_object_destroy_user()`: destroys an object whose only user is the caller in the kernel.
   * @param leave keeps the id from being reused
   */
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

  /** `iommufd_fops_release()`: destroys all objects. Each round destroys the unreferenced ones, until none remain. */
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

/** `ioas 1 (2 users)`, with the call that made it if its process describes its calls. */
export function describeObject({ kind, id, userCount, origin }: IommufdObject): string {
  const by = origin === undefined ? '' : `, made by ${origin.describe()}`;
  return `${kind} ${id} (${userCount} users${by})`;
}
