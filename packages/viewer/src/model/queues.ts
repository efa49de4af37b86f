/**
 * Queues over time. From the kernel's state after each call it computes, for an event queue, the events that arrived
 * and were dropped and why; for a fault queue, the waiting groups and since when. From the reads it finds the losses
 * that were reported to the reader, by a mark or by a gap in the sequence.
 */
import type { InspectedFaultGroup } from '@iommufd/fakekernel/inspect';
import type { TracedCall, TracedLoss } from '@iommufd/tape/browser';
import { VEVENT_SEQUENCE_MAX } from '@iommufd/uapi';
import type { History, ObjectEntity } from './history.js';
import type { Row } from './timeline.js';

/** The state of a queue after a call that changed it. */
export interface QueuePoint {
  readonly call: number;
  /** Number of events, or groups, that wait to be read. */
  readonly waiting: number;
  /** Number of all that have arrived. */
  readonly came: number;
  readonly read: number;
  readonly lost: number;
  /** For a fault queue: number of groups that were read and have no response yet. */
  readonly open: number;
  readonly hasMark: boolean;
}

/** A group of page requests without a response. */
export interface OpenGroup extends InspectedFaultGroup {
  /** The call after which it first existed. */
  readonly since: number;
}

/** Events that a queue dropped. */
export interface Drop {
  /** The call in which they arrived. */
  readonly call: number;
  readonly count: number;
  /** Their sequence numbers, of 31 bits. */
  readonly first: number;
  readonly last: number;
  /** Number of events that waited then. */
  readonly waiting: number;
  /** True if the queue had room, so that an allocation for the event failed; false if the queue was full. */
  readonly hadRoom: boolean;
}

/** A loss that a read reported to its caller. */
export interface ReportedLoss extends TracedLoss {
  readonly call: number;
}

/** A drop of the queue, and the read that reported it, if there is one. */
export interface Loss extends Drop {
  readonly reported: ReportedLoss | undefined;
}

/** The losses that the reads of a queue's file report, also if the tape cannot be replayed. */
export interface QueueReads {
  /** The name of the file: `veventq 7`. */
  readonly file: string;
  readonly context: number;
  readonly reported: readonly ReportedLoss[];
}

/** A queue, from its first call to its last. */
export interface QueueSeries {
  readonly key: string;
  readonly context: number;
  readonly id: number;
  readonly kind: 'veventq' | 'fault';
  /** Maximum number of queued events; undefined for a fault queue, which has no limit. */
  readonly depth: number | undefined;
  readonly from: number;
  /** The call that destroyed it. */
  readonly end: number | undefined;
  readonly points: readonly QueuePoint[];
  /** Its drops, in the order of the calls. */
  readonly losses: readonly Loss[];
}

type Queue = Extract<ObjectEntity, { readonly kind: 'veventq' | 'fault' }>;

const isQueue = (object: ObjectEntity): object is Queue =>
  object.kind === 'veventq' || object.kind === 'fault';

function pointOf(queue: Queue, call: number, before: QueuePoint | undefined): QueuePoint {
  if (queue.kind === 'fault') {
    const waiting = queue.groups.filter(({ cookie }) => cookie === undefined).length;
    const open = queue.groups.length - waiting;
    const was = before ?? { waiting: 0, open: 0, came: 0, read: 0 };
    // A group that is read becomes open; a group with a response is removed.
    const read = was.read + Math.max(0, open - was.open);
    const came = was.came + Math.max(0, queue.groups.length - was.waiting - was.open);
    return { call, waiting, open, came, read, lost: 0, hasMark: false };
  }
  const was = before ?? { waiting: 0, came: 0, read: 0, lost: 0 };
  const { count, hasMark } = queue;
  const arrived = arrivedSince(queue, was.came);
  const came = was.came + arrived;
  // A call either brings events or reads them.
  const read = was.read + (arrived === 0 ? Math.max(0, was.waiting - count) : 0);
  const lost = was.lost + (arrived === 0 ? 0 : arrived - (count - was.waiting));
  return { call, waiting: count, came, read, lost, open: 0, hasMark };
}

/** Number of events that have arrived since there were `came`, including dropped ones: each gets the next 31-bit number. */
const arrivedSince = ({ next }: Extract<Queue, { readonly kind: 'veventq' }>, came: number): number =>
  (next - (came & VEVENT_SEQUENCE_MAX)) & VEVENT_SEQUENCE_MAX;

/** The drop of a queue in the call of a point. The last arrivals are dropped: a full queue accepts nothing before a read. */
function dropOf(
  { call, lost, came, waiting }: QueuePoint,
  before: QueuePoint | undefined,
  depth: number,
): Drop[] {
  const count = lost - (before?.lost ?? 0);
  if (count <= 0) return [];
  const last = (came - 1) & VEVENT_SEQUENCE_MAX;
  const first = (came - count) & VEVENT_SEQUENCE_MAX;
  return [{ call, count, first, last, waiting, hadRoom: waiting < depth }];
}

