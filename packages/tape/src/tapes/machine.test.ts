/** Machines by the heads of tapes: what is invalid is refused by its name. */
import { expect, test } from '@jest/globals';
import { boot } from './machine.js';
import { parseTapes } from './tape.js';

const headOf = (machine: unknown): string =>
  JSON.stringify({ tape: 1, name: 'a', kernel: '7.3.4', arch: 'x86_64', machine, calls: 0 });

test.each([
  [{ device: ['mock'] }, 'machine.device: no such field; there are mock, smmuv3, devices, script'],
  [{ constructor: true }, 'machine.constructor: no such field; there are mock, smmuv3, devices, script'],
  [{ devices: 'mock' }, 'machine.devices: expected a list of texts, got "mock"'],
  [{ devices: [1] }, 'machine.devices: expected a list of texts, got [1]'],
  [{ mock: 1 }, 'machine.mock: expected true or false, got 1'],
  [{ smmuv3: 'yes' }, 'machine.smmuv3: expected true or false, got "yes"'],
  [{ script: null }, 'machine.script: expected a text, got null'],
  [7, 'machine: expected a name or an object, got 7'],
  [null, 'machine: expected a name or an object, got null'],
  [['mock'], 'machine: expected a name or an object, got ["mock"]'],
])('a head whose machine is %j is refused', (machine, message) => {
  // The line of the head in the file, and not the number of the tape.
  expect(() => parseTapes(`${headOf('sm')}\n\n${headOf(machine)}`)).toThrow(
    new SyntaxError(`line 3: ${message}`),
  );
});

test('a head whose machine is valid is taken as it is', () => {
  for (const machine of ['sm', {}, { mock: true, smmuv3: false, devices: ['mock'], script: 'a.mjs' }])
    expect(parseTapes(headOf(machine))[0]?.machine).toEqual(machine);
});

test.each([
  ['constructor', 'machine: there is no constructor; there are sm, fs, leg, extra'],
  ['__proto__', 'machine: there is no __proto__; there are sm, fs, leg, extra'],
  [{ devices: ['constructor'] }, /^--device constructor: no such kind\. There are mock, edu/],
  [{ devices: ['Mock'] }, '--device Mock: expected KIND or KIND@BDF, as mock or edu@00:05.0'],
  [{ devices: ['mock,pasids,pasids'] }, "--device mock,pasids,pasids: 'pasids' is given twice"],
  [{ devices: ['mock,PASIDS'] }, "--device mock,PASIDS: a mock device has no 'PASIDS': there is pasids"],
  [{ devices: ['mock,'] }, "--device mock,: a mock device has no '': there is pasids"],
  [{ smmuv3: true, devices: ['pci,stall2'] }, /^--device pci,stall2: a function has no 'stall2'/],
])('the machine %j is refused', (machine, message) => {
  expect(() => boot({ arch: 'x86_64', kernel: '7.3.4', machine })).toThrow(message);
});

test('a line that is no object is refused', () => {
  expect(() => parseTapes(`${headOf('sm')}\nnull`)).toThrow('line 2: expected an object, got null');
});
