/** The implementation of `iommufd run`. */

import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FakeKernel, Privileges } from '@iommufd/fakekernel';
import { watchAbandoned } from '@iommufd/fakekernel/task';
import { type Hardware, type MachineOptions, makeHardware, makeKernel } from '@iommufd/tape';
import { type CommandEnd, type CommandIo, OWN_FAILURE } from './command-io.js';
import { describeCall } from './describe.js';
import { LaunchError } from './launch.js';
import type { RecordOptions } from './record/recording.js';
import { OutputError } from './record/tape-file.js';
import { UnsupportedError } from './platform.js';
import { type Exit, runProgram } from './run.js';
import type { AnsweredCall } from './supervisor.js';

/** Exit status of `--left-over=fail`, if objects are left over. */
const LEFT_OVER = 1;

/** The options of the command line. */
export interface CommandOptions extends MachineOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** The version of Linux that the fake kernel behaves as, such as `6.12`. */
  readonly kernel?: string | undefined;
  /** A module that plays the hardware. */
  readonly script?: string | undefined;
  /** Capabilities that processes have in the fake kernel, such as `CAP_SYS_RESOURCE`, which containers often lack. */
  readonly capAdd?: readonly string[] | undefined;
  readonly exactFds?: boolean | undefined;
  /** Hides the devices of the machine in sysfs. */
  readonly onlyFake?: boolean | undefined;
  /** Prints each call: to standard error, or to a file. */
  readonly trace?: boolean | string | undefined;
  /** Writes a tape to this file. */
  readonly record?: string | undefined;
  readonly leftOver?: 'fail' | undefined;
}

/** A module of `--script`: its default export is called before the program begins. */
export type Script = (kernel: FakeKernel, hardware: Hardware) => unknown;

/** An error in the user's input. */
class Misuse extends Error {}

/** Runs `work`. @throws Misuse in place of a RangeError: an option has an invalid value */
function asked<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new Misuse(error.message);
    throw error;
  }
}

async function loadScript(path: string): Promise<Script> {
  const file = resolve(path);
  if (!existsSync(file)) throw new Misuse(`--script ${path}: no such file`);
  const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
  if (typeof module.default !== 'function')
    throw new Misuse(`--script ${path}: expected a default export, (kernel, { devices, smmu }) => ...`);
  return module.default as Script;
}

/** Creates the kernel. @throws Misuse if the version is unknown */
function kernelOf(options: CommandOptions): FakeKernel {
  try {
    return makeKernel(options, options.kernel);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const reason = error.message.replace(/^FakeKernel: version: |, found '.*'/g, '');
    throw new Misuse(`--kernel ${options.kernel}: ${reason}`);
  }
}

