import { describe, expect, test } from '@jest/globals';
import { FaultAttribute, ThreadFaults } from './fault-injection.js';

describe('fail-nth and make-it-fail', () => {
  test.each([
    ['fail-nth', '5', '5\n'],
    ['fail-nth', '5\n', '5\n'],
    ['fail-nth', '+0x10', '16\n'],
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
    ['make-it-fail', '-1'],
  ])('%s refuses %j', (name, text) => {
    expect(() => new ThreadFaults().store(name, text)).toThrow(expect.objectContaining({ name: 'EINVAL' }));
  });
});

describe('a setting of debugfs', () => {
  test.each([
    ['probability', '18446744073709551615', '18446744073709551615\n'],
    ['probability', '+010\n', '8\n'],
    ['times', '-1', '-1\n'],
    ['times', '0x1ffffffff', '-1\n'],
    ['space', '-5', '-5\n'],
    ['verbose_ratelimit_burst', '0x100000001', '1\n'],
    ['task-filter', 'enable', 'Y\n'],
    ['task-filter', 'T', 'Y\n'],
    // `debugfs_write_file_bool()` ignores the result of `kstrtobool_from_user()`.
    ['task-filter', 'maybe', 'N\n'],
  ])('%s takes %j', (name, text, shown) => {
    const attribute = new FaultAttribute();
    attribute.store(name, text);
    expect(attribute.show(name)).toBe(shown);
  });

  test.each([
    ['probability', '-1', 'EINVAL'],
    ['probability', '18446744073709551616', 'ERANGE'],
    ['times', '9223372036854775808', 'ERANGE'],
    ['verbose_ratelimit_burst', '-1', 'EINVAL'],
  ])('%s refuses %j with %s', (name, text, errno) => {
    expect(() => new FaultAttribute().store(name, text)).toThrow(expect.objectContaining({ name: errno }));
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
