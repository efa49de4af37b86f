/**
 * How much work is done, without a clock: how often pieces of our code are entered. A piece is a function, or a part of one that
 * may be left out or repeated, as V8 counts them for code coverage. The number is the same on a busy machine as on an idle one.
 * Loops inside of the engine, such as `fill` of a typed array, count as nothing.
 */
import { type Profiler, Session } from 'node:inspector';

/**
 * One counter for a test file: loops are seen only in code that runs for the first time while one is there. So the file asks for a
 * process which has run no other, with `@process own` in the comment at its head.
 */
export class StepCounter {
  private readonly session = new Session();

  /**
   * Counts from now on.
   * @throws Error in a process that runs several test files: it would see no loops in what they have run
   */
  constructor() {
    if (process.env['IOMMUFD_TEST_PROCESS'] === 'shared')
      throw new Error("a test file that counts steps says '@process own' in the comment at its head");
    this.session.connect();
    this.session.post('Profiler.enable');
    this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** @returns steps since it was called last, or since the beginning */
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
