/**
 * Queues over time, from what the kernel held after each call: of an event queue what came, what was read, what was lost; of a fault
 * queue the groups that wait, and since when.
 */
import type { InspectedFaultGroup } from '@iommufd/fakekernel/inspect';
import type { History, ObjectEntity } from './history.js';

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
}

type Queue = Extract<ObjectEntity, { readonly kind: 'veventq' | 'fault' }>;

const isQueue = (object: ObjectEntity): object is Queue =>
  object.kind === 'veventq' || object.kind === 'fault';

const SEQUENCES = 2 ** 31;

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
  const { count, next, hasMark } = queue;
  const arrived = (next - (was.came % SEQUENCES) + SEQUENCES) % SEQUENCES;
  const came = was.came + arrived;
  // A call either brings events or reads them.
  const read = was.read + (arrived === 0 ? Math.max(0, was.waiting - count) : 0);
  const lost = was.lost + (arrived === 0 ? 0 : arrived - (count - was.waiting));
  return { call, waiting: count, came, read, lost, open: 0, hasMark };
}

/** All queues that there have been. */
export function queueSeries(history: History): QueueSeries[] {
  const all: QueueSeries[] = [];
  for (const key of history.keys()) {
    let series: (QueueSeries & { readonly points: QueuePoint[]; end: number | undefined }) | undefined;
    for (const { call, value } of history.life(key)) {
      if (value?.entity !== 'object' || !isQueue(value)) {
        if (series !== undefined) series.end = call;
        series = undefined;
        continue;
      }
      const { context, id, kind } = value;
      if (series === undefined) {
        const depth = value.kind === 'veventq' ? value.depth : undefined;
        series = { key, context, id, kind, depth, from: call, end: undefined, points: [] };
        all.push(series);
      }
      series.points.push(pointOf(value, call, series.points.at(-1)));
    }
  }
  return all;
}

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
