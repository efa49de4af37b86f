import { IOMMU_DESTROY } from '@iommufd/uapi';
import type { Owner } from '../calls/arguments/call.js';
import type { Kind } from '../calls/arguments/kinds.js';
import { objectOf } from '../calls/arguments/objects.js';
import { placeOf, type Where } from '../calls/arguments/where.js';
import { Context, type Owned } from '../calls/context.js';
import { IommufdError } from '../calls/error.js';
import { INSPECT } from './inspect.js';

/** What stands on an object, to be named when that is in the way. */
export interface User {
  describe(): string;
}

/**
 * Something that was allocated on a `/dev/iommu`. It owns what it allocated: {@link close}, or the end of a
 * `using` block, gives that back. Once it is closed, its methods throw {@link IommufdError} EBADF without a system call.
 */
export abstract class IommufdObject implements Disposable, Owned, Owner {
  /** What the kernel calls it. */
  abstract readonly kind: string;
  private readonly users = new Set<User>();
  private closed = false;

  /** @internal */
  constructor(
    /** @internal */
    readonly context: Context,
    /** Its id on this `/dev/iommu`. Linux gives the number to another object once this one is closed. */
    readonly id: number,
    private readonly standsOn: readonly IommufdObject[],
  ) {
    if (!(context instanceof Context)) throw madeByCalls(new.target.name);
    context.own(this);
    for (const object of standsOn) object.addUser(this);
  }

  /** Has it been closed, by itself or with all of its `/dev/iommu`? */
  get isClosed(): boolean {
    return this.closed;
  }

  /**
   * Gives the object back: IOMMU_DESTROY. Closing what is closed does nothing.
   * @throws IommufdError EBUSY if something still stands on it; its message says what. Nothing has changed then.
   */
  close(): void {
    if (this.closed) return;
    this.destroy();
    this.leave();
  }

  /** {@link close} */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The object in words: `hwpt 3`. */
  describe(): string {
    return `${this.kind} ${this.id}`;
  }

  /** {@link describe} */
  toString(): string {
    return this.describe();
  }

  /** What `console.log` shows. @internal */
  [INSPECT](): string {
    return this.closed ? `${this.describe()}, closed` : this.describe();
  }

  /**
   * The id, to be passed to the kernel now.
   * @param on where it is used, by another object
   * @param where the call, and which argument of it this is
   * @throws IommufdError EBADF if it is closed: the number may be another object's today
   * @throws RangeError if it is an object of another `/dev/iommu`, where its number may be another object's, too
   * @internal
   */
  use(on: Context = this.context, where: Where = NO_CALL): number {
    if (on !== this.context)
      throw new RangeError(
        `${placeOf(where)}: ${this.describe()} is on another /dev/iommu: take one of the same Iommufd`,
      );
    if (!this.closed) return this.id;
    throw closed(this.describe(), where);
  }

  /** @internal */
  openFor(where: Where): Context {
    this.use(this.context, where);
    return this.context;
  }

  /** @internal */
  addUser(user: User): void {
    this.users.add(user);
  }

  /** @internal */
  removeUser(user: User): void {
    this.users.delete(user);
  }

  /** @internal */
  abandon(): void {
    this.closed = true;
    this.release();
  }

  /** What stands on it, in words. */
  protected readonly usedBy = (): readonly string[] => [...this.users].map((user) => user.describe());

  /** Has the kernel drop it. @throws IommufdError, and nothing has changed */
  protected destroy(): void {
    this.context.ioctl(IOMMU_DESTROY, { id: this.id }, { usedBy: this.usedBy });
    this.release();
  }

  /** Gives back what the kernel does not drop with it. */
  protected release(): void {
    // Most objects are nothing but their id.
  }

  /** The kernel has dropped it. */
  protected leave(): void {
    this.closed = true;
    this.context.disown(this);
    for (const object of this.standsOn) object.removeUser(this);
  }
}

/** An object of a kind, as an argument. What there is one class of is known by what the kernel calls it. */
export const objectOfKind = <T extends IommufdObject>(
  kind: T['kind'],
  expected: string,
  makes: string,
): Kind<T> =>
  objectOf(expected, makes, (value): value is T => value instanceof IommufdObject && value.kind === kind);

/** Where an object is used without a call of the caller's. */
export const NO_CALL: Where = { call: 'use', path: '' };

/** What is closed cannot be used. */
export const closed = (object: string, { call, path }: Where): IommufdError =>
  IommufdError.of('EBADF', call, { object, ...(path !== '' && { argument: path }) }, 'The object is closed.');

/** What only calls of the SDK make was made with `new`. */
export const madeByCalls = (name: string): TypeError =>
  new TypeError(
    `new ${name}: it is made by a call, such as Iommufd.open(sys) and allocIoas(), and not with new`,
  );
