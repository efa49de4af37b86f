/**
 * Which line of the fake kernel made a call fail. The build of the page gives each `throw fail(...)` of the kernel a number, which
 * it leaves here when it is reached, and a table of what stands there (`build.mjs`). Without the build there are no numbers.
 */

/** A place where the fake kernel fails a call. */
export interface Rule {
  /** `iommufd/object.ts` */
  readonly file: string;
  readonly line: number;
  readonly errno: string;
  /** The statement. */
  readonly code: string;
  /** What the declaration around it says: which function of Linux it is. */
  readonly doc: string;
}

/** What the build has left. */
interface Built {
  /** The number of the place that was reached last. */
  iommufdRule?: number | undefined;
  readonly iommufdRules?: readonly Rule[];
}

const built = (): Built => globalThis as Built;

/** The number of the last place since this was asked. */
export function takeRule(): number | undefined {
  const global = built();
  const number = global.iommufdRule;
  global.iommufdRule = undefined;
  return number;
}

/** The place of a number. */
export const ruleOf = (number: number | undefined): Rule | undefined =>
  number === undefined ? undefined : built().iommufdRules?.[number];
