import { restorable, restorableClass } from '@iommufd/fakekernel';

/** The time of a fake machine. It passes only where the tape shows that the recorder waited. Devices use it to delay their work. */
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

  /** Schedules work after a number of milliseconds. */
  readonly later = Clock.adds(this);

  /** Advances the time up to the next scheduled work, and runs that work. @param most in milliseconds @returns the milliseconds that passed */
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
