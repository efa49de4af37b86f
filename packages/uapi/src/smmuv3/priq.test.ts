import { expect, test } from '@jest/globals';
import { array } from '../struct/array.js';
import { decode, encode } from '../struct/codec.js';
import { u64 } from '../struct/integer.js';
import { smmuv3_pri } from './priq.js';

test('the last request of a group', () => {
  const request = {
    StreamID: 0x10,
    SubstreamID: 5,
    Priv: 0,
    X: 0,
    R: 1,
    W: 1,
    Last: 1,
    SSV: 1,
    PRGIndex: 3,
    PageAddress: 0x7f00_0000_2000n,
  };
  const record = encode(array(u64, 2), [0xf000_0005_0000_0010n, 0x7f00_0000_2003n]);
  expect(encode(smmuv3_pri, request)).toEqual(record);
  expect(decode(smmuv3_pri, record)).toEqual(request);
});

test('reserved bits are refused', () => {
  const record = encode(array(u64, 2), [1n << 52n, 0n]);
  expect(() => decode(smmuv3_pri, record)).toThrow('zero in reserved bit 52');
});
