import { expect, test } from '@jest/globals';
import { parseTapes } from '../tapes/tape.js';
import { isGuestTape, parseGuestTape } from './guest-tape.js';

const GUEST = '{"t":"reset"}\n{"t":"w","cpu":0,"o":"20","s":4,"v":"d"}\n';

test("isGuestTape() and parseGuestTape() recognize a guest's tape by its first line and parse its steps", () => {
  expect([isGuestTape(GUEST), isGuestTape('{"tape":1,"name":"a"}'), isGuestTape('')]).toEqual([
    true,
    false,
    false,
  ]);
  expect(parseGuestTape(GUEST).map(({ t }) => t)).toEqual(['reset', 'w']);
  expect(() => parseGuestTape(`${GUEST}{"t":"mars"}\n`)).toThrow("line 3: not a step of a guest's tape");
  expect(() => parseGuestTape('{"t":')).toThrow(/^line 1: /);
});

test("parseTapes() refuses a guest's tape, and names the commands that show and replay it", () => {
  expect(() => parseTapes(GUEST)).toThrow(
    /^line 1: the tape of a guest that drives an SMMUv3.*`iommufd view` shows it, and `pnpm conformance FILE`/,
  );
});

test.each([
  ['{"t":"w","cpu":0,"o":"20","s":4}', 'v: missing; expected a hexadecimal number of at most 64 bits'],
  [
    '{"t":"w","cpu":0,"o":"zz","s":4,"v":"0"}',
    'o: expected a hexadecimal number of at most 64 bits, got "zz"',
  ],
  ['{"t":"r","cpu":-2,"o":"20","s":4,"v":"0"}', 'cpu: expected an integer of at least -1, got -2'],
  ['{"t":"r","cpu":0,"o":"20","s":2,"v":"0"}', 's: expected 4 or 8, got 2'],
  ['{"t":"cmds","at":0}', 'c: missing; expected a list of strings of comma-separated hexadecimal numbers'],
  [
    '{"t":"take","e":["0,x"],"ov":0}',
    'e: expected a list of strings of comma-separated hexadecimal numbers, got ["0,x"]',
  ],
  ['{"t":"mem","m":[["0"]]}', 'm: expected a list of pairs of an address and words, got [["0"]]'],
  [
    '{"t":"dma","sid":40,"iova":"0","perm":1}',
    'pa: missing; expected a hexadecimal number of at most 64 bits',
  ],
  ['{"t":"dma","text":7}', 'text: expected a string, got 7'],
  ['{"t":"constructor"}', "not a step of a guest's tape"],
  ['{"t":"gerror","x":"4"}', 'v: missing; expected a hexadecimal number of at most 64 bits'],
])('parseGuestTape() refuses the step %s and names the field', (line, message) => {
  expect(() => parseGuestTape(`${GUEST}${line}\n`)).toThrow(new SyntaxError(`line 3: ${message}`));
});
