import { checksumOf, eventBytes, eventFields, primeWith, RECORDS } from '../data/events.js';
import { comparison, timed, WrongResult } from '../workload.js';

export const workload = comparison({
  name: 'W1b',
  title: 'W1b: visit events in place',
  operation: 'record',
  unit: 'ns',
  module: import.meta.url,
  comparedTo: ['DataView, two u32, same checks', 'DataView, two u32'],
  goals: [
    { kind: 'speed', of: '@iommufd/uapi', to: 'DataView, two u32', atLeast: 0.5 },
    { kind: 'speed', of: '@iommufd/uapi', to: 'DataView, two u32, same checks', atLeast: 0.8 },
    { kind: 'libraries', of: '@iommufd/uapi', atLeast: 8 },
  ],
  text: `The same buffer, visited in place: the same fields, the input address as its two halves, are added up to a checksum, and
nothing is kept.`,
  input: eventBytes,
  start(add, input = eventBytes()) {
    primeWith(add, input);
    const expected = checksumOf(eventFields());
    const check = (): void => {
      const sum = add(input);
      if (sum !== expected) throw new WrongResult(`the checksum is ${sum}, and not ${expected}`);
    };
    check();
    return { run: () => timed(RECORDS, check) };
  },
});
