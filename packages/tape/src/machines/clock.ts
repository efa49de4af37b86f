import { restorable, restorableClass } from '@iommufd/fakekernel';

/** The time of a fake machine: it passes when a tape says that the recorder waited. Devices have their work done later by it. */
export class Clock {
  private static readonly adds = restorable(
    'Clock.later',
    (clock: Clock) =>
      (milliseconds: number, work: () => void): void => {
        clock.due.push({ at: clock.now + milliseconds, work });
        clock.due.sort((a, b) => a.at - b.at);
      },
  );

  private now = 0;
  private readonly due: { readonly at: number; readonly work: () => void }[] = [];

  /** Runs work so many milliseconds later. */
  readonly later = Clock.adds(this);

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

restorableClass('Clock', Clock);
