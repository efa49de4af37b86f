/** Limits on ratios: `pnpm bench:smoke` checks times, and `npm test` checks steps. */
import { nameOf } from './workloads/k2-map-and-unmap.js';
import { MOCK_EVENTS, SMMU_EVENTS } from './workloads/k3-events.js';
import { few } from './workloads/k5-dirty-bitmap.js';

/** A limit on the cost of an operation of `of` relative to `to`. */
export interface Held {
  readonly workload: string;
  readonly of: string;
  readonly to: string;
  /** Largest allowed ratio of times. Default: {@link MOST}. */
  readonly most?: number;
  /** Largest allowed ratio of steps. Default: the limit on times. */
  readonly mostSteps?: number;
}

/** The default limit. Its ratios are from 1 to 3: noise does not raise them to 10, and a tenfold slowdown does. */
export const MOST = 10;

const OURS = '@iommufd/uapi';
const CHECKED = 'DataView, two u32, same checks';
const BY_HAND = 'DataView, two u32';
const [smallest, larger] = few.map(({ name }) => name);

export const held: readonly Held[] = [
  { workload: 'W1a', of: OURS, to: CHECKED },
  { workload: 'W1b', of: OURS, to: CHECKED },
  { workload: 'W2', of: OURS, to: BY_HAND },
  // The codec checks a value's property names one by one, which costs steps; code by hand checks none.
  { workload: 'W3', of: OURS, to: BY_HAND, mostSteps: 30 },
  // A complete object of each event takes some ten times as long as two of its fields in place.
  { workload: 'S2', of: OURS, to: `${OURS}, in place`, most: 60 },
  { workload: 'S4a', of: OURS, to: 'DataView, one for all', mostSteps: 40 },
  // A fault of the SMMU takes some ten times as long as an event of the mock device.
  { workload: 'K3', of: SMMU_EVENTS, to: MOCK_EVENTS, most: 60 },
  { workload: 'K2', of: nameOf(10_000, 'fixed'), to: nameOf(100, 'fixed') },
  { workload: 'K5', of: larger ?? '', to: smallest ?? '' },
];
