import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { FakeKernel } from '../index.js';
import { kernelClasses } from './classes.js';

const sourceOf = (name: string): URL => new URL(`../../../${name}/src/`, import.meta.url);

/** Classes whose objects a kernel never holds between two system calls, with the reason. */
const NOT_HELD: Readonly<Record<string, string>> = {
  BarAccess: 'a read or write that is running',
  Call: 'an ioctl that is running',
  CommandTable: 'made again by its recipe',
  Copier: 'a snapshot that is made',
  DmaFault: 'an error',
  Errno: 'an error',
  FewerVectors: 'an error',
  Explorer: 'makes and copies them',
  FileTree: 'made for each look',
  IovaBitmap: 'an ioctl that is running',
  KernelBug: 'an error',
  KernelInspector: 'looks at one',
  MemoryFault: 'an error',
  Names: 'of kernelState()',
  Numbers: 'of KernelInspector',
  OrderFailed: 'an error',
  Restorer: 'a kernel that is restored',
  Running: 'an access of a device, which waits outside of the kernel',
  SnapshotError: 'an error',
  StateChanged: 'an error',
  Switches: 'a driver that starts',
  UserArray: 'an ioctl that is running',
  UserData: 'an ioctl that is running',
};

/** The classes of a package that are not abstract. */
function classesOf(name: string): string[] {
  const source = sourceOf(name);
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.includes('.test'),
  );
  return files.flatMap((file) =>
    [...readFileSync(new URL(file, source), 'utf8').matchAll(/^(?:export )?class (\w+)/gm)].map(
      ([, found = '']) => found,
    ),
  );
}

test('every class of a kernel is registered for snapshots, or is listed here because a kernel never holds its objects', () => {
  // Taking a snapshot also loads the classes that are registered in their own files.
  new FakeKernel().snapshot();
  const { byName } = kernelClasses();
  const unknown = [
    ...classesOf('fakekernel').filter((name) => !byName.has(name) && !(name in NOT_HELD)),
    ...classesOf('smmuv3').filter((name) => !byName.has(`smmuv3.${name}`)),
  ];
  const advice = unknown.map((name) => `${name}: add it to packages/fakekernel/src/snapshot/classes.ts`);
  expect(advice).toEqual([]);
  expect(Object.keys(NOT_HELD).filter((name) => byName.has(name))).toEqual([]);
});

test('no class has private fields, which a snapshot cannot read', () => {
  const hidden = ['fakekernel', 'smmuv3'].flatMap((name) => {
    const source = sourceOf(name);
    return readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && /^ +#\w+/m.test(readFileSync(new URL(file, source), 'utf8')),
    );
  });
  expect(hidden).toEqual([]);
});
