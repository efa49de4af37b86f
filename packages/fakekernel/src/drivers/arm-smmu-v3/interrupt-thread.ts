/**
 * The thread of an interrupt. It runs as soon as the interrupt comes, unless it is held; an interrupt that comes while it
 * runs has it run once more.
 */
export class InterruptThread {
  private isHeld = false;
  private isWanted = false;
  private isRunning = false;

  constructor(private readonly work: () => void) {}

  /** The interrupt. */
  wake(): void {
    this.isWanted = true;
    this.run();
  }

  /** Keeps the thread from running, as when its processor has something else to do. */
  hold(): void {
    this.isHeld = true;
  }

  /** Lets it run; what has come meanwhile is handled when this returns. */
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
