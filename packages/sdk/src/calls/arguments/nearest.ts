import { closest, distance } from 'fastest-levenshtein';

/** `Did you mean nestParent?`, or if no name is similar: `It takes ioas, nestParent.` */
export function suggestion(name: string, names: readonly string[]): string {
  const near = names.length === 0 ? '' : closest(name, names);
  const isNear = distance(name.toLowerCase(), near.toLowerCase()) <= Math.max(2, Math.floor(near.length / 3));
  if (isNear && near !== '' && name.length > 2) return `Did you mean ${near}?`;
  return names.length === 0 ? 'It takes none.' : `It takes ${names.join(', ')}.`;
}
