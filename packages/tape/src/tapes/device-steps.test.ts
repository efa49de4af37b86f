/** The numbers of accesses, to which `ended` steps refer. */
import { expect, jest, test } from '@jest/globals';
import { playAll } from '../replay/replay.js';
import { prepare } from '../replay/prepare.js';
import { type DeviceStep, DeviceSteps } from './device-steps.js';
import { boot, type Machine } from './machine.js';
import { parseTapes, type Tape } from './tape.js';

const tapeOf = (steps: readonly DeviceStep[]): Tape => ({
  name: 'accesses',
  kernel: '7.3.4',
  arch: 'x86_64',
  machine: { mock: true, devices: ['mock'] },
  calls: 0,
  steps,
});

const machine = boot(tapeOf([]));
const read = { dev: 0, write: false, iova: '0x1000', len: 4 };
/** The outcome of an access by a device that is not attached. */
const { outcome } = new DeviceSteps(machine).access(read);

test('an access step that fails to begin uses up a number in a replay', () => {
  const steps: DeviceStep[] = [
    { op: 'access', ...read, dev: 5, outcome: 'dev: the machine has no device 5' },
    { op: 'access', ...read, outcome },
    { op: 'ended', access: 0, outcome: 'access: no access 0 was begun' },
    { op: 'ended', access: 1, outcome },
    { op: 'ended', access: 2, outcome: 'access: no access 2 was begun' },
  ];
  expect(playAll(prepare(tapeOf(steps)), boot).findings).toEqual([]);
  // An access that fails to begin while recording is not recorded and has no number.
  const recorder = new DeviceSteps(machine);
  expect(() => recorder.access({ ...read, dev: 5 })).toThrow('dev: the machine has no device 5');
  recorder.access(read);
  expect(recorder.stateOf(0)).toEqual({ outcome });
});

test('the numbers of accesses continue if a machine replaces another', () => {
  const steps: DeviceStep[] = [
    { op: 'access', ...read, outcome },
    { op: 'access', ...read, outcome },
    { op: 'ended', access: 0, outcome },
    { op: 'ended', access: 1, outcome },
  ];
  const replace = (from: Machine, action: number): Machine =>
    action === 1 ? (from.restored?.() ?? from) : from;
  expect(playAll(prepare(tapeOf(steps)), boot, Infinity, { replace }).findings).toEqual([]);
});

test('stateOf() throws for an access that waits in a replaced machine', () => {
  const { devices = [] } = machine;
  const waiting = { state: 'waits', fault: undefined, bytes: new Uint8Array(4) } as const;
  const [device] = devices;
  if (device === undefined) throw new Error('the machine has a device');
  const begin = jest.spyOn(device.dma, 'begin').mockReturnValue(waiting);
  const before = new DeviceSteps(machine);
  expect(before.access(read)).toEqual({ outcome: 'waits' });
  begin.mockRestore();
  const after = new DeviceSteps(boot(tapeOf([])), before);
  expect(before.stateOf(0)).toEqual({ outcome: 'waits' });
  expect(() => after.stateOf(0)).toThrow('access: access 0 waits in the machine that was replaced');
});

test.each([
  [{ iova: 'zz' }, 'iova: expected a hexadecimal address with 0x, of at most 64 bits, got "zz"'],
  [
    { iova: '0x10000000000000000' },
    'iova: expected a hexadecimal address with 0x, of at most 64 bits, got "0x10000000000000000"',
  ],
  [{ hex: 'xy' }, 'hex: not hex: "x" at digit 0'],
  [{ hex: '0102' }, 'hex: expected 4 bytes, as in len, got 2'],
  [{ len: -1 }, 'len: expected an integer of at least 0, got -1'],
  [{ write: true }, 'hex: expected the bytes that are written, got undefined'],
  [{ pasid: 'a' }, 'pasid: expected an integer of at least 0, got "a"'],
])('prepare() refuses a device step with %j', (change, message) => {
  const steps = [
    { op: 'access', ...read, outcome },
    { op: 'access', ...read, outcome, ...change },
  ].map((step) => JSON.stringify(step));
  const [tape] = parseTapes(
    [JSON.stringify({ tape: 1, ...tapeOf([]), steps: undefined }), ...steps].join('\n'),
  );
  if (tape === undefined) throw new Error('the text has a tape');
  expect(() => prepare(tape)).toThrow(new SyntaxError(`step 1, access: ${message}`));
});
