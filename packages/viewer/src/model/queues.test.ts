/** Losses of event queues: the call, the number, the reason, and the read that reports them. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { InspectedContext } from '@iommufd/fakekernel/inspect';
import { VEVENT_SEQUENCE_MAX } from '@iommufd/uapi';
import { History } from './history.js';
import { type QueueReads, queueSeries, type ReportedLoss } from './queues.js';
import { Session } from './session.js';

/** The state of a queue of depth two after each call. */
interface Stood {
  readonly count: number;
  readonly next: number;
  readonly hasMark?: boolean;
}

function historyOf(states: readonly Stood[]): History {
  const history = new History();
  for (const { count, next, hasMark = false } of states) {
    const queue = { id: 9, users: 1, uses: [], kind: 'veventq', type: 1, depth: 2 } as const;
    const context: InspectedContext = {
      number: 1,
      objects: [{ ...queue, count, next, hasMark }],
      tombstones: [],
    };
    history.add([context]);
  }
  return history;
}

const reads = (...reported: ReportedLoss[]): QueueReads[] => [{ file: 'veventq 9', context: 1, reported }];

describe('losses', () => {
  test('of a burst are the last events, and their read is the first that covers them', () => {
    const states = [
      { count: 0, next: 0 },
      // Five events at once: two fit.
      { count: 2, next: 5, hasMark: true },
      { count: 0, next: 5 },
    ];
    const reported = { call: 2, how: 'mark', count: 3, first: 2, last: 4 } as const;
    const [series] = queueSeries(historyOf(states), reads(reported));
    expect(series?.losses).toEqual([
      { call: 1, count: 3, first: 2, last: 4, waiting: 2, hadRoom: false, reported },
    ]);
  });

  test('that no read has reported yet have no read', () => {
    const early = { call: 0, how: 'gap', count: 1, first: 2, last: 2 } as const;
    const states = [
      { count: 2, next: 2 },
      { count: 2, next: 3, hasMark: true },
    ];
    // A read before the loss does not report it.
    const [series] = queueSeries(historyOf(states), reads(early));
    expect(series?.losses).toMatchObject([{ call: 1, count: 1, reported: undefined }]);
  });

  test('in a queue with room are due to failed allocations', () => {
    const states = [
      { count: 1, next: 1 },
      { count: 1, next: 2, hasMark: true },
    ];
    const [series] = queueSeries(historyOf(states), []);
    expect(series?.losses).toMatchObject([{ call: 1, count: 1, first: 1, last: 1, hadRoom: true }]);
  });

  test('continue when the sequence wraps', () => {
    const states = [
      { count: 2, next: VEVENT_SEQUENCE_MAX - 1 },
      { count: 2, next: 2, hasMark: true },
    ];
    const reported = { call: 2, how: 'gap', count: 4, first: VEVENT_SEQUENCE_MAX - 1, last: 1 } as const;
    const [series] = queueSeries(historyOf(states), reads(reported));
    expect(series?.losses.at(-1)).toMatchObject({
      count: 4,
      first: VEVENT_SEQUENCE_MAX - 1,
      last: 1,
      reported,
    });
  });

  test('of a tape that is not replayed are those that its reads report', async () => {
    const file = new URL('../../../conformance/tapes/scenarios.jsonl.gz', import.meta.url);
    const text = gunzipSync(readFileSync(file))
      .toString()
      .replaceAll('"tape":1,', '"tape":1,"machine":"mars",')
      .replaceAll('"tape": 1,', '"tape": 1,"machine":"mars",');
    const session = new Session();
    const { documents } = await session.open([{ name: 'mars', bytes: new TextEncoder().encode(text) }]);
    session.select(documents.findIndex(({ name }) => name === 'veventq-overflow-tail'));
    session.work(() => false);
    const { series, reads: found } = session.queues(0);
    expect(series).toEqual([]);
    expect(found).toMatchObject([
      { file: 'veventq 9', reported: [{ call: 17, how: 'mark', count: 3, first: 2, last: 4 }] },
    ]);
  });
});
