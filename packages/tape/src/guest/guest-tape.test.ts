import { expect, test } from '@jest/globals';
import { parseTapes } from '../tapes/tape.js';
import { isGuestTape, parseGuestTape } from './guest-tape.js';

const GUEST = '{"t":"reset"}\n{"t":"w","cpu":0,"o":"20","s":4,"v":"d"}\n';

test('the tape of a guest is known by its first line, and read step by step', () => {
  expect([isGuestTape(GUEST), isGuestTape('{"tape":1,"name":"a"}'), isGuestTape('')]).toEqual([
    true,
    false,
    false,
  ]);
  expect(parseGuestTape(GUEST).map(({ t }) => t)).toEqual(['reset', 'w']);
  expect(() => parseGuestTape(`${GUEST}{"t":"mars"}\n`)).toThrow("line 3: no step of a guest's tape");
  expect(() => parseGuestTape('{"t":')).toThrow(/^line 1: /);
});

test('in place of a tape of /dev/iommu it is refused with what it is, and where it plays', () => {
  expect(() => parseTapes(GUEST)).toThrow(
    /^line 1: the tape of a guest that drives an SMMUv3.*`iommufd view` shows it, and `pnpm conformance FILE`/,
  );
});
