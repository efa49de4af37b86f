import { checkSame } from '../check.js';
import { eventBytes, eventFields, primeWith, RECORDS } from '../data/events.js';
import { comparison, timed, WrongResult } from '../workload.js';

export const workload = comparison({
  name: 'W1a',
  title: 'W1a: decode events',
  operation: 'record',
  unit: 'ns',
  module: import.meta.url,
  comparedTo: ['DataView, two u32, same checks', 'DataView, two u32'],
  goals: [
    { kind: 'speed', of: '@iommufd/uapi', to: 'DataView, two u32', atLeast: 0.8 },
    { kind: 'speed', of: '@iommufd/uapi', to: 'DataView, two u32, same checks', atLeast: 0.8 },
    { kind: 'libraries', of: '@iommufd/uapi', atLeast: 1 },
  ],
  text: `A vEVENTQ's buffer of 65,536 records, each a header and a 256-bit SMMUv3 event, is decoded to one object a record:
sequence, flags, event number, SSV, SubstreamID, StreamID, and the input address as a bigint. Eleven types of event come in
any order, two of them without an input address, and all fields have values over their whole ranges. Ours is a loop over
\`veventCursor\`, which checks every record.`,
  input: eventBytes,
  start(decode, input = eventBytes()) {
    primeWith(decode, input);
    const events = decode(input);
    if (events.length !== RECORDS) throw new WrongResult(`${events.length} records, and not ${RECORDS}`);
    let i = 0;
    for (const expected of eventFields()) checkSame(`record ${i}`, events[i++], expected);
    let kept: readonly unknown[] = [];
    return {
      run: () => {
        const pass = timed(RECORDS, () => {
          kept = decode(input);
        });
        if (kept.length !== RECORDS) throw new WrongResult(`${kept.length} records`);
        // Garbage of this pass does not survive to the next one.
        kept = [];
        return pass;
      },
    };
  },
});
