import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RangeCounter } from './range-counter.js';

test('a range counter has the same counts as an array', () => {
  const step = fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 20 }), fc.constantFrom(1, 1, 2, -1));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const counter = new RangeCounter();
      const model = new Array<number>(100).fill(0);
      for (const [first, count, delta] of steps) {
        counter.add(first, count, delta);
        for (let i = first; i < first + count; i++) model[i] = (model[i] ?? 0) + delta;
        expect(model.map((_, i) => counter.at(i))).toEqual(model);
        const runs = counter
          .within(first, count)
          .flatMap((run) => Array.from({ length: run.count }, (_, i) => run.first + i));
        expect(runs).toEqual(
          [...model.keys()].filter((i) => i >= first && i < first + count && model[i] !== 0),
        );
      }
    }),
  );
});
