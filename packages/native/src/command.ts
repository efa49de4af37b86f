/**
 * `iommufd run`: what the command does. The command line itself, with its help, is in `@iommufd/cli`, which loads this when it is
 * needed and installed.
 */

import { existsSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Device, FakeKernel, FakeSmmuv3, MockDevice, mockModule } from '@iommufd/fakekernel';
import type { SysfsDevice } from './files/tree.js';
import { describeCall } from './describe.js';
import { LaunchError } from './launch.js';
import { UnsupportedError } from './platform.js';
import { type Exit, runProgram } from './run.js';
import type { AnsweredCall } from './supervisor.js';

/** Exit status when the command itself fails, as of `env` and `timeout`. */
const OWN_FAILURE = 125;
/** Exit status of `--left-over=fail`, if something is left. */
const LEFT_OVER = 1;

/** What the command line says. */
export interface CommandOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** The version of Linux that the fake kernel answers as: `6.12`. */
  readonly kernel?: string | undefined;
  /** Loads the mock driver. */
  readonly mock?: boolean | undefined;
  /** Puts the devices behind an SMMUv3. */
  readonly smmuv3?: boolean | undefined;
  /** `KIND` or `KIND@BDF`. */
  readonly devices?: readonly string[] | undefined;
  /** A module that plays the hardware. */
  readonly script?: string | undefined;
  readonly exactFds?: boolean | undefined;
  /** Hides the devices of the machine in sysfs. */
  readonly onlyFake?: boolean | undefined;
  /** Prints each call: to standard error, or to a file. */
  readonly trace?: boolean | string | undefined;
  readonly leftOver?: 'fail' | undefined;
}

/** What the command has to do with the outside. */
export interface CommandIo {
  /** Is standard error a terminal that wants colours? */
  readonly colour: boolean;
  /** Prints a line to standard error. */
  complain(line: string): void;
}

/** How the command ends: with a status, or by the signal that ended the program. */
export interface CommandEnd {
  readonly status: number;
  readonly signal?: NodeJS.Signals | undefined;
}

/** What the script of `--script` gets. */
export interface Hardware {
  /** Devices of `--device`, in order. */
  readonly devices: readonly Device[];
  /** With `--smmuv3`. */
  readonly smmu: FakeSmmuv3 | undefined;
}

/** A module of `--script`: its default export is called before the program begins. */
export type Script = (kernel: FakeKernel, hardware: Hardware) => unknown;

/** Something that the user has to put right. */
class Misuse extends Error {}

const DEVICE = /^([a-z0-9]+)(?:@(?:([0-9a-f]{4}):)?([0-9a-f]{2}):([0-9a-f]{2})\.([0-7]))?$/;

/** Makes the devices of the command line, and plugs them in. */
function makeHardware(
  kernel: FakeKernel,
  { smmuv3, devices: wanted = [] }: CommandOptions,
): Hardware & { readonly sysfs: readonly SysfsDevice[] } {
  const smmu = smmuv3 === true ? new FakeSmmuv3(kernel) : undefined;
  const devices = wanted.map((text, index) => {
    const [, kind] = DEVICE.exec(text) ?? [];
    if (kind === undefined)
      throw new Misuse(`--device ${text}: expected KIND or KIND@BDF, as mock or pci@01:00.0`);
    if (smmu === undefined) {
      if (kind !== 'mock') throw new Misuse(`--device ${text}: without --smmuv3 there is only the kind mock`);
      return new MockDevice();
    }
    if (kind !== 'pci') throw new Misuse(`--device ${text}: behind an SMMUv3 there is only the kind pci`);
    // The StreamID of a PCI function is its requester ID, as most machines have it.
    const [, bus = '', slot = '', fn = ''] = addressOf(text, index).split(/[:.]/);
    return smmu.addDevice({ streamId: parseInt(bus, 16) * 256 + parseInt(slot, 16) * 8 + Number(fn) });
  });
  const sysfs = devices.map((device, index) => ({
    node: kernel.plug(device),
    address: addressOf(wanted[index] ?? '', index),
  }));
  return { devices, smmu, sysfs };
}

/** The PCI address that the command line gives a device; without one, the slots of bus 0 in order. */
function addressOf(text: string, index: number): string {
  const slotOf = (number: number): string => number.toString(16).padStart(2, '0');
  const [, , domain = '0000', bus = '00', slot = slotOf(index + 1), fn = '0'] = DEVICE.exec(text) ?? [];
  return `${domain}:${bus}:${slot}.${fn}`;
}

async function loadScript(path: string): Promise<Script> {
  const file = resolve(path);
  if (!existsSync(file)) throw new Misuse(`--script ${path}: no such file`);
  const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
  if (typeof module.default !== 'function')
    throw new Misuse(`--script ${path}: expected a default export, (kernel, { devices, smmu }) => ...`);
  return module.default as Script;
}

/** @throws Misuse for a version that the fake kernel does not know */
function makeKernel({ mock, kernel: version }: CommandOptions): FakeKernel {
  try {
    return new FakeKernel(mock === true ? [mockModule] : [], version === undefined ? {} : { version });
  } catch (error) {
    if (error instanceof RangeError)
      throw new Misuse(
        `--kernel ${version}: ${error.message.replace(/^FakeKernel: version: |, found '.*'/g, '')}`,
      );
    throw error;
  }
}

/** @throws Misuse if the file cannot be written */
function openTrace(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw new Misuse(`--trace=${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

/** Lines of `--trace`. */
function tracer(options: CommandOptions, io: CommandIo): ((call: AnsweredCall) => void) | undefined {
  const { trace } = options;
  if (trace === undefined || trace === false) return undefined;
  const file = typeof trace === 'string' ? openTrace(trace) : undefined;
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

/** The terminal sends Ctrl-C to the program as well: it is for it to decide. Other signals are passed on. */
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
    const kernel = makeKernel(options);
    const hardware = makeHardware(kernel, options);
    if (options.script !== undefined) await (await loadScript(options.script))(kernel, hardware);
    const onCall = tracer(options, io);
    const run = await runProgram(kernel, options.program, options.args, {
      exactFds: options.exactFds === true,
      sysfs: hardware.sysfs,
      onlyFake: options.onlyFake === true,
      ...(onCall !== undefined && { onCall }),
      onNotice: (what) => io.complain(`iommufd: ${what}`),
    });
    const stop = passSignals((signal) => run.kill(signal));
    const { code, signal } = await run.exited.finally(stop);
    // Without answers every call of what it left behind would fail. From here on Ctrl-C ends this process.
    await run.allExited;
    return endOf({ code, signal }, kernel, options, io);
  } catch (error) {
    const known =
      error instanceof LaunchError || error instanceof UnsupportedError || error instanceof Misuse;
    if (!known) throw error;
    io.complain(`iommufd: ${error.message}`);
    return { status: error instanceof LaunchError ? error.status : OWN_FAILURE };
  }
}

function endOf(exit: Exit, kernel: FakeKernel, { leftOver }: CommandOptions, io: CommandIo): CommandEnd {
  if (exit.signal !== null) return { status: OWN_FAILURE, signal: exit.signal };
  const status = exit.code ?? OWN_FAILURE;
  if (leftOver !== 'fail') return { status };
  const left = kernel.leftOver();
  for (const line of left) io.complain(`iommufd: left over: ${line}`);
  return { status: status === 0 && left.length > 0 ? LEFT_OVER : status };
}
