import { Failure } from './failure.js';

/** The options that were given, by their names without the dashes. */
type Given = object;

const isGiven = (options: Given, name: string): boolean => {
  const value: unknown = Reflect.get(options, name);
  return value !== undefined && value !== false;
};

/**
 * The option of a kind that was given; undefined for none of them.
 * @throws Failure if there are several
 */
export function theOne<N extends string>(options: Given, names: readonly N[]): N | undefined {
  const [first, second] = names.filter((name) => isGiven(options, name));
  if (first !== undefined && second !== undefined) throw contradiction(first, second);
  return first;
}

/** @throws Failure if two options were given that contradict each other */
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
