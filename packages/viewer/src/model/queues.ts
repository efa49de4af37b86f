/**
 * Queues over time. From what the kernel held after each call: of an event queue what came, what was dropped and why; of a fault queue
 * the groups that wait, and since when. From what was read: which losses a reader was shown, by a mark or by a gap in the sequence.
 */
import type { InspectedFaultGroup } from '@iommufd/fakekernel/inspect';
import type { TracedCall, TracedLoss } from '@iommufd/tape/browser';
import { VEVENT_SEQUENCE_MAX } from '@iommufd/uapi';
import type { History, ObjectEntity } from './history.js';
import type { Row } from './timeline.js';

/** How a queue stood after a call that changed it. */
export interface QueuePoint {
  readonly call: number;
  /** Events, or groups, that wait to be read. */
  readonly waiting: number;
  /** All that have come. */
  readonly came: number;
  readonly read: number;
  readonly lost: number;
  /** Of a fault queue: groups that were read and not answered. */
  readonly open: number;
  readonly hasMark: boolean;
}

/** A group of page requests that has not been answered. */
export interface OpenGroup extends InspectedFaultGroup {
  /** The call after which it was there first. */
  readonly since: number;
}

/** Events that a queue dropped. */
export interface Drop {
  /** The call in which they came. */
  readonly call: number;
  readonly count: number;
  /** Their sequence numbers, of 31 bits. */
  readonly first: number;
  readonly last: number;
  /** Events that waited then. */
  readonly waiting: number;
  /** The queue had room, so that there was no memory for the event; otherwise it was full. */
  readonly hadRoom: boolean;
}

/** A loss that a read showed its caller. */
export interface ToldLoss extends TracedLoss {
  readonly call: number;
}

/** What a loss was, and how it was shown: a drop of the queue, and the read that says so, as far as there is one. */
export interface Loss extends Drop {
  readonly told: ToldLoss | undefined;
}

/** What the reads of a queue's file say, whether or not its tape can be played. */
export interface QueueReads {
  /** The name of the file: `veventq 7`. */
  readonly file: string;
  readonly context: number;
  readonly told: readonly ToldLoss[];
}

/** A queue, from its first call to its last. */
export interface QueueSeries {
  readonly key: string;
  readonly context: number;
  readonly id: number;
  readonly kind: 'veventq' | 'fault';
  /** Events that it has room for; undefined for a fault queue, which has no limit. */
  readonly depth: number | undefined;
  readonly from: number;
  /** The call that ended it. */
  readonly end: number | undefined;
  readonly points: readonly QueuePoint[];
  /** Events that it dropped, in the order of the calls. */
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
    // A group that is read becomes open; one that is answered goes.
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

/** Events that have come since there were so many, dropped ones included: each gets the next sequence number, of 31 bits. */
const arrivedSince = ({ next }: Extract<Queue, { readonly kind: 'veventq' }>, came: number): number =>
  (next - (came & VEVENT_SEQUENCE_MAX)) & VEVENT_SEQUENCE_MAX;

/** What a queue dropped in the call of a point. The last that came are dropped: once it is full nothing fits before a read. */
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

/** What reads of vEVENTQs say of losses. @param contextAt the context that a call is about; 0 where it is not known */
export function queueReads(
  rows: readonly Row[],
  calls: readonly (TracedCall | undefined)[],
  contextAt: (index: number) => number,
): QueueReads[] {
  const all = new Map<string, QueueReads & { readonly told: ToldLoss[] }>();
  for (const { index, file } of rows) {
    const losses = calls[index]?.losses;
    if (losses === undefined) continue;
    const context = contextAt(index);
    const key = `${context} ${file}`;
    let found = all.get(key);
    if (found === undefined) all.set(key, (found = { file, context, told: [] }));
    found.told.push(...losses.map((loss) => ({ ...loss, call: index })));
  }
  return [...all.values()];
}

/** All queues that there have been. @param reads of their files */
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
    const told = toldOf(series, reads);
    const losses = drops.map((drop) => ({ ...drop, told: told.find((each) => covers(each, drop)) }));
    return { ...series, losses };
  });
}

/** A series that is not complete yet. */
type Growing = Omit<QueueSeries, 'losses'> & {
  readonly points: QueuePoint[];
  readonly drops: Drop[];
  end: number | undefined;
};

/** The reads of a queue: of its file, while there was no other of its number. */
function toldOf(
  { kind, id, context, from, end = Infinity }: Omit<QueueSeries, 'losses'>,
  reads: readonly QueueReads[],
): ToldLoss[] {
  return reads
    .filter((each) => each.file === `${kind} ${id}` && each.context === context)
    .flatMap(({ told }) => told.filter(({ call }) => call >= from && call <= end));
}

/** Does a read say that the last event of a drop was lost? Numbers wrap. */
const covers = ({ call, first, last }: ToldLoss, drop: Drop): boolean =>
  call >= drop.call && ((drop.last - first) & VEVENT_SEQUENCE_MAX) <= ((last - first) & VEVENT_SEQUENCE_MAX);

/** The groups of a fault queue after a call, each with the call since which it is there. */
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
