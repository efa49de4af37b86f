/**
 * Measures work without a clock: the number of times that blocks of our code are entered. A block is a function, or a part of one that
 * may be skipped or repeated, as V8 counts them for code coverage. The number does not depend on the load of the machine.
 * Loops inside the engine, such as `fill` of a typed array, are not counted.
 */
import { type Profiler, Session } from 'node:inspector';

/**
 * Counts steps. A test file creates one counter: V8 counts loops only in code that is first run after the counter was created. So the
 * file must have its own process, which is requested by `@process own` in the comment at its head.
 */
export class StepCounter {
  private readonly session = new Session();

  /**
   * Starts counting.
   * @throws Error in a process that runs several test files, because loops in code that has run before are not counted
   */
  constructor() {
    if (process.env['IOMMUFD_TEST_PROCESS'] === 'shared')
      throw new Error("a test file that counts steps needs '@process own' in the comment at its head");
    this.session.connect();
    this.session.post('Profiler.enable');
    this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** @returns the number of steps since the last call, or since the counter was created */
  take(): number {
    let steps = 0;
    this.session.post('Profiler.takePreciseCoverage', (error, coverage) => {
      if (error !== null) throw error;
      for (const script of coverage.result) if (isOurs(script)) steps += stepsOf(script);
    });
    return steps;
  }

  stop(): void {
    this.session.disconnect();
  }
}

const isOurs = ({ url }: Profiler.ScriptCoverage): boolean => /\/packages\/[^/]+\/src\//.test(url);

function stepsOf({ functions }: Profiler.ScriptCoverage): number {
  let steps = 0;
  for (const { ranges } of functions) for (const { count } of ranges) steps += count;
  return steps;
}
