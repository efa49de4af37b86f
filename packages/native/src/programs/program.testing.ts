import { createInterface, type Interface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { FakeKernel } from '@iommufd/fakekernel';
import { type Exit, type NativeRun, type RunOptions, runProgram } from '../index.js';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

/** A running program of a test. The test reads its reports, and lets it continue at its meeting points. */
export class TestProgram {
  private readonly lines: AsyncIterator<string>;
  private readonly errors: Promise<string>;

  private static readonly running = new Set<NativeRun>();

  /** Kills programs that a failed test has left running. */
  static killAll(): void {
    for (const run of TestProgram.running) run.kill('SIGKILL');
  }

  private constructor(readonly run: NativeRun) {
    TestProgram.running.add(run);
    const forget = (): boolean => TestProgram.running.delete(run);
    run.exited.then(forget, forget);
    const { stdout, stderr } = run;
    if (stdout === null || stderr === null) throw new Error('the program has no pipes');
    const lines: Interface = createInterface({ input: stdout });
    this.lines = lines[Symbol.asyncIterator]();
    this.errors = text(stderr);
  }

  /**
   * @param body statements of JavaScript, which can use the exports of the prelude
   * @param through a program and its arguments that runs it, such as a tracer
   */
  static async start(
    kernel: FakeKernel,
    body: string,
    options: RunOptions = {},
    through: readonly string[] = [],
  ): Promise<TestProgram> {
    const source = `import * as p from './src/programs/prelude.testing.mjs';
Object.assign(globalThis, p);
${body}`;
    const command = [process.execPath, '--input-type=module', '-e', source];
    const [program = '', ...args] = [...through, ...command];
    return new TestProgram(
      await runProgram(kernel, program, args, {
        env: { ...process.env, NODE_OPTIONS: '' },
        cwd: PACKAGE,
        stdio: ['pipe', 'pipe', 'pipe'],
        ...options,
      }),
    );
  }

  /** The next line that it prints. @throws Error with its standard error, if it has ended */
  async next(): Promise<unknown> {
    const { done, value } = await this.lines.next();
    if (done === true)
      throw new Error(`the program has ended: ${JSON.stringify(await this.run.exited)} ${await this.errors}`);
    return JSON.parse(value as string);
  }

  /** Waits until it reaches `meet(name)`. */
  async meet(name: string): Promise<void> {
    const line = JSON.stringify(await this.next());
    if (line !== JSON.stringify({ meet: name }))
      throw new Error(`the program is not at ${name}, but said ${line}`);
  }

  /** Lets it continue. */
  goOn(): void {
    this.run.stdin?.write('\n');
  }

  /** Its end. */
  async exit(): Promise<Exit> {
    return this.run.exited;
  }

  /** Its standard error, after it has ended. */
  async complaints(): Promise<string> {
    return this.errors;
  }

  /** Its result, after it has ended with status 0. @throws Error with its standard error otherwise */
  async result(): Promise<unknown> {
    const value = await this.next();
    const { code, signal } = await this.run.exited;
    if (code !== 0) throw new Error(`the program ended with ${code ?? signal}: ${await this.errors}`);
    return value;
  }
}

/** Runs a program to its end. @returns its result */
export async function runScript(
  kernel: FakeKernel,
  body: string,
  options: RunOptions = {},
): Promise<unknown> {
  return (await TestProgram.start(kernel, body, options)).result();
}
