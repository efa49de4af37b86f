import { expect, test } from '@jest/globals';
import * as root from './index.js';
import * as language from './struct/index.js';

test('of what declarations are made of, the root has only the verbs of codecs and their error', () => {
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
