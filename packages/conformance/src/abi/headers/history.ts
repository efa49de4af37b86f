/**
 * The first kernel with each name of the headers. `pnpm abi:history DIR...` reads linux/iommufd.h and linux/vfio.h of
 * several kernels, and writes `packages/conformance/abi/history.json`. Names that the oldest of these kernels has are
 * omitted.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { factsFile } from '../facts.js';
import { findHeaders, isOlder } from './headers.js';

/** The contents of `history.json`. */
export interface History {
  /** The kernels whose headers were read, oldest first. */
  readonly kernels: readonly string[];
  /** The first kernel with each constant, struct and field (`struct.field`) that the oldest kernel lacks. */
  readonly first: Readonly<Record<string, string>>;
}

/** The names in the text of a header: constants, structs, and fields of structs as `struct.field`. */
export function namesIn(header: string): Set<string> {
  const text = header.replace(/\/\*[^]*?\*\//g, '').replace(/\/\/.*/g, '');
  const names = new Set<string>();
  for (const [, name = ''] of text.matchAll(/^#define\s+(\w+)[ \t]+\S/gm)) names.add(name);
  for (const [, members = ''] of text.matchAll(/\benum\s*\w*\s*\{([^]*?)\}/g))
    for (const [, name = ''] of members.matchAll(/(?:^|,)\s*(\w+)/g)) names.add(name);
  for (const [, tag = '', fields = ''] of text.matchAll(/\bstruct\s+(\w+)\s*\{([^]*?)\n\}/g)) {
    names.add(tag);
    for (const [, field = ''] of fields.matchAll(/(\w+)\s*(?:\[[^\]]*\])?\s*;/g))
      names.add(`${tag}.${field}`);
  }
  return names;
}

/** The history from the headers of several kernels. @throws Error if there are fewer than two */
export function historyOf(
  headers: readonly { readonly kernel: string; readonly names: ReadonlySet<string> }[],
): History {
  const sorted = [...headers].sort((a, b) => (isOlder(a.kernel, b.kernel) ? -1 : 1));
  const [oldest, ...others] = sorted;
  if (oldest === undefined || others.length === 0)
    throw new Error('give the headers of at least two kernels');
  const first = new Map<string, string>();
  for (const { kernel, names } of others)
    for (const name of names) if (!oldest.names.has(name) && !first.has(name)) first.set(name, kernel);
  // Omit a field that is as old as its struct.
  const told = [...first].filter(
    ([name, kernel]) => first.get(name.replace(/\..*/, '')) !== kernel || !name.includes('.'),
  );
  return {
    kernels: sorted.map(({ kernel }) => kernel),
    first: Object.fromEntries(told.sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Reads the headers in a folder. @throws Error if the version, linux/iommufd.h or linux/vfio.h is missing */
export function readNames(folder: string): { readonly kernel: string; readonly names: ReadonlySet<string> } {
  const { kernel, paths } = findHeaders(folder);
  if (paths.iommufd === undefined || paths.vfio === undefined)
    throw new Error(`${folder}: linux/iommufd.h or linux/vfio.h is missing`);
  const names = [paths.iommufd, paths.vfio].flatMap((path) => [...namesIn(readFileSync(path, 'utf8'))]);
  return { kernel, names: new Set(names) };
}

/** Runs `pnpm abi:history`. @returns its output */
export function writeHistory(folders: readonly string[]): string {
  const history = historyOf(folders.map(readNames));
  writeFileSync(factsFile('history'), `${JSON.stringify(history, undefined, 2)}\n`);
  return `${history.kernels.join(', ')}: ${Object.keys(history.first).length} names are newer than ${history.kernels[0]}\n`;
}
