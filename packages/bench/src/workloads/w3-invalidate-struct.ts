import { checkBytes, checkSame } from '../check.js';
import {
  expectedBytes,
  INVALIDATION_BYTES,
  type Invalidation,
  INVALIDATIONS,
  invalidations,
} from '../data/invalidations.js';
import { comparison, timed } from '../workload.js';

/** Number of passes over all values in one measurement, so that it has as many operations as other workloads. */
const ROUNDS = 16;
/** The last results are kept, so that no engine removes an unused result. */
const KEPT = 64;

export const workload = comparison({
  name: 'W3',
  title: 'W3: a struct there and back',
  operation: 'struct, encoded and decoded',
  unit: 'ns',
  module: import.meta.url,
  comparedTo: ['DataView, two u32'],
  goals: [
    { kind: 'speed', of: '@iommufd/uapi', to: 'DataView, two u32', atLeast: 0.5 },
    { kind: 'libraries', of: '@iommufd/uapi', atLeast: 1 },
  ],
  text: `A struct iommu_hwpt_invalidate of 32 bytes, one of 4,096 different ones, is encoded from an object to bytes of its own, and
those are decoded to a new object. Ours is \`encode\` and \`decode\` with all checks.`,
  input: () => undefined,
  start({ encode, decode }) {
    const values = invalidations();
    const expected = expectedBytes(values);
    for (const [i, value] of values.entries()) {
      const at = i * INVALIDATION_BYTES;
      const bytes = encode(value);
      checkBytes(`value ${i}`, bytes, expected.subarray(at, at + INVALIDATION_BYTES));
      checkSame(`value ${i}`, decode(bytes), value);
    }
    const bytesKept = new Array<Uint8Array>(KEPT).fill(new Uint8Array());
    const valuesKept = new Array<Invalidation | undefined>(KEPT).fill(undefined);
    const goThrough = (): void => {
      let i = 0;
      for (const value of values) {
        const bytes = encode(value);
        bytesKept[i] = bytes;
        valuesKept[i] = decode(bytes);
        i = (i + 1) % KEPT;
      }
    };
    return {
      run: () =>
        timed(ROUNDS * INVALIDATIONS, () => {
          for (let round = 0; round < ROUNDS; round++) goThrough();
        }),
    };
  },
});
