/**
 * The base of everything with an id on a `/dev/iommu`. It owns the kernel's object, knows its users so that EBUSY can name
 * them, and checks that an object is open and on the right `/dev/iommu` before its id is passed to the kernel.
 */
import { IOMMU_DESTROY } from '@iommufd/uapi';
import type { Owner } from '../calls/arguments/call.js';
import type { Kind } from '../calls/arguments/kinds.js';
import { objectOf } from '../calls/arguments/objects.js';
import { labelOf, type Where } from '../calls/arguments/where.js';
import { Context, type Owned } from '../calls/context.js';
import { IommufdError } from '../calls/error.js';
import { INSPECT } from './inspect.js';

/** A user of an object, which EBUSY errors name. */
export interface User {
  describe(): string;
}

/**
 * An object on a `/dev/iommu`. {@link close} or the end of a `using` block destroys it. Once closed, its methods throw
 * {@link IommufdError} EBADF without a system call.
 */
export abstract class IommufdObject implements Disposable, Owned, Owner {
  /** The kernel's name for the type of object. */
  abstract readonly kind: string;
  private readonly users = new Set<User>();
  private closed = false;

  /** @internal */
  constructor(
    /** @internal */
    readonly context: Context,
    /** Its id on this `/dev/iommu`. Linux may reuse the number once the object is closed. */
    readonly id: number,
    private readonly dependencies: readonly IommufdObject[],
  ) {
    if (!(context instanceof Context)) throw madeByCalls(new.target.name);
    context.own(this);
    for (const object of dependencies) object.addUser(this);
  }

  /** True if it was closed, by {@link close} or with its `/dev/iommu`. */
  get isClosed(): boolean {
    return this.closed;
  }

  /**
   * Destroys the object: IOMMU_DESTROY. Closing twice does nothing.
   * @throws IommufdError EBUSY if it is in use; the message names its users. Nothing has changed then.
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

  /** The object as text: `hwpt 3`. */
  describe(): string {
    return `${this.kind} ${this.id}`;
  }

  /** {@link describe} */
  toString(): string {
    return this.describe();
  }

  /** The text that `console.log` shows. @internal */
  [INSPECT](): string {
    return this.closed ? `${this.describe()}, closed` : this.describe();
  }

  /**
   * The id, for immediate use in a system call.
   * @param on the `/dev/iommu` that uses it
   * @param where the call and the argument, for errors
   * @throws IommufdError EBADF if it is closed, as the id may belong to another object by now
   * @throws RangeError if it is on another `/dev/iommu`, where the id may belong to another object
   * @internal
   */
  use(on: Context = this.context, where: Where = NO_CALL): number {
    if (on !== this.context)
      throw new RangeError(
        `${labelOf(where)}: ${this.describe()} is on another /dev/iommu: use one of the same Iommufd`,
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

  /** Its users, as text. */
  protected readonly usedBy = (): readonly string[] => [...this.users].map((user) => user.describe());

  /** Destroys it in the kernel. @throws IommufdError; nothing has changed then */
  protected destroy(): void {
    this.context.ioctl(IOMMU_DESTROY, { id: this.id }, { usedBy: this.usedBy });
    this.release();
  }

  /** Releases resources that the kernel does not release with it. */
  protected release(): void {
    // Most objects have no such resources.
  }

  /** Called after the kernel has destroyed it. */
  protected leave(): void {
    this.closed = true;
    this.context.disown(this);
    for (const object of this.dependencies) object.removeUser(this);
  }
}

/** An object of a kind with a single class, as an argument. */
export const objectOfKind = <T extends IommufdObject>(
  kind: T['kind'],
  expected: string,
  makes: string,
): Kind<T> =>
  objectOf(expected, makes, (value): value is T => value instanceof IommufdObject && value.kind === kind);

/** For uses outside of a public method. */
export const NO_CALL: Where = { call: 'use', path: '' };

/** The error for a closed object. */
export const closed = (object: string, { call, path }: Where): IommufdError =>
  IommufdError.of('EBADF', call, { object, ...(path !== '' && { argument: path }) }, 'The object is closed.');

/** The error for `new` on a class whose instances are returned by methods of the SDK. */
export const madeByCalls = (name: string): TypeError =>
  new TypeError(
    `new ${name}: instances are returned by calls such as Iommufd.open(sys) and allocIoas(), not made with new`,
  );
