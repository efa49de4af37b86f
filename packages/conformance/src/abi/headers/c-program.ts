/**
 * The C program that prints sizes, offsets and values. Each question is one line of it, so that the line numbers of the
 * compiler's errors identify the questions that a header cannot answer.
 */

/** A question: integer constant expressions of C. */
export interface Question {
  /** Its subject, for messages: `IOMMU_IOAS_MAP`, `struct iommu_destroy`, `iommu_destroy.id`. */
  readonly about: string;
  readonly expressions: readonly string[];
}

/** The values of the expressions of each question, modulo 2^64. */
export type Answers = ReadonlyMap<Question, readonly bigint[]>;

/**
 * The text of a program that prints a line for each question: its index, and the values of its expressions.
 * @param prelude source before the questions: includes, macros
 */
export function cProgram(prelude: string, questions: readonly Question[]): string {
  return [
    prelude.trimEnd(),
    ...questions.map(({ expressions }, i) => {
      const values = expressions.map((expression) => `(unsigned long long)(${expression})`).join(', ');
      const format = expressions.map(() => ' %llu').join('');
      return `static void question_${i}(void) { printf("${i}${format}\\n", ${values}); }`;
    }),
    `int main(void) { ${questions.map((_question, i) => `question_${i}();`).join(' ')} return 0; }`,
    '',
  ].join('\n');
}

/**
 * The questions that the compiler could not compile.
 * @param complaints the output of the compiler: gcc and clang begin each error with the file and the line
 */
export function failedQuestions(
  prelude: string,
  questions: readonly Question[],
  complaints: string,
): ReadonlySet<Question> {
  const first = prelude.trimEnd().split('\n').length + 1;
  const failed = new Set<Question>();
  for (const [, line] of complaints.matchAll(/^[^:\n]*\.c:(\d+):\d+: error:/gm)) {
    const question = questions[Number(line) - first];
    if (question !== undefined) failed.add(question);
  }
  return failed;
}

/** Parses the output of the program. */
export function parseAnswers(questions: readonly Question[], output: string): Answers {
  const answers = new Map<Question, readonly bigint[]>();
  for (const line of output.split('\n')) {
    const [index, ...values] = line.split(' ');
    const question = line === '' ? undefined : questions[Number(index)];
    if (question !== undefined) answers.set(question, values.map(BigInt));
  }
  return answers;
}
