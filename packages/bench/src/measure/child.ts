import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, Order } from './protocol.js';

const MAIN = fileURLToPath(new URL('child-main.js', import.meta.url));

/** A measured process failed, or its result was wrong. */
export class ChildFailed extends Error {
  override readonly name = 'ChildFailed';
}

/** A process that is measured. */
export class Child {
  private readonly process: ChildProcess;

  /**
   * @param who name of the process, for errors
   * @param execArgv Node's options; those of this process are not inherited
   */
  constructor(
    private readonly who: string,
    execArgv: readonly string[] = [],
  ) {
    this.process = fork(MAIN, {
      execArgv: [...execArgv],
      env: { ...process.env, NODE_OPTIONS: '' },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }

  /** Sends a request and waits for the answer. @throws ChildFailed if the process fails or has ended */
  async ask(order: Order): Promise<Answer> {
    const ended = new AbortController();
    const { signal } = ended;
    try {
      const answered = once(this.process, 'message', { signal });
      const gone = once(this.process, 'exit', { signal }).then(([code, name]: unknown[]) => {
        throw new ChildFailed(`${this.who}: the process ended (${String(name ?? code)})`);
      });
      // If sending fails, the exit of the process is reported instead.
      this.process.send(order, () => undefined);
      const [answer]: [Answer] = await Promise.race([answered as Promise<[Answer]>, gone]);
      if (answer.kind === 'failed') throw new ChildFailed(answer.message);
      return answer;
    } finally {
      // Removes the listener of the other event.
      ended.abort();
    }
  }

  /** Kills the process and waits until it has ended. */
  async end(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await gone;
  }
}
