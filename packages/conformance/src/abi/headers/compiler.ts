/** Runs a C compiler, and what it made. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answers, cProgram, failedQuestions, parseAnswers, type Question } from './c-program.js';

/** What a C compiler is asked to do. Tests give something else. */
export interface Compiler {
  /** What it calls itself. */
  readonly name: string;
  /**
   * Compiles a program and runs it: what it printed, or the compiler's complaints.
   * @param headers a folder where headers are looked for first
   */
  run(program: string, headers?: string): { readonly output: string } | { readonly complaints: string };
}

/** The machine's compiler, `cc`. @throws Error if it is not installed */
export function systemCompiler(): Compiler {
  const { stdout, error } = spawnSync('cc', ['--version'], { encoding: 'utf8' });
  if (error !== undefined) throw new Error('there is no C compiler cc on the PATH: apt-get install gcc');
  return { name: stdout.split('\n')[0] ?? 'cc', run: compileAndRun };
}

function compileAndRun(program: string, headers?: string): ReturnType<Compiler['run']> {
  const folder = mkdtempSync(join(tmpdir(), 'iommufd-abi-'));
  try {
    const source = join(folder, 'facts.c');
    const executable = join(folder, 'facts');
    writeFileSync(source, program);
    const include = headers === undefined ? [] : ['-I', headers];
    const options = [
      '-std=gnu11',
      '-Werror=implicit-function-declaration',
      '-fno-diagnostics-color',
      ...include,
      '-o',
      executable,
      source,
    ];
    // Errors are looked for in English.
    const env = { ...process.env, LC_ALL: 'C' };
    const compiled = spawnSync('cc', options, { encoding: 'utf8', env });
    if (compiled.status !== 0) return { complaints: compiled.stderr };
    const { status, stdout } = spawnSync(executable, { encoding: 'utf8', maxBuffer: 1 << 26 });
    if (status !== 0) throw new Error(`the program that was compiled ended with ${String(status)}`);
    return { output: stdout };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Asks a compiler.
 * @param prelude what the questions need: includes, macros
 * @param headers a folder where headers are looked for first
 * @returns the answers to those questions that have one
 * @throws Error if the compiler complains about something else than a question
 */
export function ask(
  compiler: Compiler,
  prelude: string,
  questions: readonly Question[],
  headers?: string,
): Answers {
  let asked = questions;
  for (;;) {
    const result = compiler.run(cProgram(prelude, asked), headers);
    if ('output' in result) return parseAnswers(asked, result.output);
    const failed = failedQuestions(prelude, asked, result.complaints);
    // What is wrong in a header itself is wrong without questions as well.
    if (failed.size === 0) throw new Error(`the headers do not compile:\n${result.complaints}`);
    asked = asked.filter((question) => !failed.has(question));
  }
}
