/**
 * Objects that are not kernel objects of `/dev/iommu`, but are also released when the program closes them or their `/dev/iommu`: memory,
 * an eventfd, interrupts, the file of a migration. A subclass implements `release()`, which is called once.
 */
import { Context, type Owned } from '../calls/context.js';
import { madeByCalls } from './object.js';

/** An object that is open until it or its `/dev/iommu` is closed. */
export abstract class Closable implements Disposable, Owned {
  private open = true;

  /** @param made the name of its public class, for the error if a program calls the constructor @internal */
  protected constructor(
    protected readonly context: Context,
    made: string,
  ) {
    if (!(context instanceof Context)) throw madeByCalls(made);
    context.own(this);
  }

  /** True if it has been closed. */
  get isClosed(): boolean {
    return !this.open;
  }

  /** Closes it. Closing twice does nothing. */
  close(): void {
    if (!this.open) return;
    this.beforeClose();
    this.abandon();
    this.context.disown(this);
  }

  /** {@link close} */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  abandon(): void {
    if (!this.open) return;
    this.open = false;
    this.release();
  }

  /** Closes the object without releasing its resource, which another object has taken over. */
  protected disown(): void {
    this.open = false;
    this.context.disown(this);
  }

  /** Called if the program closes it, but not if it is closed with the `/dev/iommu`. */
  protected beforeClose(): void {
    // Most subclasses only release their resource.
  }

  /** Releases its resource. Called once. */
  protected abstract release(): void;
}
