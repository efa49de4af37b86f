/** The data for the page does not grow with the tape. */
import { expect, test } from '@jest/globals';
import { longTape } from '../browser/long-tape.js';
import {
  MOST_AREAS,
  MOST_EVENTS,
  MOST_MARKS,
  MOST_POINTS,
  MOST_ROWS,
  nearest,
  shownLife,
  shownMaps,
  shownQueues,
  shownUsage,
  thinned,
} from './bounded.js';
import { forms } from './forms.js';
import type { Action } from './playground.js';
import { Session } from './session.js';

test('rows around a call are those before and after it', () => {
  const all = Array.from({ length: 100 }, (_, i) => ({ call: 10 * i }));
  const calls = (around: number): number[] => nearest(all, around, 4).map(({ call }) => call);
  expect([calls(0), calls(500), calls(505), calls(5000)]).toEqual([
    [0, 10, 20, 30],
    [480, 490, 500, 510],
    [490, 500, 510, 520],
    [960, 970, 980, 990],
  ]);
  expect(nearest(all, 0, 100)).toBe(all);
});

test('a thinned line keeps its peaks and its end', () => {
  const values = Array.from({ length: 10_000 }, (_, i) => (i === 4321 ? 99 : i % 3));
  const few = thinned(values, 100, (value) => value);
  expect(few.length).toBeLessThanOrEqual(100);
  expect(Math.max(...few)).toBe(99);
  expect(few.at(-1)).toBe(values.at(-1));
  expect(thinned(values, 10_000, (value) => value)).toBe(values);
});

test('lines thinned together keep the peaks of each', () => {
  const points = Array.from({ length: 10_000 }, (_, i) => ({
    mapped: i,
    pinned: i === 1234 ? 70 : 0,
    dirty: i === 5555 ? 80 : 1,
  }));
  const few = thinned(
    points,
    200,
    ({ mapped }) => mapped,
    ({ pinned }) => pinned,
    ({ dirty }) => dirty,
  );
  expect(few.length).toBeLessThanOrEqual(200);
  expect(few).toEqual(expect.arrayContaining([points[1234], points[5555], points[9999]]));
  const order = few.map(({ mapped }) => mapped);
  expect(order).toEqual([...order].sort((a, b) => a - b));
});

test('no result of a long tape exceeds what the page shows', async () => {
  const session = new Session();
  await session.open([{ name: 'long.jsonl', bytes: longTape(6000) as Uint8Array<ArrayBuffer> }]);
  session.select(0);
  session.work(() => false);
  const last = session.count - 1;
  expect(last).toBe(5999);
  expect(session.usage(1).length).toBeGreaterThan(MOST_POINTS);
  expect(shownUsage(session, 1).length).toBeLessThanOrEqual(MOST_POINTS);
  expect(session.life('1/1@16777216').length).toBeGreaterThan(40);
  for (const { areas, areaCount } of shownMaps(session, last, 1)) {
    expect(areas.length).toBeLessThanOrEqual(MOST_AREAS);
    expect(areaCount).toBe(session.maps(last, 1)[0]?.areas.length);
  }
});

test('a queue that lost thousands of events is shown with those around the call', () => {
  const session = new Session();
  const ask = (name: string, values: Readonly<Record<string, string>> = {}): Action => {
    const { fields = [] } = forms().find((form) => form.name === name) ?? {};
    const initial = Object.fromEntries(fields.map((field) => [field.name, field.initial]));
    return { do: 'ioctl', fd: name.startsWith('VFIO') ? 4 : 3, name, values: { ...initial, ...values } };
  };
  const selftest = { viommu_id: '4', type: 'IOMMU_VEVENTQ_TYPE_SELFTEST', veventq_depth: '1' };
  const nested = {
    ...{ dev_id: '1', pt_id: '4', data_type: 'IOMMU_HWPT_DATA_SELFTEST' },
    ...{ data_uptr: '{"iotlb":"0x11223344"}', data_len: '0' },
  };
  const setup: Action[] = [
    ask('VFIO_DEVICE_BIND_IOMMUFD'),
    ask('IOMMU_IOAS_ALLOC'),
    ask('IOMMU_HWPT_ALLOC', { flags: 'IOMMU_HWPT_ALLOC_NEST_PARENT', dev_id: '1', pt_id: '2' }),
    ask('IOMMU_VIOMMU_ALLOC', { dev_id: '1', hwpt_id: '3', type: 'IOMMU_VIOMMU_TYPE_SELFTEST' }),
    ask('IOMMU_VDEVICE_ALLOC', { viommu_id: '4', dev_id: '1' }),
    ask('IOMMU_VEVENTQ_ALLOC', selftest),
    ask('IOMMU_HWPT_ALLOC', nested),
    ask('VFIO_DEVICE_ATTACH_IOMMUFD_PT', { pt_id: '7' }),
  ];
  const events = Array.from({ length: 2000 }, (): Action => ({ do: 'event' }));
  session.play('mock', [...setup, ...events]);
  session.select(0);
  session.work(() => false);
  const index = session.count - 1000;
  const exact = session.queues(index).series[0];
  const [shown] = shownQueues(session, index).series;
  expect(exact?.losses).toHaveLength(1999);
  expect(shown?.lossCount).toBe(1999);
  expect(shown?.losses).toHaveLength(MOST_ROWS);
  expect(shown?.losses.some(({ call }) => call === index)).toBe(true);
  expect(shown?.points.length).toBeLessThanOrEqual(MOST_POINTS);
  expect(shown?.marks.length).toBeLessThanOrEqual(MOST_MARKS);
  expect(shown?.marks.reduce((sum, { count }) => sum + count, 0)).toBe(1999);
  expect(shown?.now).toEqual(exact?.points.findLast(({ call }) => call <= index));
  const life = shownLife(session, exact?.key ?? '', index);
  expect(life.events).toHaveLength(MOST_EVENTS);
  expect(life.count).toBeGreaterThan(1999);
});