/** The losses that reads of vEVENTQs report. @param contextAt returns the context of a call; 0 if unknown */
export function queueReads(
  rows: readonly Row[],
  calls: readonly (TracedCall | undefined)[],
  contextAt: (index: number) => number,
): QueueReads[] {
  const all = new Map<string, QueueReads & { readonly reported: ReportedLoss[] }>();
  for (const { index, file } of rows) {
    const losses = calls[index]?.losses;
    if (losses === undefined) continue;
    const context = contextAt(index);
    const key = `${context} ${file}`;
    let found = all.get(key);
    if (found === undefined) all.set(key, (found = { file, context, reported: [] }));
    found.reported.push(...losses.map((loss) => ({ ...loss, call: index })));
  }
  return [...all.values()];
}

/** All queues that have existed. @param reads the reads of their files */
export function queueSeries(history: History, reads: readonly QueueReads[]): QueueSeries[] {
  const all: Growing[] = [];
  for (const key of history.keys()) {
    let series: Growing | undefined;
    for (const { call, value } of history.life(key)) {
      if (value?.entity !== 'object' || !isQueue(value)) {
        if (series !== undefined) series.end = call;
        series = undefined;
        continue;
      }
      const { context, id, kind } = value;
      const depth = value.kind === 'veventq' ? value.depth : undefined;
      if (series === undefined) {
        series = { key, context, id, kind, depth, from: call, end: undefined, points: [], drops: [] };
        all.push(series);
      }
      const before = series.points.at(-1);
      const point = pointOf(value, call, before);
      series.points.push(point);
      if (depth !== undefined) series.drops.push(...dropOf(point, before, depth));
    }
  }
  return all.map(({ drops, ...series }) => {
    const reported = reportedOf(series, reads);
    const losses = drops.map((drop) => ({ ...drop, reported: reported.find((each) => covers(each, drop)) }));
    return { ...series, losses };
  });
}

/** A series that is still being built. */
type Growing = Omit<QueueSeries, 'losses'> & {
  readonly points: QueuePoint[];
  readonly drops: Drop[];
  end: number | undefined;
};

/** The losses that the reads of a queue's file report, up to the next queue with the same id. */
function reportedOf(
  { kind, id, context, from, end = Infinity }: Omit<QueueSeries, 'losses'>,
  reads: readonly QueueReads[],
): ReportedLoss[] {
  return reads
    .filter((each) => each.file === `${kind} ${id}` && each.context === context)
    .flatMap(({ reported }) => reported.filter(({ call }) => call >= from && call <= end));
}

/** True if a read reports the loss of the last event of a drop. Sequence numbers wrap. */
const covers = ({ call, first, last }: ReportedLoss, drop: Drop): boolean =>
  call >= drop.call && ((drop.last - first) & VEVENT_SEQUENCE_MAX) <= ((last - first) & VEVENT_SEQUENCE_MAX);

/** The groups of a fault queue after a call, each with the call after which it first existed. */
export function openGroups(history: History, key: string, call: number): OpenGroup[] {
  const sameGroup = (a: InspectedFaultGroup, b: InspectedFaultGroup): boolean =>
    a.group === b.group && a.pasid === b.pasid && String(a.addresses) === String(b.addresses);
  const found = history.find(key, call);
  if (found?.entity !== 'object' || found.kind !== 'fault') return [];
  return found.groups.map((group) => {
    let since = call;
    for (const { call: at, value } of history
      .life(key)
      .filter((each) => each.call <= call)
      .reverse()) {
      const isThere =
        value?.entity === 'object' &&
        value.kind === 'fault' &&
        value.groups.some((other) => sameGroup(group, other));
      if (!isThere) break;
      since = at;
    }
    return { ...group, since };
  });
}

/** The queues up to a call. */
export interface Queues {
  readonly series: readonly QueueSeries[];
  /** For a tape that is not replayed: the losses that its reads report. */
  readonly reads: readonly QueueReads[];
  /** By the key of the fault queue. */
  readonly open: readonly { readonly key: string; readonly groups: readonly OpenGroup[] }[];
}

/** All queues, and the open groups after a call. @param contextAt returns the context of a call */
export function queuesAt(
  {
    history,
    rows,
    calls,
  }: {
    readonly history: History;
    readonly rows: readonly Row[];
    readonly calls: readonly (TracedCall | undefined)[];
  },
  contextAt: (call: number) => number,
  index: number,
): Queues {
  const reads = queueReads(rows, calls, contextAt);
  const series = queueSeries(history, reads);
  const open = series
    .filter(({ kind }) => kind === 'fault')
    .map(({ key }) => ({ key, groups: openGroups(history, key, index) }));
  // For a tape that is not replayed, the losses that its reads report are all that is known.
  return { series, open, reads: series.length > 0 ? [] : reads };
}
