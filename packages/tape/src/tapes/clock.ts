/** The time of a fake machine: it passes when a tape says that the recorder waited. Devices have their work done later by it. */
export class Clock {
  private now = 0;
  private readonly due: { readonly at: number; readonly work: () => void }[] = [];

  /** Runs work so many milliseconds later. */
  readonly later = (milliseconds: number, work: () => void): void => {
    this.due.push({ at: this.now + milliseconds, work });
    this.due.sort((a, b) => a.at - b.at);
  };

  /** Lets time pass, up to the next work that is due. @param most in milliseconds @returns how much has passed */
  pass(most: number): number {
    const [next] = this.due;
    const passed = next === undefined ? most : Math.min(most, next.at - this.now);
    this.now += passed;
    if (next !== undefined && next.at <= this.now) {
      this.due.shift();
      next.work();
    }
    return passed;
  }
}
