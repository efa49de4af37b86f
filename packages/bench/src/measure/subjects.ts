import { type Implementation, type ImplementationKind, isCannot, type OtherForm } from '../implementation.js';
import type { Case, Comparison, Workload } from '../workload.js';

/** An implementation or a case that is measured in a workload. */
export interface Subject {
  readonly name: string;
  readonly version: string;
  readonly kind: ImplementationKind | 'baseline';
  readonly note?: string | undefined;
  /** Why it does not take part. */
  readonly cannot?: string | undefined;
  readonly implementationModule?: string | undefined;
  readonly isLong: boolean;
  readonly countsBytes: boolean;
  readonly size?: number | undefined;
}

/** A workload and its subjects. */
export interface Entry {
  readonly workload: Workload;
  readonly subjects: readonly Subject[];
}

/** All workloads with their subjects. */
export function entriesOf(
  workloads: readonly Workload[],
  implementations: readonly (Implementation | OtherForm)[],
): readonly Entry[] {
  return workloads.map((workload) => ({
    workload,
    subjects:
      workload.kind === 'cases' ? workload.cases.map(ofCase) : ofComparison(workload, implementations),
  }));
}

function ofComparison(
  workload: Comparison,
  implementations: readonly (Implementation | OtherForm)[],
): Subject[] {
  const subjects: Subject[] = [];
  for (const implementation of implementations) {
    const takesPart = workload.takesPart(implementation);
    if (takesPart === undefined) continue;
    const { name, version, kind, note, module } = implementation;
    subjects.push({
      name,
      version,
      kind,
      note,
      cannot: takesPart !== true && isCannot(takesPart) ? takesPart.cannot : undefined,
      implementationModule: module,
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
