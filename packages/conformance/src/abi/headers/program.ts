/** `pnpm abi:facts`: compares the facts in `packages/conformance/abi` with headers, and updates them. */
import { writeFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { type AbiFacts, factsFile, iommufdFacts, type Smmuv3Facts, smmuv3Facts } from '../facts.js';
import type { Compiler } from './compiler.js';
import { findHeaders, headerTitle, type HeaderName, type Headers, isOlder } from './headers.js';
import { type Refreshed, refreshIommufd, refreshSmmuv3 } from './refresh.js';

/** Exit status if facts could not be updated, and for an invalid command line. */
const LACKING = 1;
const MISUSE = 2;

/** The program's compiler, input and output. Tests replace them. */
export interface AbiFactsIo {
  write(text: string): void;
  /** @throws Error if there is none */
  compiler(): Compiler;
  /** Writes a file of facts. */
  save(name: string, text: string): void;
}

/** Input and output by the checked-in files. @param compiler the compiler of the machine */
export function standardAbiFactsIo(write: (text: string) => void, compiler: () => Compiler): AbiFactsIo {
  return { write, compiler, save: (name, text) => writeFileSync(factsFile(name), text) };
}

/** The text of a file of facts. */
export const factsText = (facts: AbiFacts | Smmuv3Facts): string =>
  `${JSON.stringify(facts, undefined, 2)}\n`;

/**
 * Runs the program.
 * @param argv the arguments after the program's name
 * @returns the exit status, and a message if it is not 0
 */
export function runAbiFacts(
  argv: readonly string[],
  io: AbiFactsIo,
): { readonly status: number; readonly complaint?: string } {
  let status = 0;
  const program = new Command('abi:facts')
    .description(
      'Asks a C compiler for the sizes, offsets and values in packages/conformance/abi, and writes what is new. It needs cc ' +
        'and headers of the kernel: linux/iommufd.h and linux/vfio.h, which Debian has in the package linux-libc-dev. The ' +
        "headers of the mock driver and of arm-smmu-v3 are in the kernel's source alone (Debian: linux-source-*).",
    )
    .option('--headers <folder>', "a folder of headers, or the kernel's source", '/usr/include')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.write(text), writeErr: () => undefined })
    .action(({ headers }: { readonly headers: string }) => {
      status = refreshFiles(findHeaders(headers), io);
    });
  try {
    program.parse(argv, { from: 'user' });
    return { status };
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return { status: 0 };
    return { status: MISUSE, complaint: error instanceof Error ? error.message : String(error) };
  }
}

function refreshFiles(headers: Headers, io: AbiFactsIo): number {
  const { folder, kernel, paths } = headers;
  const compiler = io.compiler();
  io.write(`headers of Linux ${kernel} in ${folder}, ${compiler.name}\n`);
  for (const name of ['iommufd', 'vfio', 'mock', 'smmuv3'] satisfies HeaderName[])
    if (paths[name] === undefined) io.write(`${headerTitle(name)} is missing: its facts are not checked\n`);
  if (paths.iommufd === undefined && paths.vfio === undefined && paths.smmuv3 === undefined) {
    io.write('no header to compare with\n');
    return LACKING;
  }
  const results = [
    report('iommufd', iommufdFacts, refreshIommufd(iommufdFacts, headers, compiler), headers, io),
    report('smmuv3', smmuv3Facts, refreshSmmuv3(smmuv3Facts, headers, compiler), headers, io),
  ];
  return results.every((isFine) => isFine) ? 0 : LACKING;
}

/** Reports the result for one file, and writes the file if it has changed. @returns true if the headers have all its names */
function report<F extends AbiFacts | Smmuv3Facts>(
  name: string,
  old: F,
  { facts, asked, lacking, changed, notes }: Refreshed<F>,
  { kernel }: Headers,
  io: AbiFactsIo,
): boolean {
  if (asked === 0) return true;
  const say = (text: string): void => io.write(`${name}.json: ${text}\n`);
  say(`${asked} names, ${asked - changed.length - lacking.length} of them unchanged`);
  for (const each of changed) say(`${each} has changed`);
  for (const each of lacking) say(`${each} is not in the headers`);
  for (const each of notes) say(each);
  if (facts === undefined) {
    const reasons = [
      ...(isOlder(kernel, old.kernel) ? [`the headers are older than its kernel, ${old.kernel}`] : []),
      ...(lacking.length > 0 ? [`${lacking.length} of its facts would be missing`] : []),
    ];
    say(`not written: ${reasons.join(', and ')}`);
    return false;
  }
  const isNew = changed.length > 0 || kernel !== old.kernel;
  if (isNew) io.save(name, factsText(facts));
  say(isNew ? 'written' : 'is up to date');
  return true;
}
