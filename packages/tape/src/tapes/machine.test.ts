/** Machines in the heads of tapes: invalid descriptions are refused with the field. */
import { describe, expect, test } from '@jest/globals';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, PROT_READ } from '@iommufd/uapi';
import { replay } from '../replay/replay.js';
import { boot } from './machine.js';
import { parseTapes } from './tape.js';

const headOf = (machine: unknown): string =>
  JSON.stringify({ tape: 1, name: 'a', kernel: '7.3.4', arch: 'x86_64', machine, calls: 0 });

test.each([
  [
    { device: ['mock'] },
    'machine.device: unknown field; known are mock, smmuv3, mapsRegisters, devices, script',
  ],
  [
    { constructor: true },
    'machine.constructor: unknown field; known are mock, smmuv3, mapsRegisters, devices, script',
  ],
  [{ devices: 'mock' }, 'machine.devices: expected a list of strings, got "mock"'],
  [{ devices: [1] }, 'machine.devices: expected a list of strings, got [1]'],
  [{ mock: 1 }, 'machine.mock: expected true or false, got 1'],
  [{ smmuv3: 'yes' }, 'machine.smmuv3: expected true or false, got "yes"'],
  [{ script: null }, 'machine.script: expected a string, got null'],
  [7, 'machine: expected a name or an object, got 7'],
  [null, 'machine: expected a name or an object, got null'],
  [['mock'], 'machine: expected a name or an object, got ["mock"]'],
])('parseTapes() refuses a head whose machine is %j', (machine, message) => {
  // The error has the line of the head in the file, not the number of the tape.
  expect(() => parseTapes(`${headOf('sm')}\n\n${headOf(machine)}`)).toThrow(
    new SyntaxError(`line 3: ${message}`),
  );
});

test('parseTapes() keeps a valid machine unchanged', () => {
  for (const machine of ['sm', {}, { mock: true, smmuv3: false, devices: ['mock'], script: 'a.mjs' }])
    expect(parseTapes(headOf(machine))[0]?.machine).toEqual(machine);
});

test.each([
  ['constructor', "machine: unknown machine 'constructor'; known are sm, fs, leg, extra"],
  ['__proto__', "machine: unknown machine '__proto__'; known are sm, fs, leg, extra"],
  [{ devices: ['constructor'] }, /^--device constructor: unknown kind; known are mock, edu/],
  [{ devices: ['Mock'] }, '--device Mock: expected KIND or KIND@BDF, such as mock or edu@00:05.0'],
  [{ devices: ['mock,pasids,pasids'] }, "--device mock,pasids,pasids: 'pasids' is given twice"],
  [{ devices: ['mock,PASIDS'] }, "--device mock,PASIDS: a mock device cannot have 'PASIDS', only pasids"],
  [{ devices: ['mock,'] }, "--device mock,: a mock device cannot have '', only pasids"],
  [{ smmuv3: true, devices: ['pci,stall2'] }, /^--device pci,stall2: a function cannot have 'stall2'/],
])('boot() refuses the machine %j', (machine, message) => {
  expect(() => boot({ arch: 'x86_64', kernel: '7.3.4', machine })).toThrow(message);
});

test('parseTapes() refuses a line that is not an object', () => {
  expect(() => parseTapes(`${headOf('sm')}\nnull`)).toThrow('line 2: expected an object, got null');
});

describe('the registers of a device', () => {
  /** GET_REGION_INFO of BAR 0 of QEMU's `edu` at vfio-pci, as recorded on a real kernel: it can be mapped. */
  const tape = (mapsRegisters: boolean): string =>
    [
      headOf({ devices: ['edu@00:02.0'], mapsRegisters }),
      '{"op":"open","path":"/dev/iommu","ret":3}',
      '{"op":"open","path":"/dev/vfio/devices/vfio0","ret":4}',
      '{"op":"mmap","addr":"0x10000","len":4096,"prot":3,"flags":50,"fd":-1,"off":0,"ret":"0x10000"}',
      '{"op":"poke","addr":"0x10000","hex":"180000000000000003000000000000000000000000000000"}',
      '{"op":"ioctl","fd":4,"cmd":"0x3b76","arg":"0x10000","ret":0}',
      '{"op":"poke","addr":"0x10000","hex":"2000000000000000000000000000000000000000000000000000000000000000"}',
      '{"op":"ioctl","fd":4,"cmd":"0x3b6c","arg":"0x10000","ret":0}',
      '{"op":"peek","addr":"0x10000","hex":"2000000007000000000000000000000000001000000000000000000000000000"}',
    ].join('\n');

  test.each([true, false])('can be mapped if the machine has mapsRegisters: %j', (mapsRegisters) => {
    const [recorded] = parseTapes(tape(mapsRegisters));
    if (recorded === undefined) throw new Error('no tape');
    expect(replay(recorded, boot).difference === undefined).toBe(mapsRegisters);
  });
});

test.each([
  ['x86_64', 2 ** 47],
  ['aarch64', 2 ** 48],
  ['aarch64', 2 ** 52],
] as const)('boot() maps memory of %s below %d', (arch, end) => {
  for (const machine of [undefined, { mock: true }]) {
    const { process } = boot({ arch, kernel: '7.3.4', ...(machine !== undefined && { machine }) });
    // The last page of x86-64 is below a page that is not used.
    const at = BigInt(end - 2 * 4096);
    expect(process.mmap(at, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0n)).toBe(at);
  }
});
