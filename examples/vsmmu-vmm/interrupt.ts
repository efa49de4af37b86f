/** An interrupt that somebody waits for. One that comes while nobody waits is kept. */
export class Interrupt {
  private pending = 0;
  private wake: (() => void) | undefined;

  raise(): void {
    this.pending++;
    this.wake?.();
  }

  /** Waits for the next. */
  async taken(): Promise<void> {
    while (this.pending === 0) await new Promise<void>((resolve) => (this.wake = resolve));
    this.pending--;
  }
}
