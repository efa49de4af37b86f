/** Runs a C compiler, and the compiled program. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answers, cProgram, failedQuestions, parseAnswers, type Question } from './c-program.js';

/** A C compiler. Tests replace it. */
export interface Compiler {
  /** Its name and version. */
  readonly name: string;
  /**
   * Compiles a program and runs it. Returns the output of the program, or the errors of the compiler.
   * @param headers the first folder to search for headers
   */
  run(program: string, headers?: string): { readonly output: string } | { readonly complaints: string };
}

/** The machine's compiler, `cc`. @throws Error if it is not installed */
export function systemCompiler(): Compiler {
  const { stdout, error } = spawnSync('cc', ['--version'], { encoding: 'utf8' });
  if (error !== undefined) throw new Error('no C compiler cc on the PATH: apt-get install gcc');
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
    // The errors are parsed in English.
    const env = { ...process.env, LC_ALL: 'C' };
    const compiled = spawnSync('cc', options, { encoding: 'utf8', env });
    if (compiled.status !== 0) return { complaints: compiled.stderr };
    const { status, stdout } = spawnSync(executable, { encoding: 'utf8', maxBuffer: 1 << 26 });
    if (status !== 0) throw new Error(`the compiled program exited with ${String(status)}`);
    return { output: stdout };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Answers questions by a compiler.
 * @param prelude source before the questions: includes, macros
 * @param headers the first folder to search for headers
 * @returns the answers; a question that does not compile has none
 * @throws Error if the compiler reports an error outside of the questions
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
    // An error in a header itself does not depend on a question.
    if (failed.size === 0) throw new Error(`the headers do not compile:\n${result.complaints}`);
    asked = asked.filter((question) => !failed.has(question));
  }
}
