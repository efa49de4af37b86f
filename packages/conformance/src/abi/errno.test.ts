import { constants } from 'node:os';
import { expect, test } from '@jest/globals';
import { errno, errnoMeaning, errnoName, isErrnoName } from '@iommufd/uapi';

test('numbers are those of this machine, if it runs Linux', () => {
  if (process.platform !== 'linux') return;
  const theirs = constants.errno as Readonly<Record<string, number>>;
  const common = Object.entries(errno).filter(([name]) => name in theirs);
  expect(common.length).toBeGreaterThan(40);
  for (const [name, value] of common) expect([name, value]).toEqual([name, theirs[name]]);
});

test('names and numbers convert both ways', () => {
  expect(errno.EBUSY).toBe(16);
  expect(errnoName(16)).toBe('EBUSY');
  expect(errnoName(-16)).toBe('EBUSY');
  expect(errnoName(-9999)).toBeUndefined();
  expect(isErrnoName('EBADFD')).toBe(true);
  expect(isErrnoName('toString')).toBe(false);
  expect(errnoMeaning('ENOTTY')).toBe('The file does not know this request.');
  expect(new Set(Object.values(errno)).size).toBe(Object.keys(errno).length);
});
