#!/usr/bin/env node
import { complain, type Io, standardIo } from './io.js';
import { run } from './program.js';

const finish = ({ status, complaint }: Awaited<ReturnType<typeof run>>): void => {
  if (complaint !== undefined) complain(complaint);
  process.exitCode = status;
};

// Not awaited at the top level: the published bundle is CommonJS, which starts faster.
const argv = process.argv.slice(2);
const [command = '', ...rest] = argv;

/** Commands that run native programs. They parse their own command lines, because the options after the program are the program's. */
const NATIVE: Readonly<Record<string, () => Promise<(argv: readonly string[], io: Io) => Promise<void>>>> = {
  run: async () => (await import('./commands/run.js')).main,
  doctor: async () => (await import('./commands/doctor.js')).doctorMain,
  record: async () => (await import('./commands/trace.js')).recordMain,
  trace: async () => (await import('./commands/trace.js')).traceMain,
};
const nativeOf = (name: string): (typeof NATIVE)[string] | undefined =>
  Object.hasOwn(NATIVE, name) ? NATIVE[name] : undefined;

// `iommufd help run` is `iommufd run --help`: the other parser has only the names of these commands.
const isHelp = command === 'help' && nativeOf(rest[0] ?? '') !== undefined;
const [name = '', ...args] = isHelp ? [...rest.slice(0, 1), '--help'] : argv;
const native = nativeOf(name);
if (native === undefined) void run(argv, standardIo()).then(finish);
else void native().then((main) => main(args, standardIo()));
