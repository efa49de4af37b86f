import { checkBytes } from '../check.js';
import { INVALIDATION_BYTES } from '../data/invalidations.js';
import { comparison, timed } from '../workload.js';
import { bytesOf, ONE_STRUCT, STRUCTS, valueOf, VALUES } from './one-struct.js';

/** Size of the buffer in bytes: it also has room for other arguments of the program. */
const BUFFER = 2 * INVALIDATION_BYTES;

export const workload = comparison({
  ...ONE_STRUCT,
  name: 'S4a',
  title: 'S4a: encode a struct into one buffer',
  module: import.meta.url,
  text: `A struct iommu_hwpt_invalidate of 32 bytes, sixteen values in turn, is encoded into the same buffer. Ours is \`encodeInto\`,
which checks every field. Code by hand keeps its DataView, and checks nothing.`,
  start(encoderInto) {
    const buffer = new Uint8Array(BUFFER);
    const encode = encoderInto(buffer);
    for (let i = 0; i < VALUES; i++) {
      encode(valueOf(i));
      checkBytes(`value ${i}`, buffer.subarray(0, INVALIDATION_BYTES), bytesOf(i));
    }
    const goThrough = (): void => {
      for (let i = 0; i < STRUCTS; i++) encode(valueOf(i));
    };
    return { run: () => timed(STRUCTS, goThrough) };
  },
});
