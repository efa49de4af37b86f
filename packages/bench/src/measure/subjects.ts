import { type Contestant, type ContestantKind, isCannot, type OtherForm } from '../contestant.js';
import type { Case, Contest, Work } from '../work.js';

/** Who is measured in a work: a contestant, or a case. */
export interface Subject {
  readonly name: string;
  readonly version: string;
  readonly kind: ContestantKind | 'baseline';
  readonly note?: string | undefined;
  /** Why it does not take part. */
  readonly cannot?: string | undefined;
  readonly contestantModule?: string | undefined;
  readonly isLong: boolean;
  readonly countsBytes: boolean;
  readonly size?: number | undefined;
}

/** A work, and who is measured in it. */
export interface Entry {
  readonly work: Work;
  readonly subjects: readonly Subject[];
}

/** All that there is to measure. */
export function entriesOf(
  works: readonly Work[],
  contestants: readonly (Contestant | OtherForm)[],
): readonly Entry[] {
  return works.map((work) => ({
    work,
    subjects: work.kind === 'cases' ? work.cases.map(ofCase) : inContest(work, contestants),
  }));
}

function inContest(work: Contest, contestants: readonly (Contestant | OtherForm)[]): Subject[] {
  const subjects: Subject[] = [];
  for (const contestant of contestants) {
    const takesPart = work.takesPart(contestant);
    if (takesPart === undefined) continue;
    const { name, version, kind, note, module } = contestant;
    subjects.push({
      name,
      version,
      kind,
      note,
      cannot: takesPart !== true && isCannot(takesPart) ? takesPart.cannot : undefined,
      contestantModule: module,
      isLong: false,
      countsBytes: false,
    });
  }
  return subjects;
}

function ofCase({
  name,
  version = '',
  kind,
  note,
  isLong = false,
  countsBytes = false,
  size,
}: Case): Subject {
  return { name, version, kind, note, isLong, countsBytes, size };
}
