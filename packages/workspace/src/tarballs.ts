/** Checks a tarball as a user of a registry gets it: publint reads its package.json, "Are The Types Wrong" resolves its types. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { checkPackage, createPackageFromTarballData, type Problem } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** How a package of ES modules alone is not imported: without `exports`, or with `require` before Node had it for such modules. */
const UNSUPPORTED: readonly string[] = ['node10', 'node16-cjs'];

const isWrong = (problem: Problem): boolean =>
  !('resolutionKind' in problem && UNSUPPORTED.includes(problem.resolutionKind));

/** @returns the errors and warnings of publint, without its suggestions */
async function manifestProblems(file: string): Promise<string[]> {
  const { buffer, byteOffset, byteLength } = readFileSync(file);
  // Of a small file Node returns a part of a larger buffer.
  const tarball = buffer.slice(byteOffset, byteOffset + byteLength);
  if (!(tarball instanceof ArrayBuffer)) throw new TypeError('a file is not read into shared memory');
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
  return messages
    .filter(({ type }) => type === 'error')
    .map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
}

/** @returns where the types of a package are missing, or differ from its modules */
async function typeProblems(file: string): Promise<string[]> {
  const result = await checkPackage(createPackageFromTarballData(readFileSync(file)));
  if (result.types === false) return ['it has no types'];
  return result.problems.filter(isWrong).map((problem) => `types: ${JSON.stringify(problem)}`);
}

/**
 * @param file the path of the tarball
 * @param hasTypes true if it must have types
 * @returns a line for each problem
 */
export async function problemsOf(file: string, hasTypes: boolean): Promise<string[]> {
  const problems = [...(await manifestProblems(file)), ...(hasTypes ? await typeProblems(file) : [])];
  return problems.map((problem) => `${basename(file)}: ${problem}`);
}
