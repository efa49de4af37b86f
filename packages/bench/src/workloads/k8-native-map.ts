import type { CaseWorkload } from '../workload.js';
import { intercepted, notified } from './native.js';

const PAIR = 'map and unmap of 1 MiB';
const BARE = 'a notification that is answered at once';

export const workload: CaseWorkload = {
  kind: 'cases',
  name: 'K8',
  title: 'K8: mapping memory of a native program',
  operation: 'pair',
  unit: 'us',
  module: import.meta.url,
  goals: [{ kind: 'growth', of: PAIR, from: BARE, below: 8 }],
  text: `IOMMU_IOAS_MAP and IOMMU_IOAS_UNMAP of 1 MiB of private memory, in an IOAS with a page table of the mock driver, so that all pages are
pinned. The baseline is the notification of K6.`,
  cases: [
    { name: PAIR, kind: 'ours', start: intercepted('map') },
    { name: BARE, kind: 'baseline', start: notified },
  ],
};
