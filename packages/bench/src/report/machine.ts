import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** The machine of a run. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** GiB. */
  readonly memory: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  /** ISO 8601, the day alone. */
  readonly date: string;
}

/** Describes this machine, without host names or users. */
export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory: Math.round(totalmem() / 2 ** 30),
    // Only the version: the rest of the release names the kernel's build.
    system: `${type()} ${release().split('-')[0] ?? ''}, ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
    date: new Date().toISOString().slice(0, 10),
  };
}
