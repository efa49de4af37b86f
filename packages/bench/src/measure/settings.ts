/** How thoroughly is measured. */
export interface Settings {
  /** Processes for each that is measured: an engine optimises differently from one to the next. */
  readonly children: number;
  /** Samples of each process. */
  readonly samples: number;
  /** How long a sample takes at least, in milliseconds. */
  readonly sampleTime: number;
  /** How long a process does its workload before each sample. */
  readonly wakeUpTime: number;
  /** How long a process does its workload before it is measured. */
  readonly warmUpTime: number;
  /** Is everything measured after all other workloads, too? */
  readonly isAfter: boolean;
  /** How long it does each of its other workloads first, where it is measured after them. */
  readonly otherTime: number;
  /** A process that has taken so long for its samples gives no more than three. */
  readonly mostTime: number;
}

/** Those of `pnpm bench`. */
export const SETTINGS: Settings = {
  children: 3,
  samples: 9,
  sampleTime: 40,
  wakeUpTime: 20,
  warmUpTime: 300,
  isAfter: true,
  otherTime: 150,
  mostTime: 3000,
};

/** Those of `pnpm bench:smoke`: seconds, for ratios that are seen from afar. */
export const SMOKE_SETTINGS: Settings = {
  children: 1,
  samples: 5,
  sampleTime: 5,
  wakeUpTime: 5,
  warmUpTime: 80,
  isAfter: false,
  otherTime: 0,
  mostTime: 500,
};
