/** Updates facts from headers, and reports the differences. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { AbiFacts, Smmuv3Facts } from '../facts.js';
import type { Answers, Question } from './c-program.js';
import { ask, type Compiler } from './compiler.js';
import { type Headers, isOlder } from './headers.js';
import { type Asked, constantAsked, headerOf, structAsked } from './questions.js';
import { smmuv3Prelude, smmuv3Questions, smmuv3Values } from './smmuv3-header.js';

/** How one file of facts compares with the headers. */
export interface Refreshed<F> {
  /** The updated facts; undefined if the headers lack a name of the facts. */
  readonly facts: F | undefined;
  /** Number of names that were checked. */
  readonly asked: number;
  /** Names that the headers lack. */
  readonly lacking: readonly string[];
  /** Names whose facts have changed. */
  readonly changed: readonly string[];
  /** Findings to check by hand: bytes without a field, other types, names that the facts lack. */
  readonly notes: readonly string[];
}

/** Updates the facts of `iommufd.json`. Names of a missing header keep their facts. */
export function refreshIommufd(facts: AbiFacts, headers: Headers, compiler: Compiler): Refreshed<AbiFacts> {
  const has = (name: string): boolean => headers.paths[headerOf(name)] !== undefined;
  const structs = Object.entries(facts.structs)
    .filter(([name]) => has(name))
    .map(([name, each]) => structAsked(name, each));
  const constants = Object.entries(facts.constants)
    .filter(([name]) => has(name))
    .map(([name, each]) => constantAsked(name, each));
  const questions = [...structs, ...constants].flatMap((each) => each.questions);
  const answers = askHeaders(headers, compiler, questions);
  const notes: string[] = [];
  const newStructs = refreshAll(structs, answers, notes);
  const newConstants = refreshAll(constants, answers, notes);
  const lacking = [...newStructs.lacking, ...newConstants.lacking];
  const names = new Set([...Object.keys(facts.structs), ...Object.keys(facts.constants)]);
  notes.push(...unknownNames(headers, names).map((name) => `${name} is in a header and not in the facts`));
  const refreshed: AbiFacts = {
    ...facts,
    kernel: headers.kernel,
    how: howOf(headers, facts, compiler),
    structs: { ...facts.structs, ...newStructs.facts },
    constants: { ...facts.constants, ...newConstants.facts },
  };
  return {
    facts: isWhole(facts, headers, lacking) ? refreshed : undefined,
    asked: structs.length + constants.length,
    lacking,
    changed: [...newStructs.changed, ...newConstants.changed],
    notes,
  };
}

/** Updates the facts of `smmuv3.json` from the header of the arm-smmu-v3 driver. */
export function refreshSmmuv3(
  facts: Smmuv3Facts,
  headers: Headers,
  compiler: Compiler,
): Refreshed<Smmuv3Facts> {
  const path = headers.paths.smmuv3;
  const questions = path === undefined ? [] : smmuv3Questions(facts);
  const answers =
    path === undefined ? new Map() : ask(compiler, smmuv3Prelude(readFileSync(path, 'utf8')), questions);
  const values = smmuv3Values(answers);
  const lacking = questions.filter((question) => !answers.has(question)).map(({ about }) => about);
  const changed = Object.entries(values).flatMap(([name, value]) =>
    facts.values[name] === value ? [] : [name],
  );
  const isKept = path === undefined || !isWhole(facts, headers, lacking);
  return {
    facts: isKept ? undefined : { ...facts, kernel: headers.kernel, values },
    asked: questions.length,
    lacking,
    changed,
    notes: [],
  };
}

/** True if the new facts may replace the old ones: none is missing, and the kernel is not older. */
function isWhole(
  { kernel }: { readonly kernel: string },
  headers: Headers,
  lacking: readonly string[],
): boolean {
  return lacking.length === 0 && !isOlder(headers.kernel, kernel);
}

/** Answers questions by the headers of a folder, and not by headers of the same names elsewhere. */
function askHeaders({ paths }: Headers, compiler: Compiler, questions: readonly Question[]): Answers {
  const folder = mkdtempSync(join(tmpdir(), 'iommufd-headers-'));
  try {
    mkdirSync(join(folder, 'linux'));
    // Annotations for static checkers, which older headers of this machine may not define.
    const lines = ['#include <stdio.h>', '#define __user', '#define __counted_by(member)'];
    // The mock driver's header includes <linux/iommufd.h>, which must be that of its own version.
    for (const name of ['iommufd', 'vfio', 'mock'] as const) {
      const path = paths[name];
      if (path === undefined) continue;
      copyFileSync(path, join(folder, 'linux', basename(path)));
      lines.push(`#include <linux/${basename(path)}>`);
    }
    return ask(compiler, lines.join('\n'), questions, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The facts of all names whose questions all have answers. */
function refreshAll<F>(
  asked: readonly Asked<F>[],
  answers: Answers,
  notes: string[],
): { readonly facts: Readonly<Record<string, F>>; readonly lacking: string[]; readonly changed: string[] } {
  const facts: Record<string, F> = {};
  const lacking: string[] = [];
  const changed: string[] = [];
  for (const each of asked) {
    const unanswered = each.questions.filter((question) => !answers.has(question));
    // A missing struct is reported once, without its members.
    lacking.push(
      ...unanswered.slice(0, unanswered[0] === each.questions[0] ? 1 : undefined).map(({ about }) => about),
    );
    if (unanswered.length > 0) continue;
    const fresh = each.refresh(answers, (note) => void notes.push(note));
    if (!isDeepStrictEqual(fresh, each.facts)) changed.push(each.name);
    facts[each.name] = fresh;
  }
  return { facts, lacking, changed };
}

/** Names of iommufd's own headers that are not in the facts. VFIO's header is not checked: only a part of it is declared. */
function unknownNames({ paths }: Headers, known: ReadonlySet<string>): string[] {
  const text = [paths.iommufd, paths.mock]
    .map((path) => (path === undefined ? '' : readFileSync(path, 'utf8').replace(/\/\*[^]*?\*\//g, ' ')))
    .join('\n');
  const constants = text.match(/\b(?:IOMMU|IOMMUFD|MOCK)_\w+/g) ?? [];
  const structs = [...text.matchAll(/\bstruct\s+(\w+)\s*\{/g)].flatMap(([, name]) => name ?? []);
  return [...new Set([...constants, ...structs])].filter((name) => !known.has(name));
}

function howOf({ paths }: Headers, { kernel }: AbiFacts, { name }: Compiler): string {
  const mock = "the iommufd mock driver's own header";
  const from = `sizes, offsets and values as ${name} compiles linux/iommufd.h`;
  return paths.mock === undefined
    ? `${from} and linux/vfio.h; those of ${mock} as they were in ${kernel}`
    : `${from}, linux/vfio.h and ${mock}`;
}
