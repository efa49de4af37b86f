/**
 * Finds the line of the fake kernel that failed a call. The build of the page (`build.mjs`) numbers each `throw
 * fail(...)` of the kernel, makes it record its number here when it is reached, and adds a table of these lines.
 * Without the build there are no numbers.
 */

/** A line where the fake kernel fails a call. */
export interface Rule {
  /** `iommufd/object.ts` */
  readonly file: string;
  readonly line: number;
  /** The errnos that it fails with: several if a condition selects one. */
  readonly errnos: readonly string[];
  /** The statement. */
  readonly code: string;
  /** The comment of the enclosing declaration, which names Linux's function. */
  readonly doc: string;
}

/** The globals that the build adds. */
interface Built {
  /** The numbers of the reached lines, in order. */
  iommufdReached?: number[] | undefined;
  readonly iommufdRules?: readonly Rule[];
}

const built = (): Built => globalThis as Built;

/** Begins a call: reached lines are recorded until {@link takeRule}. */
export function forgetRules(): void {
  built().iommufdReached = [];
}

/**
 * The number of the line that failed a call: the last reached line with this errno. Other lines may have been reached
 * for steps that the kernel tried or undid in between.
 * @param result of the call, as `-1 EBUSY (…)`
 */
export function takeRule(result: string): number | undefined {
  const { iommufdReached: reached = [], iommufdRules: rules = [] } = built();
  const errno = /^-1 (E[A-Z0-9]+)/.exec(result)?.[1];
  // Nothing is recorded between calls; the list would grow without bound.
  built().iommufdReached = undefined;
  return errno === undefined
    ? undefined
    : reached.findLast((number) => rules[number]?.errnos.includes(errno) === true);
}

/** The line with a number. */
export const ruleOf = (number: number | undefined): Rule | undefined =>
  number === undefined ? undefined : built().iommufdRules?.[number];
