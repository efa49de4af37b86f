/**
 * Which line of the fake kernel made a call fail. The build of the page gives each `throw fail(...)` of the kernel a number, which
 * it leaves here when it is reached, and a table of what stands there (`build.mjs`). Without the build there are no numbers.
 */

/** A place where the fake kernel fails a call. */
export interface Rule {
  /** `iommufd/object.ts` */
  readonly file: string;
  readonly line: number;
  /** What it fails with: several where a condition chooses. */
  readonly errnos: readonly string[];
  /** The statement. */
  readonly code: string;
  /** What the declaration around it says: which function of Linux it is. */
  readonly doc: string;
}

/** What the build has left. */
interface Built {
  /** The numbers of the places that were reached, in their order. */
  iommufdReached?: number[] | undefined;
  readonly iommufdRules?: readonly Rule[];
}

const built = (): Built => globalThis as Built;

/** Begins a call: from now on the places that are reached are kept, until {@link takeRule} asks for them. */
export function forgetRules(): void {
  built().iommufdReached = [];
}

/**
 * The number of the place that made a call fail: the last that was reached with this errno. What the kernel tried in between, and what
 * it undid, may have failed otherwise.
 * @param result of the call, as `-1 EBUSY (…)`
 */
export function takeRule(result: string): number | undefined {
  const { iommufdReached: reached = [], iommufdRules: rules = [] } = built();
  const errno = /^-1 (E[A-Z0-9]+)/.exec(result)?.[1];
  // Between calls nothing is kept: without a reader the list would only grow.
  built().iommufdReached = undefined;
  return errno === undefined
    ? undefined
    : reached.findLast((number) => rules[number]?.errnos.includes(errno) === true);
}

/** The place of a number. */
export const ruleOf = (number: number | undefined): Rule | undefined =>
  number === undefined ? undefined : built().iommufdRules?.[number];
