/** What a person did wrong, in one line: the program prints it and exits with status 2. */
export class Failure extends Error {
  override readonly name = 'Failure';
}
