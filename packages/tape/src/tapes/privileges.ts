/** The privileges in a tape: its head has those of the first process, a `process` step has those of another one, or changes. */

import type { Privileges } from '@iommufd/fakekernel/task';

/** The names of all privileges. */
export const PRIVILEGE_NAMES = [
  'ipcLock',
  'sysResource',
  'rawIo',
  'sysAdmin',
  'uid',
  'memlock',
] as const satisfies readonly (keyof Privileges)[];

/**
 * Copies the privileges of an object, such as a `process` step, without its other properties. Each privilege is read once. Privileges
 * that are undefined are left out.
 */
export function pickPrivileges(from: Privileges): Privileges;
export function pickPrivileges(from: Partial<Privileges>): Partial<Privileges>;
export function pickPrivileges(from: Partial<Privileges>): Partial<Privileges> {
  const picked: { -readonly [Name in keyof Privileges]?: Privileges[Name] } = {};
  const copy = <Name extends keyof Privileges>(name: Name): void => {
    const value = from[name];
    if (value !== undefined) picked[name] = value;
  };
  for (const name of PRIVILEGE_NAMES) copy(name);
  return picked;
}
