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

/** A standard file of a program: an option of `child_process.spawn()`, or a descriptor of this process. */
export type Standard = StdioOptions | number;

/** Options of {@link runProgram}. */
export interface RunOptions {
  /** The working directory. Default: this process's. */
  readonly cwd?: string;
  /** The environment. Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The standard files, as in `child_process.spawn()`. Default: `inherit`. */
  readonly stdio?: 'inherit' | 'pipe' | 'ignore' | readonly [Standard, Standard, Standard];
  /** The user and group of the program. Setting them requires root. */
  readonly uid?: number;
  readonly gid?: number;
  /** Files that the program inherits: from the descriptor in the program to the descriptor in this process. */
  readonly inherited?: ReadonlyMap<number, number>;
  /**
   * True to give files of the fake kernel the lowest free descriptor, as Linux does. Every `read()` and `write()` of the program
   * then stops at the supervisor, which makes them slower. Default: descriptors from 512 on, and calls on others run at full speed.
   */
  readonly exactFds?: boolean;
  /**
   * Privileges and limits that replace the real ones of the processes, for example capabilities that a container lacks. They hold
   * for all programs that start on this kernel from now on.
   */
  readonly privileges?: Partial<Privileges>;
  /** Hides the devices of the machine in the directories of `/sys` and `/dev/vfio` where devices are listed. */
  readonly onlyFake?: boolean;
  /** Kills the program (SIGKILL) when it is aborted. */
  readonly signal?: AbortSignal;
  /**
   * Writes a tape of the program's calls to a file, which `@iommufd/tape` can replay. Actions that cannot be recorded become notes
   * in the tape, and are passed to {@link onNotice}.
   */
  readonly record?: RecordOptions;
  /** Called for each call that the fake kernel has answered. */
  readonly onCall?: (call: AnsweredCall) => void;
  /** Called when a program uses a feature that is not supported. Default: a warning of this process. */
  readonly onNotice?: (message: string) => void;
}

/** How a program ended. One of the two members is null, as in the `exit` event of a child process. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program that runs on the fake kernel. */
export interface NativeRun {
  readonly pid: number;
  /** Its standard files; null if they are not pipes. */
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /**
   * Resolves when the program has ended. Its files are closed by then, except those that other processes hold.
   * @throws an error of the fake kernel, after which the program is killed
   */
  readonly exited: Promise<Exit>;
  /**
   * Resolves when the program and all processes that it started have ended. Children that outlive the program are answered until
   * then.
   * @throws an error of the fake kernel; OutputError if the tape is incomplete because it could not be written
   */
  readonly allExited: Promise<void>;
  /** Sends a signal to the program. @returns false if it has ended */
  kill(signal?: NodeJS.Signals): boolean;
  /**
   * Answers the program's calls until a file of this process is readable. For a caller that waits for the program without
   * returning to the event loop.
   * @returns false if the program and all processes that it started have ended
   */
  answerUntil(fd: number): boolean;
}

/**
 * Runs an unmodified native program on a fake kernel. Neither the program nor this process needs privileges. The event loop answers
 * the program's calls, so that a test can play the hardware meanwhile.
 * @param kernel the kernel behind the program's `/dev/iommu` and `/dev/vfio/devices/*`
 * @param program a path, or a name that is looked up in PATH
 * @param args the arguments after the program's name
 * @throws LaunchError if the program cannot be started; UnsupportedError if this machine cannot run programs on the fake kernel
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
  const notice = options.onNotice ?? ((message: string) => process.emitWarning(message, 'IommufdWarning'));
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
    // The error of the tape is not the reason.
    await run.allExited.catch(() => undefined);
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
    // A caller that awaits neither promise must not get an unhandled rejection.
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

  /** Closes the files of processes that have ended. @throws the error of the fake kernel, if there was one */
  private settle(): void {
    this.world.look();
    this.world.sweep();
    if (this.cause !== undefined) throw this.cause.error;
  }

  /** Undefined until the supervisor exists. */
  listener: Listener | undefined;

  answerUntil(fd: number): boolean {
    return this.listener?.answerUntil(fd) ?? false;
  }

  /**
   * The supervisor has stopped. A program that it no longer answers is killed.
   * @param error the error of the fake kernel, if there was one
   * @param failure the reason why the tape is incomplete, if it is
   */
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
