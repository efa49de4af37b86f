import { median, quantile } from 'simple-statistics';

/** What comes of samples. All are in the samples' unit. */
export interface Figures {
  /** The median over the processes of their medians. */
  readonly median: number;
  /** The first quartile of all samples. */
  readonly low: number;
  /** The third. */
  readonly high: number;
  /** The samples of each process. */
  readonly samples: readonly (readonly number[])[];
}

/**
 * Puts samples together.
 * @param samples of each process; at least one has some
 */
export function figuresOf(samples: readonly (readonly number[])[]): Figures {
  const given = samples.filter(({ length }) => length > 0).map((some) => [...some]);
  const all = given.flat();
  return {
    median: median(given.map(median)),
    low: quantile(all, 0.25),
    high: quantile(all, 0.75),
    samples: given,
  };
}
