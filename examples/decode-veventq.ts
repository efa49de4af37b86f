/**
 * Decodes what one `read()` of a vEVENTQ returned: the events, and how many were lost.
 *
 * Run it with `npx tsx --conditions=iommufd-source examples/decode-veventq.ts`, or without the option in a
 * project that has `@iommufd/uapi` installed.
 */
import { decodeVevents, fromHex, smmuv3_event } from '@iommufd/uapi';

// Two SMMUv3 events of a queue with room for two, and the mark that says that more came.
const bytes = fromHex(`
  00000000 00000000  10000000 23010000 00000000 08020000 0020001000000000 0000000000000000
  00000000 01000000  13000000 23010000 00000000 00020000 0030001000000000 0000000000000000
  01000000 05000000`);

export function describe(): string[] {
  return decodeVevents(smmuv3_event, bytes).map((record) => {
    if (record.kind === 'lost') return `${record.lost} events were lost, up to number ${record.sequence}`;
    const { sequence, event } = record;
    switch (event.EventNumber) {
      // The number tells which fields there are: the compiler knows that these two have an address.
      case 0x10:
        return `${sequence}: stream 0x${event.StreamID.toString(16)} found nothing at 0x${event.InputAddr.toString(16)}`;
      case 0x13:
        return `${sequence}: stream 0x${event.StreamID.toString(16)} may not ${event.RnW ? 'read' : 'write'} 0x${event.InputAddr.toString(16)}`;
      default:
        return `${sequence}: event 0x${event.EventNumber.toString(16)}`;
    }
  });
}

for (const line of describe()) console.log(line);
