/** What a person did wrong, in one line: the program prints it and exits with status 2. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** Is it what a person did wrong? Each of the published bundles has that class of its own, so the name tells it. */
export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && error.name === 'Failure';
}
