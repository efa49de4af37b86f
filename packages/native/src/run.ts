import type { Readable, Writable } from 'node:stream';
import type { StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import type { FakeKernel, Privileges } from '@iommufd/fakekernel';
import { Tree } from './files/tree.js';
import { filterBytes, windowFor } from './filter/filter.js';
import { launch, type Launched } from './launch.js';
import type { Listener } from './listener.js';
import { platform } from './platform.js';
import { record, type RecordOptions } from './record/recording.js';
import type { OutputError } from './record/tape-file.js';
import { type AnsweredCall, Supervisor } from './supervisor.js';
import { World, worldOf } from './world.js';

/** A standard file of a program: as of `child_process.spawn()`, or a descriptor of this process. */
export type Standard = StdioOptions | number;

/** How a program is run. */
export interface RunOptions {
  /** Its directory: this process's if it is left out. */
  readonly cwd?: string;
  /** Its environment: this process's if it is left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Its standard files, as of `child_process.spawn()`; `inherit` if it is left out. */
  readonly stdio?: 'inherit' | 'pipe' | 'ignore' | readonly [Standard, Standard, Standard];
  /** Its user and group: only root may choose. */
  readonly uid?: number;
  readonly gid?: number;
  /** Files of this process that it gets: the number there, and the number here. */
  readonly inherited?: ReadonlyMap<number, number>;
  /**
   * Files of the fake kernel get the lowest number that is free, as Linux gives them. Every `read()` and `write()` of the program
   * asks the fake kernel then, which makes them slower. Otherwise they get numbers from 512 on, and calls on others cost nothing.
   */
  readonly exactFds?: boolean;
  /**
   * What the fake kernel takes processes to be allowed, other than what they are: capabilities that a container does not give, or a limit.
   * It holds for all programs on the kernel that begin from now on.
   */
  readonly privileges?: Partial<Privileges>;
  /** Hides the devices of the machine in the directories of `/sys` and `/dev/vfio` where devices are listed. */
  readonly onlyFake?: boolean;
  /** Ends the program: SIGKILL. */
  readonly signal?: AbortSignal;
  /**
   * A tape of what the program asks the fake kernel is written to a file: `@iommufd/tape` replays it. What cannot be recorded is a
   * note in it, and told to {@link onNotice}.
   */
  readonly record?: RecordOptions;
  /** Called for each call that the fake kernel has answered. */
  readonly onCall?: (call: AnsweredCall) => void;
  /** Called when a program does what cannot be covered; a warning of the process if it is left out. */
  readonly onNotice?: (what: string) => void;
}

/** How a program ended. One of the two is null, as of the `exit` event of a child process. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program that runs on the fake kernel. */
export interface NativeRun {
  readonly pid: number;
  /** Its standard files that are pipes. */
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /**
   * The end of the program. What it had open is closed by then, but for what others still have.
   * @throws what went wrong in the fake kernel; the program is killed then
   */
  readonly exited: Promise<Exit>;
  /**
   * The end of all that runs under it: children that outlive the program are answered until then.
   * @throws what went wrong in the fake kernel; OutputError if the tape is not whole, because it could not be written
   */
  readonly allExited: Promise<void>;
  /** Sends it a signal. @returns false if it has ended */
  kill(signal?: NodeJS.Signals): boolean;
  /**
   * Answers its calls until a file of this process can be read, for a caller that waits for the program and does not leave the event
   * loop its turn.
   * @returns false if the program has ended
   */
  answerUntil(fd: number): boolean;
}

/**
 * Runs an unmodified native program on a fake kernel. The program needs no privileges, nor does this process. Its calls are
 * answered in the event loop, so that a test goes on meanwhile and plays the hardware.
 * @param kernel what `/dev/iommu` and `/dev/vfio/devices/*` of the program are
 * @param program a path, or a name to be looked up in PATH
 * @param args without the program's name
 * @throws LaunchError if it cannot be started; UnsupportedError where this cannot be done
 */
export async function runProgram(
  kernel: FakeKernel,
  program: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<NativeRun> {
  const { machine, libc, taskSize } = platform();
  options.signal?.throwIfAborted();
  const world = worldOf(kernel, () => new World(kernel, libc, machine, taskSize));
  if (options.privileges !== undefined) world.privileges = options.privileges;
  const exactFds = options.exactFds === true;
  const notice = options.onNotice ?? ((what: string) => process.emitWarning(what, 'IommufdWarning'));
  const recording =
    options.record && record(world, windowFor(exactFds), options.record, [program, ...args], notice);
  const launched = await launch(libc, machine, {
    program,
    args,
    env: options.env ?? process.env,
    cwd: options.cwd,
    uid: options.uid,
    gid: options.gid,
    stdio: options.stdio ?? 'inherit',
    inherited: options.inherited ?? new Map(),
    filter: filterBytes(machine, windowFor(exactFds)),
  });
  const { child } = launched;
  const tree = new Tree(kernel, options.onlyFake === true);
  world.trees.add(tree);
  const run = new Run(world, launched, options);
  const supervisor = new Supervisor(world, launched.listener, exactFds, tree, recording?.recorder, {
    notice,
    answered: options.onCall,
    ended: (cause) => {
      const failure = recording?.close();
      world.trees.delete(tree);
      tree.remove();
      run.ended(cause, failure);
    },
  });
  run.listener = supervisor.listener;
  try {
    await launched.begin();
  } catch (cause) {
    child.kill('SIGKILL');
    supervisor.listener.close();
    await run.exited;
    throw cause;
  }
  return run;
}

class Run implements NativeRun {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  readonly allExited: Promise<void>;
  private listenerEnded: () => void = () => undefined;
  private cause: { readonly error: unknown } | undefined;
  private failure: OutputError | undefined;

  constructor(
    private readonly world: World,
    private readonly launched: Launched,
    { signal }: RunOptions,
  ) {
    const { child } = launched;
    this.pid = child.pid ?? -1;
    const abort = (): void => void child.kill('SIGKILL');
    signal?.addEventListener('abort', abort, { once: true });
    this.exited = this.end().finally(() => signal?.removeEventListener('abort', abort));
    const listening = new Promise<void>((resolve) => (this.listenerEnded = resolve));
    this.allExited = this.exited
      .then(() => listening)
      .then(() => {
        this.settle();
        if (this.failure !== undefined) throw this.failure;
      });
    // A caller that does not wait for them has no use for what went wrong.
    for (const end of [this.exited, this.allExited]) end.catch(() => undefined);
  }

  get stdin(): Writable | null {
    return this.launched.child.stdin;
  }

  get stdout(): Readable | null {
    return this.launched.child.stdout;
  }

  get stderr(): Readable | null {
    return this.launched.child.stderr;
  }

  private async end(): Promise<Exit> {
    const [code, signal] = (await once(this.launched.child, 'exit')) as [
      number | null,
      NodeJS.Signals | null,
    ];
    this.settle();
    return { code, signal };
  }

  /** Closes what the processes that have ended had open. @throws what went wrong in the fake kernel */
  private settle(): void {
    this.world.look();
    this.world.sweep();
    if (this.cause !== undefined) throw this.cause.error;
  }

  /** Set when its calls are answered. */
  listener: Listener | undefined;

  answerUntil(fd: number): boolean {
    return this.listener?.answerUntil(fd) ?? false;
  }

  /** Nothing answers its calls any more: it must not go on. @param failure the tape is not whole */
  ended(error: unknown, failure: OutputError | undefined): void {
    this.failure = failure;
    if (error !== undefined) {
      this.cause ??= { error };
      this.launched.child.kill('SIGKILL');
    }
    this.listenerEnded();
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): boolean {
    return this.launched.child.kill(signal);
  }
}
