/** An error of the user, in one line. The program prints it and exits with status 2. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** Returns true if an error is a `Failure`. It compares the name, because each published bundle has its own class. */
export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && error.name === 'Failure';
}
