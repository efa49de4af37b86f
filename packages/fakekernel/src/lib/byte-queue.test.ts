import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ByteQueue } from './byte-queue.js';

const command = fc.oneof(
  fc.record({ op: fc.constant('write' as const), bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }) }),
  fc.record({
    op: fc.constantFrom('unwrite' as const, 'drop' as const),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
);

test('a byte queue holds the same bytes as an array', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const queue = new ByteQueue();
      let model: number[] = [];
      for (const step of commands) {
        if (step.op === 'write') {
          const at = queue.write(step.bytes.length);
          queue.bytes.set(step.bytes, at);
          model.push(...step.bytes);
        } else {
          const count = Math.floor(step.part * model.length);
          if (step.op === 'drop') {
            queue.drop(count);
            model = model.slice(count);
          } else {
            queue.unwrite(count);
            model = model.slice(0, model.length - count);
          }
        }
        expect(queue.length).toBe(model.length);
        expect([...queue.front(queue.length)]).toEqual(model);
        expect(queue.view.buffer).toBe(queue.bytes.buffer);
      }
    }),
  );
});

test('its memory is at most a few times the bytes that it holds, however many have passed through it', () => {
  const queue = new ByteQueue();
  for (let i = 0; i < 10_000; i++) {
    queue.write(40);
    if (i >= 5) queue.drop(40);
  }
  expect(queue.bytes.length).toBeLessThanOrEqual(4 * 6 * 40);
});
