// Read once: access to globals is slow in Jest's realm.
const { imul } = Math;

/** A seeded generator of random numbers: mulberry32. */
export class Random {
  constructor(private state: number) {}

  /** A number of 32 bits. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = imul(this.state ^ (this.state >>> 15), this.state | 1);
    t ^= t + imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** A number from 0 to below 1. */
  fraction(): number {
    return this.next() / 2 ** 32;
  }

  /** An integer from 0 to `count` - 1. */
  below(count: number): number {
    return this.next() % count;
  }

  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  /** A random element. @throws RangeError if there are none */
  pick<T>(values: readonly T[]): T {
    const value = this.maybe(values);
    if (value === undefined) throw new RangeError('nothing to pick from');
    return value;
  }

  /** A random element; undefined if there are none. */
  maybe<T>(values: readonly T[]): T | undefined {
    return values.length === 0 ? undefined : values[this.below(values.length)];
  }

  /** A number of 64 bits. */
  long(): bigint {
    return (BigInt(this.next()) << 32n) | BigInt(this.next());
  }
}
