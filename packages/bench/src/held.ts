/** What `pnpm bench:smoke` holds of time, and `npm test` of steps. */
import { nameOf } from './workloads/k2-map-and-unmap.js';
import { few } from './workloads/k5-dirty-bitmap.js';

/** A ratio that is held: what an operation of one costs, where that of the other is 1. */
export interface Held {
  readonly workload: string;
  readonly of: string;
  readonly to: string;
}

/** No ratio may be larger. All are from 1 to 3: noise of time does not make that 10, and a tenfold loss does. */
export const MOST = 10;

const OURS = '@iommufd/uapi';
const CHECKED = 'DataView, two u32, same checks';
const BY_HAND = 'DataView, two u32';
const [smallest, larger] = few.map(({ name }) => name);

export const held: readonly Held[] = [
  { workload: 'W1a', of: OURS, to: CHECKED },
  { workload: 'W1b', of: OURS, to: CHECKED },
  { workload: 'W2', of: OURS, to: BY_HAND },
  { workload: 'W3', of: OURS, to: BY_HAND },
  { workload: 'K2', of: nameOf(10_000, 'fixed'), to: nameOf(100, 'fixed') },
  { workload: 'K5', of: larger ?? '', to: smallest ?? '' },
];
