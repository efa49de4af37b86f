/** An error of the user, in one line. The program prints it and exits with status 2. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** Returns true if an error is a `Failure`. It compares the name, because each published bundle has its own class. */
export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && error.name === 'Failure';
}

/** Formats an error of the command line as one line. */
export function lineOf({ message }: Readonly<Pick<Error, 'message'>>): string {
  const [line = '', hint = ''] = message.replace(/^error: /, '').split('\n');
  if (hint === '' && line.startsWith('unknown command')) return `${line}; iommufd help lists the commands`;
  const meant = /^\(Did you mean (?:one of )?(.*?)\?\)$/.exec(hint)?.[1];
  return meant === undefined ? line : `${line}; did you mean ${meant}?`;
}
