/** The memory of calls: `TracedCall.memory`, with the option `memory` of a tracer. */
import { expect, test } from '@jest/globals';
import { toHex } from '@iommufd/uapi/struct';
import { boot, parseTapes, prepare, SteppedReplay, trace } from '../index.js';

const TAPE = [
  '{"tape":1,"name":"ranges","kernel":"7.3.4","arch":"x86_64","calls":3}',
  '{"op":"mmap","addr":"0x20000000","len":8192,"prot":3,"flags":50,"fd":-1,"off":0,"ret":"0x20000000"}',
  '{"op":"open","path":"/dev/iommu","ret":3}',
  '{"op":"poke","addr":"0x20000000","hex":"0c0000000000000000000000"}',
  '{"op":"ioctl","fd":3,"cmd":"0x3b81","arg":"0x20000000","ret":0}',
  '{"op":"peek","addr":"0x20000000","hex":"0c0000000000000001000000"}',
  '{"op":"poke","addr":"0x20000000","hex":"2000000001000000010000000000000000100020000000000000000000000000"}',
  '{"op":"ioctl","fd":3,"cmd":"0x3b84","arg":"0x20000000","ret":0}',
  '{"op":"peek","addr":"0x20000000","hex":"2000000001000000010000000000000000100020000000000100000000000000"}',
  '{"op":"peek","addr":"0x20001000","hex":"0000000000000000ffffffffffffffff"}',
  '{"op":"ioctl","fd":3,"cmd":"0x3b80","arg":"0x20000000","ret":-22}',
].join('\n');

const [tape] = parseTapes(TAPE);
if (tape === undefined) throw new Error('the text has one tape');

test('trace() with `memory` returns the struct and the memory behind its pointers, before and after the call', () => {
  const calls = [...trace(tape, { memory: true })];
  const shown = calls[3]?.memory?.map(({ name, address, type, before, after }) => [
    name,
    address,
    type?.name,
    before && toHex(before),
    after && toHex(after),
  ]);
  expect(shown).toEqual([
    [
      'argument',
      0x2000_0000n,
      'iommu_ioas_iova_ranges',
      '2000000001000000010000000000000000100020000000000000000000000000',
      '2000000001000000010000000000000000100020000000000100000000000000',
    ],
    [
      'allowed_iovas[0]',
      0x2000_1000n,
      'iommu_iova_range',
      '00'.repeat(16),
      '0000000000000000ffffffffffffffff',
    ],
  ]);
  expect([...trace(tape)].every(({ memory }) => memory === undefined)).toBe(true);
});

test('SteppedReplay stops between steps', () => {
  const replay = new SteppedReplay(prepare(tape), boot);
  const held = (): string => replay.machine.kernel?.leftOver().join() ?? '';
  expect(replay.playTo(2)).toEqual([]);
  expect(held()).toContain('no objects');
  expect(replay.playTo(4)).toEqual([]);
  expect(held()).toContain('ioas 1');
  // The last call has another result: the struct is longer than the kernel's, and the bytes beyond are not zero.
  expect(replay.playTo(Infinity)).toEqual([
    { step: 9, problem: { kind: 'answer', ours: { ret: -7, revents: 0 } }, memory: new Map() },
  ]);
  expect(held()).toBe('');
});
