/**
 * Decodes the bytes that one `read()` of a vEVENTQ returned: the events, and the number of lost events.
 *
 * Run it with `npm run example decode-veventq`.
 */
import { decodeVevents, smmuv3_event } from '@iommufd/uapi';
import { fromHex } from '@iommufd/uapi/struct';

// Two SMMUv3 events of a queue with room for two, and the mark which reports that further events were lost.
const bytes = fromHex(`
  00000000 00000000  10000000 23010000 00000000 08020000 0020001000000000 0000000000000000
  00000000 01000000  13000000 23010000 00000000 00020000 0030001000000000 0000000000000000
  01000000 05000000`);

for (const record of decodeVevents(smmuv3_event, bytes)) {
  if (record.kind === 'lost') {
    console.log(`${record.lost} events were lost, up to number ${record.sequence}`);
    continue;
  }
  const { sequence, event } = record;
  // TypeScript narrows the event by its number: these two have an InputAddr.
  switch (event.EventNumber) {
    case 0x10:
      console.log(
        `${sequence}: stream ${hex(event.StreamID)} found no translation for ${hex(event.InputAddr)}`,
      );
      break;
    case 0x13:
      console.log(`${sequence}: stream ${hex(event.StreamID)} may not write ${hex(event.InputAddr)}`);
      break;
    default:
      console.log(`${sequence}: event ${hex(event.EventNumber)}`);
  }
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
