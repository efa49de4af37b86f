/** Parses the bytes of reads and writes from their printed records. */

import { iommu_hwpt_page_response, iommu_hwpt_pgfault, iommufd_vevent_header } from '@iommufd/uapi';
import { type AnyType, fromHex } from '@iommufd/uapi/struct';
import type { QueueEvents } from '../print/traced-memory.js';
import { checkedBytes } from './fields.js';

const RECORD = /^header \{([^{}]*)\}(?: event \{([^{}]*)\}(?: {2}\(.*\))?| without data: .*)$/;
const FAULT = /^fault \{([^{}]*)\}$/;
const RESPONSE = /^response \{([^{}]*)\}$/;
const HEX = /^(?:[0-9a-f]{2})+$/;

const whole = (type: AnyType, text: string): Uint8Array => checkedBytes(type, type.byteLength, text);

/**
 * Parses the bytes that a read returned.
 * @param events the records of the queue, if the file is one
 * @returns undefined if the text does not have all of them
 */
export function bytesReadIn(
  notes: readonly string[],
  ret: number,
  events: QueueEvents,
): Uint8Array | undefined {
  if (ret <= 0) return new Uint8Array();
  const parts = notes.flatMap((note) => {
    const [, header, event] = RECORD.exec(note) ?? [];
    const [, fault] = FAULT.exec(note) ?? [];
    if (fault !== undefined) return [whole(iommu_hwpt_pgfault, fault)];
    if (header === undefined) return HEX.test(note) ? [fromHex(note)] : [];
    const mark = whole(iommufd_vevent_header, header);
    if (event === undefined) return [mark];
    return events === undefined || events === 'faults' ? [] : [mark, whole(events, event)];
  });
  const bytes = joined(parts);
  return bytes.length === ret ? bytes : undefined;
}

/** Parses the bytes that a call wrote. If the text does not have all of them, returns the first ones. */
export function bytesWrittenIn(notes: readonly string[]): Uint8Array {
  const parts = notes.flatMap((note) => {
    const [, response] = RESPONSE.exec(note) ?? [];
    if (response !== undefined) return [whole(iommu_hwpt_page_response, response)];
    return HEX.test(note) ? [fromHex(note)] : [];
  });
  return joined(parts);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
