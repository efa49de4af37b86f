import { checkSame } from '../check.js';
import { INVALIDATION_BYTES, type Invalidation } from '../data/invalidations.js';
import { comparison, timed } from '../workload.js';
import { bytesOf, KEPT, ONE_STRUCT, STRUCTS, valueOf, VALUES } from './one-struct.js';

export const workload = comparison({
  ...ONE_STRUCT,
  name: 'S4c',
  title: 'S4c: decode a struct from one buffer',
  module: import.meta.url,
  text: `The same struct from one buffer to a new object. Ours is \`decode\`, which checks the length and the reserved fields.`,
  start(decoderOf) {
    const buffer = new Uint8Array(new ArrayBuffer(INVALIDATION_BYTES));
    const decode = decoderOf(buffer);
    for (let i = 0; i < VALUES; i++) {
      buffer.set(bytesOf(i));
      checkSame(`value ${i}`, decode(), valueOf(i));
    }
    const kept = new Array<Invalidation | undefined>(KEPT).fill(undefined);
    const goThrough = (): void => {
      for (let i = 0; i < STRUCTS; i++) kept[i % KEPT] = decode();
    };
    return { run: () => timed(STRUCTS, goThrough) };
  },
});
