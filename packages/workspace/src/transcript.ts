/** Runs commands one after another and keeps their output, so that the output of checks that run in parallel is not interleaved. */
import { spawn } from 'node:child_process';
import { ROOT, shell } from './setup.mjs';

export type Command = readonly [command: string, args: readonly string[]];

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

export class Transcript {
  private readonly pieces: string[] = [];

  /** @param print is also called with each piece of output, as it arrives */
  constructor(private readonly print: (text: string) => void = () => undefined) {}

  /** All output so far. */
  get text(): string {
    return this.pieces.join('');
  }

  /** Adds a line. */
  say(line: string): void {
    this.add(`${line}\n`);
  }

  /** Runs a command in the repository. @returns true if it exited with 0 */
  async run(command: Command, options: CommandOptions = {}): Promise<boolean> {
    return (await this.execute(command, options, (text) => this.add(text))) === 0;
  }

  /** Runs a command in the repository. @returns its standard output, or undefined if it did not exit with 0 */
  async read(command: Command, options: CommandOptions = {}): Promise<string | undefined> {
    let output = '';
    if ((await this.execute(command, options, (text) => (output += text))) === 0) return output;
    this.add(output);
    return undefined;
  }

  private execute(
    [command, args]: Command,
    { cwd = ROOT, env = process.env }: CommandOptions,
    takeOutput: (text: string) => void,
  ): Promise<number | null> {
    return new Promise((resolve) => {
      const child = spawn(command, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
      child.stdout.setEncoding('utf8').on('data', takeOutput);
      child.stderr.setEncoding('utf8').on('data', (text: string) => this.add(text));
      child.on('error', (error) => {
        this.say(`${command}: ${error.message}`);
        resolve(null);
      });
      child.on('close', resolve);
    });
  }

  private add(text: string): void {
    this.pieces.push(text);
    this.print(text);
  }
}
