/**
 * Which names the headers of a kernel have: `pnpm abi:history DIR...` reads linux/iommufd.h and linux/vfio.h of several kernels, and
 * writes `packages/conformance/abi/history.json`: in which of them each name is first. Names that the oldest has are left out.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { factsFile } from '../facts.js';
import { findHeaders, isOlder } from './headers.js';

/** `history.json`. */
export interface History {
  /** The kernels whose headers were read, oldest first. */
  readonly kernels: readonly string[];
  /** The first kernel with each constant, struct and field (`struct.field`) that the oldest has not. */
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

/** The history that the headers of some kernels tell. @throws Error for fewer than two kernels */
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
  // A field of a struct that came with it says nothing more.
  const told = [...first].filter(
    ([name, kernel]) => first.get(name.replace(/\..*/, '')) !== kernel || !name.includes('.'),
  );
  return {
    kernels: sorted.map(({ kernel }) => kernel),
    first: Object.fromEntries(told.sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Reads the headers in a folder. @throws Error without a version, or without linux/iommufd.h and linux/vfio.h */
export function readNames(folder: string): { readonly kernel: string; readonly names: ReadonlySet<string> } {
  const { kernel, paths } = findHeaders(folder);
  if (paths.iommufd === undefined || paths.vfio === undefined)
    throw new Error(`${folder}: linux/iommufd.h and linux/vfio.h are not both there`);
  const names = [paths.iommufd, paths.vfio].flatMap((path) => [...namesIn(readFileSync(path, 'utf8'))]);
  return { kernel, names: new Set(names) };
}

/** `pnpm abi:history`. @returns what it says */
export function writeHistory(folders: readonly string[]): string {
  const history = historyOf(folders.map(readNames));
  writeFileSync(factsFile('history'), `${JSON.stringify(history, undefined, 2)}\n`);
  return `${history.kernels.join(', ')}: ${Object.keys(history.first).length} names are newer than ${history.kernels[0]}\n`;
}
