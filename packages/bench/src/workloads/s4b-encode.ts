import { checkBytes } from '../check.js';
import { comparison, timed } from '../workload.js';
import { bytesOf, KEPT, ONE_STRUCT, STRUCTS, valueOf, VALUES } from './one-struct.js';

export const workload = comparison({
  ...ONE_STRUCT,
  name: 'S4b',
  title: 'S4b: encode a struct into a new buffer',
  module: import.meta.url,
  text: `The same values, each into bytes of its own. Ours is \`encode\`.`,
  start(encode) {
    for (let i = 0; i < VALUES; i++) checkBytes(`value ${i}`, encode(valueOf(i)), bytesOf(i));
    const kept = new Array<Uint8Array>(KEPT).fill(new Uint8Array());
    const goThrough = (): void => {
      for (let i = 0; i < STRUCTS; i++) kept[i % KEPT] = encode(valueOf(i));
    };
    return { run: () => timed(STRUCTS, goThrough) };
  },
});
