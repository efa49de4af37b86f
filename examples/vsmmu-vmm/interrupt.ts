/** An interrupt that can be waited for. One that is raised without a waiter is kept pending. */
export class Interrupt {
  private pending = 0;
  private wake: (() => void) | undefined;

  raise(): void {
    this.pending++;
    this.wake?.();
  }

  /** Waits for the next interrupt. */
  async taken(): Promise<void> {
    while (this.pending === 0) await new Promise<void>((resolve) => (this.wake = resolve));
    this.pending--;
  }
}
