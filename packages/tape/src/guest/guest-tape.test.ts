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

test.each([
  ['{"t":"w","cpu":0,"o":"20","s":4}', 'v: missing; expected a hexadecimal number of 64 bits'],
  ['{"t":"w","cpu":0,"o":"zz","s":4,"v":"0"}', 'o: expected a hexadecimal number of 64 bits, got "zz"'],
  ['{"t":"r","cpu":-2,"o":"20","s":4,"v":"0"}', 'cpu: expected a number from -1 on, got -2'],
  ['{"t":"r","cpu":0,"o":"20","s":2,"v":"0"}', 's: expected 4 or 8, got 2'],
  ['{"t":"cmds","at":0}', 'c: missing; expected a list of hexadecimal numbers with commas between them'],
  [
    '{"t":"take","e":["0,x"],"ov":0}',
    'e: expected a list of hexadecimal numbers with commas between them, got ["0,x"]',
  ],
  ['{"t":"mem","m":[["0"]]}', 'm: expected a list of an address and words each, got [["0"]]'],
  ['{"t":"dma","sid":40,"iova":"0","perm":1}', 'pa: missing; expected a hexadecimal number of 64 bits'],
  ['{"t":"dma","text":7}', 'text: expected a text, got 7'],
  ['{"t":"constructor"}', "no step of a guest's tape"],
  ['{"t":"gerror","x":"4"}', 'v: missing; expected a hexadecimal number of 64 bits'],
])('the step %s is refused with its field', (line, message) => {
  expect(() => parseGuestTape(`${GUEST}${line}\n`)).toThrow(new SyntaxError(`line 3: ${message}`));
});
