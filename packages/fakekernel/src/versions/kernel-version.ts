/** The facts of a version of Linux: the table of `facts.ts`, resolved once for each version. */
import { constant } from '../lib/restorable.js';
import { type Release, RELEASES } from '@iommufd/uapi/history';
import { type Between, type Fact, type FactName, FACTS, RECORDED } from './facts.js';

/** For each fact, true if it holds. */
export type Features = Readonly<Record<FactName, boolean>>;

/** A version of Linux as the fake kernel models it. */
export interface KernelVersion {
  /** `6.12` */
  readonly name: Release;
  /**
   * True if it was recorded. Recorded versions give Linux's answers. The others follow the table of facts (`docs/versions.md`),
   * without recordings that confirm it.
   */
  readonly isRecorded: boolean;
  /** Facts whose version is unknown, and which may or may not hold in this version. They are resolved as in the older version. */
  readonly unknown: readonly FactName[];
  /** @internal */
  readonly features: Features;
}

// The keys of FACTS are exactly the fact names.
const NAMES = Object.keys(FACTS) as FactName[];

/** The newest version, which is the default. */
export const NEWEST: Release = '7.3';

const index = (release: Release): number => RELEASES.indexOf(release);

const firstWith = (when: Release | Between): number => index(typeof when === 'string' ? when : when.by);

function holds({ since, until }: Fact, release: number): boolean {
  return (
    (since === undefined || release >= firstWith(since)) &&
    (until === undefined || release < firstWith(until))
  );
}

function isUnknown({ since, until }: Fact, release: number): boolean {
  return [since, until].some(
    (when) => typeof when === 'object' && release > index(when.after) && release < index(when.by),
  );
}

/** The number of a stable release: 107 of `6.12.107`, 0 of `6.12`. */
const stableOf = (text: string): number => Number(text.split('.')[2] ?? 0);

/** @param stable the number of its stable release */
function resolve(name: Release, stable: number): KernelVersion {
  const release = index(name);
  const isBackported = ({ backports = [] }: Fact): boolean =>
    backports.some((text) => text.startsWith(`${name}.`) && stableOf(text) <= stable);
  // The object has an entry for each name.
  const facts = Object.fromEntries(
    NAMES.map((fact) => [fact, holds(FACTS[fact], release) || isBackported(FACTS[fact])]),
  ) as Features;
  const title = stable === 0 ? name : `${name}.${stable}`;
  return constant(`Linux ${title}`, {
    name,
    isRecorded: RECORDED[name] !== undefined,
    unknown: NAMES.filter((fact) => isUnknown(FACTS[fact], release)),
    features: constant(`facts of Linux ${title}`, facts),
  });
}

/** The stable releases that change facts: for each version, the newest first. The last one is the version itself. */
const versions: ReadonlyMap<string, readonly { readonly from: number; readonly version: KernelVersion }[]> =
  new Map(
    RELEASES.map((name) => {
      const facts: readonly Fact[] = Object.values(FACTS);
      const changes = facts
        .flatMap(({ backports = [] }) => backports)
        .filter((text) => text.startsWith(`${name}.`));
      const stable = [0, ...new Set(changes.map(stableOf))].sort((a, b) => b - a);
      return [name, stable.map((from) => ({ from, version: resolve(name, from) }))];
    }),
  );

/**
 * Finds a version.
 * @param text `6.12`, or with the number of a stable release: `6.12.107`
 * @throws RangeError that lists the known versions, if it is not one of them
 */
export function kernelVersion(text: string): KernelVersion {
  const [, release = ''] = /^(\d+\.\d+)(?:\.\d+)?$/.exec(text) ?? [];
  const version = versions.get(release)?.find(({ from }) => from <= stableOf(text))?.version;
  if (version === undefined) {
    const known = RELEASES.map((name) => (RECORDED[name] === undefined ? `${name} (not recorded)` : name));
    throw new RangeError(
      `FakeKernel: version: no such version of Linux, found '${text}'. Known are ${known.join(', ')}.`,
    );
  }
  return version;
}

/** True if a version has an ioctl or a test operation. Names without a fact exist in all versions. */
export function has(features: Features, name: string): boolean {
  const facts: Readonly<Record<string, boolean>> = features;
  return facts[name] ?? true;
}

/** The facts of the newest version. */
export const NEWEST_FEATURES: Features = kernelVersion(NEWEST).features;
