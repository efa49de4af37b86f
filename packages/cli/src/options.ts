import { Failure } from './failure.js';

/** The options of a command line, by their names without dashes. */
type Given = object;

const isGiven = (options: Given, name: string): boolean => {
  const value: unknown = Reflect.get(options, name);
  return value !== undefined && value !== false;
};

/**
 * Finds the one option of `names` that is on the command line; undefined if none of them is.
 * @throws Failure if there are several
 */
export function theOne<N extends string>(options: Given, names: readonly N[]): N | undefined {
  const [first, second] = names.filter((name) => isGiven(options, name));
  if (first !== undefined && second !== undefined) throw contradiction(first, second);
  return first;
}

/** @throws Failure if both options of a pair are on the command line */
export function refuseContradictions(
  options: Given,
  pairs: readonly (readonly [first: string, second: string])[],
): void {
  for (const [first, second] of pairs) {
    if (isGiven(options, first) && isGiven(options, second)) throw contradiction(first, second);
  }
}

function contradiction(first: string, second: string): Failure {
  return new Failure(`--${first} and --${second} contradict each other: give one`);
}
