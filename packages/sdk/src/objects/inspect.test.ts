import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { FakeKernel } from '@iommufd/fakekernel';
import { Iommufd } from '../index.js';

test('console.log shows objects as text, also nested in others and closed', () => {
  const iommufd = Iommufd.open(new FakeKernel().spawn());
  const ioas = iommufd.allocIoas();
  const queue = iommufd.allocFaultQueue();
  expect(inspect(iommufd)).toBe(`iommufd (fd ${iommufd.fd})`);
  expect(inspect({ ioas, all: [ioas, queue] })).toBe(
    `{ ioas: ioas 1, all: [ ioas 1, ${queue.describe()} ] }`,
  );
  ioas.close();
  expect(inspect(ioas)).toBe('ioas 1, closed');
  iommufd.close();
  expect(inspect(iommufd)).toBe('iommufd, closed');
});
