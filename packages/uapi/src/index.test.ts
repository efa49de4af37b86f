import { expect, test } from '@jest/globals';
import * as root from './index.js';
import * as language from './struct/index.js';

test('of the exports of /struct, the root has only the functions of the codecs and their error', () => {
  const shared = Object.keys(language).filter((name) => name in root);
  expect(shared.sort()).toEqual([
    'StructError',
    'annotate',
    'decode',
    'decodeArray',
    'encode',
    'encodeArray',
    'encodeInto',
    'encodeZeroFilled',
    'fromJson',
    'layout',
    'toJson',
    'view',
  ]);
});