/** Opens the output file of an option. @throws Misuse if it cannot be written */
function openFor(option: string, path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw new Misuse(`--${option}=${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

/** Creates the function that prints the lines of `--trace`. */
function tracer(options: CommandOptions, io: CommandIo): ((call: AnsweredCall) => void) | undefined {
  const { trace } = options;
  if (trace === undefined || trace === false) return undefined;
  const file = typeof trace === 'string' ? openFor('trace', trace) : undefined;
  const colour = file === undefined && io.colour;
  const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const began = performance.now();
  return (answered) => {
    const { call, result, failed } = describeCall(answered);
    const time = ((performance.now() - began) / 1000).toFixed(6);
    const who = `[${answered.pid}${answered.tid === answered.pid ? '' : `/${answered.tid}`}]`;
    const line = `${paint(90, `${time} ${who}`)} ${call} = ${paint(failed ? 31 : 32, result)}`;
    if (file === undefined) io.complain(line);
    else writeSync(file, `${line}\n`);
  };
}

/** The capabilities that the fake kernel checks. */
const CAPABILITIES = {
  CAP_IPC_LOCK: 'ipcLock',
  CAP_SYS_RESOURCE: 'sysResource',
  CAP_SYS_RAWIO: 'rawIo',
  CAP_SYS_ADMIN: 'sysAdmin',
} as const satisfies Readonly<Record<string, keyof Privileges>>;

/** The privileges of `--cap-add`. The prefix `CAP_` is optional. @throws Misuse if the fake kernel does not check a capability */
function privilegesOf(names: readonly string[]): Partial<Privileges> {
  const found = names.map((name) => {
    const full = `CAP_${name.toUpperCase().replace(/^CAP_/, '')}`;
    const known = Object.entries(CAPABILITIES).find(([capability]) => capability === full);
    if (known === undefined)
      throw new Misuse(
        `--cap-add ${name}: the fake kernel checks only ${Object.keys(CAPABILITIES).join(', ')}`,
      );
    return [known[1], true] as const;
  });
  return Object.fromEntries(found);
}

/** The tape of `--record`, with the options that create the same machine at replay. @throws Misuse if it cannot be written */
function recordOf(file: string, { mock, smmuv3, devices, script }: CommandOptions): RecordOptions {
  closeSync(openFor('record', file));
  const machine = {
    ...(mock === true && { mock }),
    ...(smmuv3 === true && { smmuv3 }),
    ...(devices !== undefined && { devices }),
    ...(script !== undefined && { script }),
  };
  return { file, machine };
}

/** Ignores Ctrl-C, which the terminal also sends to the program: the program decides. Passes other signals on to the program. */
function passSignals(kill: (signal: NodeJS.Signals) => void): () => void {
  const ignored = ['SIGINT', 'SIGQUIT'] as const;
  const passed = ['SIGTERM', 'SIGHUP'] as const;
  const ignore = (): void => undefined;
  const pass = (signal: NodeJS.Signals): void => kill(signal);
  for (const signal of ignored) process.on(signal, ignore);
  for (const signal of passed) process.on(signal, pass);
  return () => {
    for (const signal of ignored) process.off(signal, ignore);
    for (const signal of passed) process.off(signal, pass);
  };
}

/** Runs the command. */
export async function runCommand(options: CommandOptions, io: CommandIo): Promise<CommandEnd> {
  try {
    const kernel = kernelOf(options);
    const hardware = asked(() => makeHardware(kernel, options));
    if (options.script !== undefined) await (await loadScript(options.script))(kernel, hardware);
    const onCall = tracer(options, io);
    const abandoned: string[] = [];
    if (options.leftOver === 'fail')
      watchAbandoned(kernel, (objects) => abandoned.push(`at the exit of their program: ${objects}`));
    const run = await runProgram(kernel, options.program, options.args, {
      exactFds: options.exactFds === true,
      onlyFake: options.onlyFake === true,
      ...(options.capAdd !== undefined && { privileges: privilegesOf(options.capAdd) }),
      ...(onCall !== undefined && { onCall }),
      ...(options.record !== undefined && { record: recordOf(options.record, options) }),
      onNotice: (message) => io.complain(`iommufd: ${message}`),
    });
    const stop = passSignals((signal) => run.kill(signal));
    const { code, signal } = await run.exited.finally(stop);
    // Processes that outlive the program still need answers. From here on Ctrl-C ends this process.
    await run.allExited;
    return endOf({ code, signal }, [...abandoned, ...kernel.leftOver()], options, io);
  } catch (error) {
    const isKnown = [LaunchError, UnsupportedError, Misuse, OutputError].some(
      (each) => error instanceof each,
    );
    if (!isKnown || !(error instanceof Error)) throw error;
    io.complain(`iommufd: ${error.message}`);
    return { status: error instanceof LaunchError ? error.status : OWN_FAILURE };
  }
}

function endOf(exit: Exit, left: readonly string[], { leftOver }: CommandOptions, io: CommandIo): CommandEnd {
  if (exit.signal !== null) return { status: OWN_FAILURE, signal: exit.signal };
  const status = exit.code ?? OWN_FAILURE;
  if (leftOver !== 'fail') return { status };
  for (const line of left) io.complain(`iommufd: left over: ${line}`);
  return { status: status === 0 && left.length > 0 ? LEFT_OVER : status };
}
