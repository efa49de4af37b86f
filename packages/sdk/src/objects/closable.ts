/**
 * What a program holds until it closes it, or the `/dev/iommu` that it belongs to: memory, an eventfd, interrupts, the file of a
 * migration. A subclass says what is released; all ways to close it come here, and only the first does something.
 */
import { Context, type Owned } from '../calls/context.js';
import { madeByCalls } from './object.js';

/** Something that is open until it is closed. */
export abstract class Closable implements Disposable, Owned {
  private open = true;

  /** @param made its public class, for the error of a program that makes one itself @internal */
  protected constructor(
    protected readonly context: Context,
    made: string,
  ) {
    if (!(context instanceof Context)) throw madeByCalls(made);
    context.own(this);
  }

  /** Has it been closed? */
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

  /** What it held is another's from now on. */
  protected disown(): void {
    this.open = false;
    this.context.disown(this);
  }

  /** What is done only if the program closes it, and not with the `/dev/iommu`. */
  protected beforeClose(): void {
    // Most have only what they release.
  }

  /** Gives back what it holds. Called once. */
  protected abstract release(): void;
}
