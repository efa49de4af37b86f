/**
 * Results of a {@link Session} that grow with the tape, reduced to what a page can show: a chart needs no more points
 * than pixels, a list no more rows than a user reads. So the size of messages and drawings does not depend on the
 * number of calls of a tape.
 */
import type { IoasMap } from './maps.js';
import type { LifeEvent } from './object-life.js';
import type { Queues } from './queues.js';
import type { Session } from './session.js';
import type { Loss, QueuePoint, QueueReads, QueueSeries, ReportedLoss } from './queues.js';

/** Maximum number of points of a line: more than a chart has pixels. */
export const MOST_POINTS = 1500;
/** Maximum number of marks above a chart. */
export const MOST_MARKS = 150;
/** Maximum number of rows of a list. */
export const MOST_ROWS = 50;
/** Maximum number of changes of an object, and of groups of faults. */
export const MOST_EVENTS = 200;
/** Maximum number of areas, and of ranges, of an IOAS. */
export const MOST_AREAS = 400;

/** The losses in a stretch of calls: the first one, and their number. */
export interface LossMark {
  readonly call: number;
  readonly count: number;
}

/** The shown part of a queue. */
export interface QueueView extends Omit<QueueSeries, 'points' | 'losses'> {
  /** Its state after the selected call. */
  readonly now: QueuePoint | undefined;
  readonly points: readonly QueuePoint[];
  readonly marks: readonly LossMark[];
  /** The losses around the selected call. */
  readonly losses: readonly Loss[];
  readonly lossCount: number;
}

/** The shown part of the losses that the reads of a queue report. */
export interface ReadsView extends QueueReads {
  readonly reportedCount: number;
}

/** The shown part of the queues. */
export interface QueuesView extends Pick<Queues, 'open'> {
  readonly series: readonly QueueView[];
  readonly reads: readonly ReadsView[];
}

/** The shown part of an IOAS. */
export interface IoasView extends IoasMap {
  /** Number of all areas. */
  readonly areaCount: number;
}

/** The shown part of the history of an object. */
export interface LifeView {
  /** The events around the selected call. */
  readonly events: readonly LifeEvent[];
  readonly count: number;
}

/** The elements around a call, if there are more than the maximum. */
export function nearest<T extends { readonly call: number }>(
  all: readonly T[],
  call: number,
  most: number,
): readonly T[] {
  if (all.length <= most) return all;
  const next = all.findIndex((each) => each.call >= call);
  const middle = next === -1 ? all.length : next;
  const from = Math.max(0, Math.min(middle - (most >> 1), all.length - most));
  return all.slice(from, from + most);
}

/**
 * Reduces the points of a chart: of each stretch, it keeps the maximum of each line and the last point.
 * @param levels the value of a point for each line
 */
export function thinned<T>(
  points: readonly T[],
  most: number,
  ...levels: readonly ((point: T) => number)[]
): readonly T[] {
  if (points.length <= most) return points;
  const stretch = Math.ceil(((levels.length + 1) * points.length) / most);
  const kept: T[] = [];
  for (let from = 0; from < points.length; from += stretch) {
    const end = Math.min(from + stretch, points.length);
    const chosen = new Set([end - 1]);
    for (const level of levels) chosen.add(highest(points, from, end, level));
    for (const at of [...chosen].sort((a, b) => a - b)) kept.push(...points.slice(at, at + 1));
  }
  return kept;
}

/** The index of the maximum in a stretch. */
function highest<T>(points: readonly T[], from: number, end: number, level: (point: T) => number): number {
  let found = from;
  let most = -Infinity;
  for (const [i, point] of points.slice(from, end).entries()) {
    const value = level(point);
    if (value <= most) continue;
    most = value;
    found = from + i;
  }
  return found;
}

/** The marks of losses. Neighbours are merged if there are too many. */
function marksOf(losses: readonly Loss[]): LossMark[] {
  const stretch = Math.max(1, Math.ceil(losses.length / MOST_MARKS));
  const marks: LossMark[] = [];
  for (let from = 0; from < losses.length; from += stretch) {
    const part = losses.slice(from, from + stretch);
    marks.push({ call: part[0]?.call ?? 0, count: part.reduce((sum, { count }) => sum + count, 0) });
  }
  return marks;
}

/** The last point up to a call. */
function pointAt(points: readonly QueuePoint[], call: number): QueuePoint | undefined {
  return points.findLast((point) => point.call <= call);
}

/** The queues after a call. */
export function shownQueues(session: Session, index: number): QueuesView {
  const { series, open, reads } = session.queues(index);
  return {
    series: series.map(({ points, losses, ...queue }) => ({
      ...queue,
      now: pointAt(points, index),
      points: thinned(points, MOST_POINTS, ({ waiting, open: unanswered }) => waiting + unanswered),
      marks: marksOf(losses),
      losses: nearest(losses, index, MOST_ROWS),
      lossCount: losses.length,
    })),
    open: open.map(({ key, groups }) => ({ key, groups: groups.slice(0, MOST_EVENTS) })),
    reads: reads.map(({ reported, ...queue }) => ({
      ...queue,
      reported: nearest<ReportedLoss>(reported, index, MOST_ROWS),
      reportedCount: reported.length,
    })),
  };
}

/** Every IOAS of a context after a call. */
export function shownMaps(session: Session, index: number, context: number): IoasView[] {
  return session.maps(index, context).map(({ ioas, areas, hwpts }) => ({
    ioas: {
      ...ioas,
      allowed: ioas.allowed.slice(0, MOST_AREAS),
      reserved: ioas.reserved.slice(0, MOST_AREAS),
    },
    areas: areas.slice(0, MOST_AREAS),
    areaCount: areas.length,
    hwpts: hwpts.map((hwpt) => ({ ...hwpt, dirty: hwpt.dirty?.slice(0, MOST_AREAS) })),
  }));
}

/** The number of mapped, pinned and dirty bytes of a context over time. */
export const shownUsage = (session: Session, context: number): ReturnType<Session['usage']> =>
  thinned(
    session.usage(context),
    MOST_POINTS,
    ({ mapped }) => mapped,
    ({ pinned }) => pinned,
    ({ dirty }) => dirty,
  );

/** The history of an object, around a call. */
export function shownLife(session: Session, key: string, index: number): LifeView {
  const events = session.life(key);
  return { events: nearest(events, index, MOST_EVENTS), count: events.length };
}
