import { eventBytes, eventFields, primeWith, READ_BYTES, RECORDS } from '../data/events.js';
import { comparison, timed, WrongResult } from '../workload.js';

/** The result of every implementation: the sum of two fields of every event, modulo 2^32. */
function expectedSum(): number {
  let sum = 0;
  for (const { EventNumber, StreamID } of eventFields()) sum = (sum + EventNumber + StreamID) >>> 0;
  return sum;
}

export const workload = comparison({
  name: 'S2',
  title: 'S2: two fields of whole events',
  operation: 'record',
  unit: 'ns',
  module: import.meta.url,
  comparedTo: ['DataView, two u32'],
  goals: [{ kind: 'speed', of: '@iommufd/uapi', to: '@iommufd/uapi, in place', atLeast: 0.5 }],
  text: `The events of W1, in reads of 1,024 records as a queue returns them. The number and the StreamID of each event are read. Ours is
\`decodeVevents\`, which creates a complete object of up to 20 fields for every event; the cursor reads in place and creates no object.`,
  input: eventBytes,
  start(add, input = eventBytes()) {
    primeWith(add, input);
    const reads: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < input.length; at += READ_BYTES) reads.push(input.subarray(at, at + READ_BYTES));
    const expected = expectedSum();
    const check = (): void => {
      let sum = 0;
      for (const bytes of reads) sum = (sum + add(bytes)) >>> 0;
      if (sum !== expected) throw new WrongResult(`the sum is ${sum}, and not ${expected}`);
    };
    check();
    return { run: () => timed(RECORDS, check) };
  },
});
