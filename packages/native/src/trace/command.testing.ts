/** The command `iommufd` for tests: bundled from the sources, without the extra process of `bin/iommufd.mjs`. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { bundled } from '@iommufd/testkit/program';

/** The program and its first arguments. The command's arguments follow. */
export const IOMMUFD: readonly string[] = [
  process.execPath,
  await bundled(new URL('../../../cli/src/main.ts', import.meta.url), [
    new URL('../../bin/tracer.mjs', import.meta.url),
  ]),
];

/** The end of a command. */
export interface CommandResult {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A running command. */
export class RunningCommand {
  private readonly child;
  private out = '';
  private err = '';
  private changed: () => void = () => undefined;

  constructor(...args: string[]) {
    const [program = '', ...first] = IOMMUFD;
    this.child = spawn(program, [...first, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => (this.out += text));
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.err += text;
      this.changed();
    });
  }

  /** Waits until it has printed to standard error. @throws Error if it ends first */
  async says(what: RegExp): Promise<void> {
    const ended = once(this.child, 'close').then(() => true);
    while (!what.test(this.err)) {
      const change = new Promise<boolean>((resolve) => (this.changed = () => resolve(false)));
      if (await Promise.race([change, ended])) throw new Error(`it has ended, and said ${this.err}`);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async end(): Promise<CommandResult> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
    const { exitCode: status, signalCode: signal } = this.child;
    return { status, signal, out: this.out, err: this.err };
  }
}
