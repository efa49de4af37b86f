/** The ring between the tracer's and the printing thread: every step arrives, in order, even if the ring is full. */

import { describe, expect, test } from '@jest/globals';
import type { FileCall } from '../observer.js';
import { makeRing, StepReader, StepWriter } from './channel.js';
import type { TracedStep } from './lines.js';

function ends(): {
  readonly writer: StepWriter;
  readonly reader: StepReader;
  readonly taken: TracedStep[];
  wakes: number;
} {
  const ring = makeRing();
  const taken: TracedStep[] = [];
  const both = { taken, wakes: 0 };
  return Object.assign(both, {
    writer: new StepWriter(ring, () => both.wakes++),
    reader: new StepReader(ring, (step) => taken.push(step)),
  });
}

const step = (ret: number, bytes: number): TracedStep => ({
  what: { made: { op: 'ioctl', fd: 3, request: 0x3b81, argument: 0x7ffe_1234_5678n }, result: ret },
  pid: 77,
  printed: { tid: 78, at: 1.5, took: 0.25 },
  before: [
    {
      address: 0xffff_ffff_ffff_fff0n,
      bytes: new Uint8Array(bytes).fill(ret),
    },
  ],
  after: [],
});

const OTHERS: readonly FileCall[] = [
  { op: 'read', fd: 4, address: 0x7fff_ffff_f000n, length: 2 ** 47 },
  { op: 'write', fd: -1, address: 0n, length: 16 },
  { op: 'pread', fd: 5, address: 0x1000n, length: 4, position: 7n << 40n },
  { op: 'pwrite', fd: 5, address: 0xffff_ffff_ffff_ffffn, length: 8, position: -1n },
];

describe('the ring', () => {
  test('transfers steps unchanged', () => {
    const { writer, reader, taken } = ends();
    const sent: TracedStep[] = [
      step(-25, 13),
      { ...step(0, 0), printed: { tid: 77, at: 0, took: undefined } },
      {
        what: { step: { op: 'open', path: '/dev/vfio/devices/gerät', ret: 4 } },
        pid: 1,
        printed: undefined,
        before: [],
        after: [],
      },
      ...OTHERS.map((made) => ({ ...step(5, 3), what: { made, result: 5 } })),
      { ...step(1, 4), after: [...step(2, 65536).before, ...step(3, 0).before] },
    ];
    for (const each of sent) writer.send(each);
    expect(reader.read(100)).toBe(sent.length);
    expect(taken).toEqual(sent);
  });

  test('wraps many times', () => {
    const { writer, reader, taken } = ends();
    const sizes = [0, 1, 4096, 65536, 7, 1 << 20];
    for (let i = 0; i < 60; i++) {
      const sent = step(i, sizes[i % sizes.length] ?? 0);
      writer.send(sent);
      expect(reader.read(1)).toBe(1);
      const [memory] = taken.pop()?.before ?? [];
      // toEqual() takes seconds for so many values.
      expect(Buffer.compare(memory?.bytes ?? Buffer.alloc(0), sent.before[0]?.bytes ?? Buffer.alloc(1))).toBe(
        0,
      );
    }
    expect(reader.read(1)).toBe(0);
  });

  test('wakes only a reader that waits', () => {
    const both = ends();
    both.writer.send(step(0, 1));
    both.writer.send(step(1, 1));
    expect(both.wakes).toBe(1);
    expect(both.reader.wait()).toBe(false);
    both.reader.read(2);
    expect(both.reader.wait()).toBe(true);
    both.writer.send(step(2, 1));
    expect(both.wakes).toBe(2);
  });
});
