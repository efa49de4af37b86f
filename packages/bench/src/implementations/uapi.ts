import {
  decode,
  decodeVevents,
  encode,
  encodeArray,
  encodeInto,
  iommu_hwpt_invalidate,
  smmuv3_command,
  smmuv3_event,
  veventCursor,
} from '@iommufd/uapi';
import type { Implementation, Implementations, OtherForm } from '../implementation.js';
import type { EventFields } from '../data/events.js';
import { versionOf } from '../version-of.js';

const name = '@iommufd/uapi';
const version = versionOf(name);
const module = import.meta.url;
const LENIENT = { lenient: true };

/** The same loop for the strict cursor and the lenient one, which must not be one function: each sees one class. */
const decodeEvents: Implementations['W1a'] = (bytes) => {
  const events: EventFields[] = [];
  const cursor = veventCursor(smmuv3_event, bytes);
  for (let at = 0, end = 0; at < bytes.length; at = end) {
    end = cursor.moveTo(at);
    if (cursor.isLost) continue;
    events.push({
      sequence: cursor.sequence,
      flags: cursor.flags,
      EventNumber: cursor.EventNumber,
      SSV: cursor.SSV,
      SubstreamID: cursor.SubstreamID,
      StreamID: cursor.StreamID,
      InputAddr: cursor.InputAddr,
    });
  }
  return events;
};

const decodeEventsLenient: Implementations['W1a'] = (bytes) => {
  const events: EventFields[] = [];
  const cursor = veventCursor(smmuv3_event, bytes, LENIENT);
  for (let at = 0, end = 0; at < bytes.length; at = end) {
    end = cursor.moveTo(at);
    if (cursor.isLost) continue;
    events.push({
      sequence: cursor.sequence,
      flags: cursor.flags,
      EventNumber: cursor.EventNumber,
      SSV: cursor.SSV,
      SubstreamID: cursor.SubstreamID,
      StreamID: cursor.StreamID,
      InputAddr: cursor.InputAddr,
    });
  }
  return events;
};

const addEvents: Implementations['W1b'] = (bytes) => {
  let sum = 0;
  const cursor = veventCursor(smmuv3_event, bytes);
  for (let at = 0, end = 0; at < bytes.length; at = end) {
    end = cursor.moveTo(at);
    if (cursor.isLost) continue;
    sum = (sum + cursor.sequence) | 0;
    sum = (sum + cursor.flags) | 0;
    sum = (sum + cursor.EventNumber) | 0;
    sum = (sum + cursor.SSV) | 0;
    sum = (sum + cursor.SubstreamID) | 0;
    sum = (sum + cursor.StreamID) | 0;
    sum = (sum + cursor.InputAddr_lo) | 0;
    sum = (sum + cursor.InputAddr_hi) | 0;
  }
  return sum >>> 0;
};

const addEventsLenient: Implementations['W1b'] = (bytes) => {
  let sum = 0;
  const cursor = veventCursor(smmuv3_event, bytes, LENIENT);
  for (let at = 0, end = 0; at < bytes.length; at = end) {
    end = cursor.moveTo(at);
    if (cursor.isLost) continue;
    sum = (sum + cursor.sequence) | 0;
    sum = (sum + cursor.flags) | 0;
    sum = (sum + cursor.EventNumber) | 0;
    sum = (sum + cursor.SSV) | 0;
    sum = (sum + cursor.SubstreamID) | 0;
    sum = (sum + cursor.StreamID) | 0;
    sum = (sum + cursor.InputAddr_lo) | 0;
    sum = (sum + cursor.InputAddr_hi) | 0;
  }
  return sum >>> 0;
};

/** By way of complete objects, with every field that the event's form has. */
const decodeEventsWhole: Implementations['W1a'] = (bytes) => {
  const events: EventFields[] = [];
  for (const record of decodeVevents(smmuv3_event, bytes)) {
    if (record.kind === 'lost') continue;
    const { sequence, flags, event } = record;
    if (!('SSV' in event)) throw new TypeError('an event without the fields that are wanted');
    const { EventNumber, SSV, SubstreamID, StreamID } = event;
    const InputAddr = 'InputAddr' in event ? event.InputAddr : 0n;
    events.push({ sequence, flags, EventNumber, SSV, SubstreamID, StreamID, InputAddr });
  }
  return events;
};

/** Two fields of complete objects, which is what most programs read of an event. */
const addTwoOfWhole: Implementations['S2'] = (bytes) => {
  let sum = 0;
  for (const record of decodeVevents(smmuv3_event, bytes)) {
    if (record.kind === 'lost') continue;
    const { event } = record;
    if (!('StreamID' in event)) throw new TypeError('an event without the fields that are wanted');
    sum = (sum + event.EventNumber + event.StreamID) | 0;
  }
  return sum >>> 0;
};

const addTwoInPlace: Implementations['S2'] = (bytes) => {
  let sum = 0;
  const cursor = veventCursor(smmuv3_event, bytes);
  for (let at = 0, end = 0; at < bytes.length; at = end) {
    end = cursor.moveTo(at);
    if (!cursor.isLost) sum = (sum + cursor.EventNumber + cursor.StreamID) | 0;
  }
  return sum >>> 0;
};

const ours: Implementation = {
  form: 'main',
  name,
  version,
  module,
  kind: 'ours',
  workloads: {
    W1a: decodeEvents,
    W1b: addEvents,
    W2: (commands) => encodeArray(smmuv3_command, commands),
    W3: {
      encode: (value) => encode(iommu_hwpt_invalidate, value),
      decode: (bytes) => decode(iommu_hwpt_invalidate, bytes),
    },
    S2: addTwoOfWhole,
    S4a: (buffer) => (value) => encodeInto(iommu_hwpt_invalidate, value, buffer),
    S4b: (value) => encode(iommu_hwpt_invalidate, value),
    S4c: (bytes) => () => decode(iommu_hwpt_invalidate, bytes),
  },
};

const inPlace: OtherForm = {
  form: 'other',
  name: `${name}, in place`,
  version,
  module,
  kind: 'ours',
  note: '`veventCursor`, which creates no object for an event',
  workloads: { S2: addTwoInPlace },
};

const lenient: OtherForm = {
  form: 'other',
  name: `${name}, reserved bits unchecked`,
  version,
  module,
  kind: 'ours',
  note: 'the option `lenient`, which accepts what newer hardware or a newer kernel puts into reserved bits',
  workloads: {
    W1a: decodeEventsLenient,
    W1b: addEventsLenient,
    W3: {
      encode: (value) => encode(iommu_hwpt_invalidate, value),
      decode: (bytes) => decode(iommu_hwpt_invalidate, bytes, LENIENT),
    },
  },
};

const whole: OtherForm = {
  form: 'other',
  name: `${name}, decodeVevents`,
  version,
  module,
  kind: 'ours',
  note: 'creates a complete object of up to 20 fields for each event, of which the workload reads seven',
  workloads: { W1a: decodeEventsWhole },
};

export const implementations = [ours, lenient, whole, inPlace];
