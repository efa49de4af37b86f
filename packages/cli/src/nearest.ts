import { distance } from 'fastest-levenshtein';
import { Failure } from './failure.js';

/** The names that a misspelt one may have meant: close in letters, or holding it. At most three. */
export function nearest(name: string, names: Iterable<string>): string[] {
  const wanted = name.toLowerCase();
  // Of a name so short everything is near.
  if (wanted.length < 3) return [];
  const limit = Math.max(2, Math.floor(name.length / 3));
  return [...names]
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

/** Says that there is no such thing, and what may have been meant. */
export function unknown(what: string, name: string, names: Iterable<string>): Failure {
  const close = nearest(name, names);
  const hint = close.length === 0 ? '' : `; did you mean ${close.join(', ')}?`;
  return new Failure(`no ${what} is called ${JSON.stringify(name)}${hint}`);
}
