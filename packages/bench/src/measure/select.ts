import type { Entry } from './subjects.js';

/** A filter that nothing matches. */
export class NothingMatches extends Error {
  override readonly name = 'NothingMatches';
}

/**
 * Takes the workloads whose name contains a text, whatever its case. Of other workloads, those whose name contains it are taken, and
 * with them those that they are compared to.
 * @throws NothingMatches that lists the names
 */
export function select(entries: readonly Entry[], text: string): readonly Entry[] {
  const wanted = text.toLowerCase();
  const matches = (name: string): boolean => name.toLowerCase().includes(wanted);
  const selected = entries.flatMap(({ workload, subjects }): Entry[] => {
    if (matches(workload.title)) return [{ workload, subjects }];
    const named = subjects.filter(({ name }) => matches(name));
    if (named.length === 0) return [];
    const also = workload.kind === 'comparison' ? workload.comparedTo : [];
    return [{ workload, subjects: subjects.filter((one) => named.includes(one) || also.includes(one.name)) }];
  });
  if (selected.length > 0) return selected;
  const names = new Set(
    entries.flatMap(({ workload, subjects }) => [workload.name, ...subjects.map(({ name }) => name)]),
  );
  throw new NothingMatches(`nothing is called like '${text}'; there are ${[...names].join('; ')}`);
}
