/** Settings of a measurement. Times are milliseconds. */
export interface Settings {
  /** Processes for each subject: the engine optimises differently from process to process. */
  readonly children: number;
  /** Samples of each process. */
  readonly samples: number;
  /** Minimum time of a sample. */
  readonly sampleTime: number;
  /** Time that a process runs its workload before each sample. */
  readonly wakeUpTime: number;
  /** Time that a process runs its workload before the first sample. */
  readonly warmUpTime: number;
  /** True if comparisons are measured again after all other workloads. */
  readonly isAfter: boolean;
  /** Time that a process runs each other workload first, if it is measured after them. */
  readonly otherTime: number;
  /** Total sampling time after which a process stops, once it has three samples. */
  readonly mostTime: number;
}

/** The settings of `pnpm bench`. */
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

/** The settings of `pnpm bench:smoke`: a run of some seconds that shows only large changes. */
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
