/** The paths of the checked-in tapes. */

/** The checked-in tapes of the newest version. */
export const TAPES = {
  kselftest: new URL('../../tapes/kselftest.jsonl.gz', import.meta.url),
  scenarios: new URL('../../tapes/scenarios.jsonl.gz', import.meta.url),
  random: new URL('../../tapes/random.jsonl.gz', import.meta.url),
  gen2: new URL('../../tapes/gen2.jsonl.gz', import.meta.url),
  gen2More: new URL('../../tapes/gen2-more.jsonl.gz', import.meta.url),
  gen2Minimal: new URL('../../tapes/gen2-minimal.jsonl.gz', import.meta.url),
  smmuv3: new URL('../../tapes/smmuv3.jsonl.gz', import.meta.url),
  smmuv3Random: new URL('../../tapes/smmuv3-random.jsonl.gz', import.meta.url),
  vfio: new URL('../../tapes/vfio/vfio.jsonl.gz', import.meta.url),
  recorded: new URL('../../tapes/recorded.jsonl.gz', import.meta.url),
} as const;

const version = (file: string): URL => new URL(`../../tapes/versions/${file}`, import.meta.url);

/** The checked-in tapes of older versions. */
export const VERSION_TAPES = [
  version('7.2.13/kselftest.jsonl.gz'),
  version('7.2.13/scenarios.jsonl.gz'),
  version('7.2.13/random.jsonl.gz'),
  version('7.2.13/gen2.jsonl.gz'),
  version('6.12.107/scenarios.jsonl.gz'),
  version('6.12.107/random.jsonl.gz'),
] as const;
