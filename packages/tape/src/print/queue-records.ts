/** The records that are read from queues and written to them, as text. */
import {
  decodeFaults,
  decodeVevents,
  iommu_hwpt_page_response,
  iommu_hwpt_pgfault,
  iommu_veventq_flag,
  VEVENT_SEQUENCE_MAX,
  type VeventRecord,
} from '@iommufd/uapi';
import { type AnyType, encode, StructError, toHex } from '@iommufd/uapi/struct';
import { bytesText, fields } from './fields.js';
import type { OpenFile } from './open-files.js';
import type { TracedLoss } from './traced-call.js';

const plural = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/** The records of a read as text, and the losses that it reports. */
export interface RecordsRead {
  readonly notes: readonly string[];
  readonly losses: readonly TracedLoss[];
}

/** Runs `work`. If the bytes are not valid records, returns them in hex, with the error. */
function orBytes(bytes: Uint8Array, work: () => RecordsRead): RecordsRead {
  try {
    return work();
  } catch (error) {
    if (error instanceof StructError) return { notes: [`${toHex(bytes)} (${error.message})`], losses: [] };
    throw error;
  }
}

/** The loss that a record reports: empty if no event before it was lost. */
function lossOf({ kind, sequence, lost }: VeventRecord<unknown>): TracedLoss[] {
  if (lost === 0) return [];
  const first = (sequence - lost + (kind === 'lost' ? 1 : 0)) & VEVENT_SEQUENCE_MAX;
  const last = (first + lost - 1) & VEVENT_SEQUENCE_MAX;
  return [{ how: kind === 'lost' ? 'mark' : 'gap', count: lost, first, last }];
}

/** Prints a record of a vEVENTQ, with the loss that it reports. */
function describe(type: AnyType, record: VeventRecord<unknown>): string {
  const { kind, sequence } = record;
  const header = `header {flags=${iommu_veventq_flag.format(record.flags)}, sequence=${sequence}}`;
  const [loss] = lossOf(record);
  const { count = 0, first = 0, last = 0 } = loss ?? {};
  const lost = plural(count, 'event');
  const range = count === 1 ? `number ${first}` : `numbers ${first} to ${last}`;
  if (kind === 'lost') return `${header} without data: the queue was full and lost ${lost}, ${range}`;
  // The event was decoded from bytes of this type.
  const event = fields(type, encode(type, record.event as never));
  const gap = loss === undefined ? '' : `  (the gap in the sequence: ${lost} lost, ${range})`;
  return `${header} event {${event}}${gap}`;
}

/** Prints the records that a read of a file has returned. It remembers the last sequence number of a vEVENTQ. */
export function recordsIn(file: OpenFile, bytes: Uint8Array): RecordsRead {
  return orBytes(bytes, () => {
    if (file.kind === 'faults') {
      const notes = decodeFaults(bytes).map(
        (fault) => `fault {${fields(iommu_hwpt_pgfault, encode(iommu_hwpt_pgfault, fault))}}`,
      );
      return { notes, losses: [] };
    }
    if (file.kind !== 'veventq' || file.type === undefined) return { notes: [bytesText(bytes)], losses: [] };
    const { type, after } = file;
    const records = decodeVevents(type, bytes, after === undefined ? {} : { after });
    const last = records.at(-1);
    if (last !== undefined) file.after = last.sequence;
    return { notes: records.map((record) => describe(type, record)), losses: records.flatMap(lossOf) };
  });
}

/** Prints the responses that were written to a fault queue. */
export function responsesIn(bytes: Uint8Array): string[] {
  const { byteLength } = iommu_hwpt_page_response;
  return Array.from({ length: Math.floor(bytes.length / byteLength) }, (_, i) => {
    const response = bytes.subarray(i * byteLength, (i + 1) * byteLength);
    return `response {${fields(iommu_hwpt_page_response, response)}}`;
  });
}
