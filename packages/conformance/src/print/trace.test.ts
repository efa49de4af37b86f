import { afterAll, expect, test } from '@jest/globals';
import { parseTapes, readTapes, type Tape, trace } from '@iommufd/tape';
import { TAPES } from '../tapes/checked-in.js';

/** Read once: together they are large. */
const files = Object.values(TAPES).map((file) => ({ file, tapes: readTapes(file) }));
// The module stays loaded as long as the process, which runs other files.
afterAll(() => {
  files.length = 0;
});
const tapesOf = (wanted: (typeof files)[number]['file']): readonly Tape[] =>
  files.find(({ file }) => file === wanted)?.tapes ?? [];
const scenarios = tapesOf(TAPES.scenarios);
const lines = (name: string, from = scenarios): string[] => {
  const tape = from.find((candidate) => candidate.name === name);
  if (tape === undefined) throw new Error(`no tape is called ${name}`);
  return [...trace(tape)].flatMap(({ call, result, notes }) => [
    `${call} = ${result}`,
    ...notes.map((note) => `  ${note}`),
  ]);
};

test('the tapes that are checked in are all there', () => {
  const sizes = files.map(({ tapes }) => tapes.length);
  expect(sizes).toEqual([205, 30, 197, 150, 215, 29, 31, 50, 181, 1]);
});

test('prints each record of an overflowing queue, and the lost events', () => {
  const text = lines('veventq-overflow-tail');
  const read = text.indexOf('read(4, 0x20020000, 256) = 32');
  expect(text.slice(read, read + 4)).toEqual([
    'read(4, 0x20020000, 256) = 32',
    '  header {flags=0, sequence=0} event {virt_id=0x99}',
    '  header {flags=0, sequence=1} event {virt_id=0x99}',
    '  header {flags=IOMMU_VEVENTQ_FLAG_LOST_EVENTS, sequence=4} without data: the queue was full and lost 3 events, numbers 2 to 4',
  ]);
  expect(text.at(-1)).toBe('  header {flags=0, sequence=5} event {virt_id=0x99}');
});

test('a mark that vanished: the gap tells', () => {
  expect(lines('veventq-overflow-then-gap').filter((line) => line.includes('gap'))).toEqual([
    expect.stringMatching(
      /^ {2}header \{flags=0, sequence=\d+\} event \{virt_id=0x99\} {2}\(the gap in the sequence: \d+ events? lost, numbers? .*\)$/,
    ),
  ]);
});

test('an invalidation that fails in the middle of its array', () => {
  const text = lines('invalidate-nested-array');
  const failed = text.findIndex((line) => line.includes('entry_num=3}'));
  expect(text[failed]).toMatch(
    /^ioctl\(3, IOMMU_HWPT_INVALIDATE, \{size=32, hwpt_id=8 \(nested on viommu 6\), .*, entry_num=3\}\) = -1 EINVAL \(.+\)$/,
  );
  expect(text.slice(failed + 1, failed + 3)).toEqual([
    '  data_uptr -> [{flags=0, iotlb_id=0}, {flags=0, iotlb_id=4}, {flags=0, iotlb_id=3}]',
    '  returns {entry_num=1}',
  ]);
});

test('the object tells which format an invalidation array of the mock driver has', () => {
  const entries = lines('invalidate-viommu-array').filter((line) => line.startsWith('  data_uptr -> [{'));
  expect(entries.length).toBeGreaterThan(0);
  for (const line of entries) expect(line).toContain('vdev_id=');
});

test('prints register accesses and DMA of a device', () => {
  const smmuv3 = tapesOf(TAPES.smmuv3);
  const text = lines('dma-data', smmuv3);
  const master = text.indexOf('pwrite(4, 0x20028000, 2, 0x70000000004 /* config + 0x4 */) = 2');
  expect(text[master + 1]).toBe('  0600');
  const dma = text.indexOf('dma(4, the device writes 4 bytes at 0x10002000) = 0');
  expect(text.slice(dma + 1, dma + 4)).toEqual([
    'poll([{fd=5, events=POLLIN}], 1, 0) = 1',
    '  revents=POLLIN',
    'read(5, 0x20020000, 4096) = 40',
  ]);
  expect(lines('vfio-cdev', smmuv3)).toContain('pread(4, 0x20020000, 4, 0x0 /* BAR 0 + 0x0 */) = 4');
});

test('every call of every tape has words, and knows its request', () => {
  let calls = 0;
  // The long ones of the second generator are all alike: a tenth of them will do.
  const sample = [TAPES.gen2, TAPES.gen2More];
  for (const { file, tapes } of files) {
    for (const tape of sample.includes(file) ? tapes.filter((_, i) => i % 10 === 0) : tapes) {
      for (const { call, result } of trace(tape)) {
        calls++;
        if (!/^\w+\(.*[)]|^memfd_create/.test(call)) throw new Error(`${tape.name}: ${call}`);
        if (!/^(0x[0-9a-f]+|\d+|-1 E[A-Z0-9]+ \(.+\)|SIG[A-Z]+)$/.test(result))
          throw new Error(`${tape.name}: ${result}`);
      }
    }
  }
  expect(calls).toBeGreaterThan(65_000);
});

test('an invalid tape is refused with its line number', () => {
  expect(() => parseTapes('{"op":"close","fd":3,"ret":0}')).toThrow(
    'line 1: a step before the head of a tape',
  );
  expect(() => parseTapes('{"tape":1,"name":"x"}\n{"op":')).toThrow('line 2: ');
  expect(() => parseTapes('{"tape":2,"name":"x"}')).toThrow('line 1: a tape of version 2, not 1');
  expect(parseTapes('{"tape":1,"name":"x"}\n\n{"op":"settle"}\n')).toEqual([
    expect.objectContaining({ name: 'x', steps: [{ op: 'settle' }] }),
  ]);
});

test('what a read says was lost is kept, whatever process made it and however long it took', () => {
  const tape = scenarios.find(({ name }) => name === 'veventq-overflow-tail');
  if (tape === undefined) throw new Error('there is no such tape');
  const losses = (change: Pick<Tape['steps'][number], 'pid' | 'took'>): unknown[] => {
    const changed = { ...tape, steps: tape.steps.map((step) => ({ ...step, ...change })) };
    return [...trace(changed)].flatMap((call) => call.losses ?? []);
  };
  expect(losses({})).toEqual([{ how: 'mark', count: 3, first: 2, last: 4 }]);
  expect(losses({ took: 7 })).toEqual(losses({}));
  expect(losses({ pid: 2 })).toEqual(losses({}));
});
