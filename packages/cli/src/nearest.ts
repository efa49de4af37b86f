import { distance } from 'fastest-levenshtein';
import { Failure } from './failure.js';

/** The names most similar to a misspelt one: few letters differ, or it is a part of the name. At most three. */
export function nearest(name: string, names: Iterable<string>): string[] {
  const wanted = name.toLowerCase();
  // Every name is similar to one so short.
  if (wanted.length < 3) return [];
  const limit = name.length < 5 ? 1 : Math.max(2, Math.floor(name.length / 3));
  return [...new Set(names)]
    .map((candidate) => {
      const lower = candidate.toLowerCase();
      const held = lower.includes(wanted);
      return { candidate, far: held ? 0 : distance(wanted, lower) };
    })
    .filter(({ far }) => far <= limit)
    .sort((a, b) => a.far - b.far || a.candidate.length - b.candidate.length)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** `; did you mean ...?`, or an empty text. */
export function suggestion(name: string, names: Iterable<string>): string {
  const close = nearest(name, names);
  return close.length === 0 ? '' : `; did you mean ${close.join(', ')}?`;
}

/**
 * The error for an unknown name, with similar names.
 * @param all all valid names, if they are few: listed if no name is similar
 */
export function unknown(
  what: string,
  name: string,
  names: Iterable<string>,
  all: readonly string[] = [],
): Failure {
  const close = suggestion(name, names);
  const hint = close === '' && all.length > 0 ? `; there are ${all.join(', ')}` : close;
  return new Failure(`no ${what} is called ${JSON.stringify(name)}${hint}`);
}
