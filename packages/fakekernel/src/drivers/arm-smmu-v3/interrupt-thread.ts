/**
 * A threaded interrupt handler: `request_threaded_irq()`. It runs as soon as the interrupt is raised, unless it is held. If the
 * interrupt is raised while the handler runs, it runs once more.
 */
export class InterruptThread {
  private isHeld = false;
  private isWanted = false;
  private isRunning = false;

  constructor(private readonly work: () => void) {}

  /** Raises the interrupt. */
  wake(): void {
    this.isWanted = true;
    this.run();
  }

  /** Defers the thread, as if it was not scheduled. */
  hold(): void {
    this.isHeld = true;
  }

  /** Ends {@link hold}. A pending interrupt has been handled when this returns. */
  release(): void {
    this.isHeld = false;
    this.run();
  }

  private run(): void {
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      while (this.isWanted && !this.isHeld) {
        this.isWanted = false;
        this.work();
      }
    } finally {
      this.isRunning = false;
    }
  }
}
