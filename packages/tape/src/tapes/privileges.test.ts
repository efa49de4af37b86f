import { describe, expect, test } from '@jest/globals';
import { prepare } from '../replay/prepare.js';
import { pickPrivileges } from './privileges.js';
import type { Step, Tape } from './tape.js';

describe('pickPrivileges()', () => {
  test('leaves out other properties', () => {
    const step = { op: 'process', pid: 2, program: 'vmm', uid: 7, ipcLock: false };
    expect(pickPrivileges(step)).toEqual({ uid: 7, ipcLock: false });
  });
});

describe('a `process` step of an existing process', () => {
  test('changes the named privileges only', () => {
    const steps: Step[] = [{ op: 'process', pid: 1, program: 'vmm', memlock: 65_536 }];
    const tape: Tape = { name: 'a tape', kernel: '7.0', arch: 'x86_64', calls: 0, steps };
    const [action] = prepare(tape).actions;
    expect(action).toMatchObject({ kind: 'become' });
    expect(action?.kind === 'become' && action.privileges).toEqual({ memlock: 65_536 });
  });
});
