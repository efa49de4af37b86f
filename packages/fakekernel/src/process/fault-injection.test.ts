import { describe, expect, test } from '@jest/globals';
import { FaultAttribute, ThreadFaults } from './fault-injection.js';

describe('fail-nth and make-it-fail', () => {
  test.each([
    ['fail-nth', '5', '5\n'],
    ['fail-nth', '5\n', '5\n'],
    ['make-it-fail', ' 1 ', '1\n'],
  ])('%s takes %j', (name, text, shown) => {
    const faults = new ThreadFaults();
    faults.store(name, text);
    expect(faults.show(name)).toBe(shown);
  });

  test.each([
    ['fail-nth', ' 5'],
    ['fail-nth', '5 '],
    ['fail-nth', '-1'],
    ['make-it-fail', '2'],
  ])('%s refuses %j', (name, text) => {
    expect(() => new ThreadFaults().store(name, text)).toThrow(expect.objectContaining({ name: 'EINVAL' }));
  });
});

test('a failure by fail-nth decrements `times` of the capability', () => {
  const attribute = new FaultAttribute();
  attribute.store('probability', '100');
  attribute.hasFailed();
  expect([attribute.show('times'), attribute.shouldFail(true)]).toEqual(['0\n', false]);
  attribute.store('times', '-1');
  attribute.hasFailed();
  expect([attribute.show('times'), attribute.shouldFail(true)]).toEqual(['-1\n', true]);
});
