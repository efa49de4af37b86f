import { expect, test } from '@jest/globals';
import { isBundle, published } from './packages.js';

const bundled = published().filter(
  ({ folder, publishConfig }) => !isBundle(folder) && publishConfig?.exports !== undefined,
);

test('the packages that programs and tests import most are bundled', () => {
  expect(bundled.map(({ name }) => name).sort()).toEqual([
    '@iommufd/fakekernel',
    '@iommufd/sdk',
    '@iommufd/smmuv3',
    '@iommufd/uapi',
  ]);
});

test.each(bundled)(
  '$name is published with what it exports here, and a bundle for Node of each module',
  (each) => {
    const expected = Object.entries(each.exports ?? {}).map(([name, entry]) => {
      if (typeof entry === 'string') return [name, entry];
      const { default: module = '', ...others } = entry;
      return [name, { ...others, node: module.replace('./dist/', './dist/node/'), default: module }];
    });
    expect(each.publishConfig?.exports).toEqual(Object.fromEntries(expected));
  },
);
