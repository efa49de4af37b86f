import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { createDevice, edu, express, FakeKernel, ram } from '@iommufd/fakekernel';
import { bundled } from '@iommufd/testkit/program';
import { runProgram } from '../index.js';

test('a driver in the SDK has registers, interrupts, mappings and migration as a native program', async () => {
  const kernel = new FakeKernel();
  let state = Uint8Array.of(1, 2, 3, 4, 5);
  const loaded: number[][] = [];
  kernel.plug(edu());
  kernel.plug(createDevice({ vendor: 1, device: 1, bars: [ram(8192)] }));
  kernel.plug(
    createDevice({
      vendor: 1,
      device: 2,
      capabilities: [express({ flr: true })],
      migration: {
        precopy: { initial: () => state.slice(), changes: () => new Uint8Array() },
        save: () => Uint8Array.of(9),
        load: (parts) => {
          loaded.push(...parts.map((part) => [...part]));
          state = Uint8Array.from(parts[0] ?? []);
          return true;
        },
      },
    }),
  );
  const program = await bundled(new URL('./vfio-program.testing.ts', import.meta.url));
  const run = await runProgram(kernel, process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err] = await Promise.all([run.stdout, run.stderr].map((each) => (each ? text(each) : '')));
  expect([err, await run.exited]).toEqual(['', { code: 0, signal: null }]);
  expect(JSON.parse(out ?? '')).toEqual({
    counts: [1, 1],
    copied: [1, 2, 3, 4, 5, 6, 7, 8],
    lines: ['1 at 1', '1 at 1'],
    canMap: [false, true],
    mapped: 'bbaa12345678',
    words: [0x5678, 'bbaa12345678'],
    chunks: [6, 3, 5],
    state: 'running',
  });
  expect(loaded).toEqual([[1, 2, 3, 4, 5], [9]]);
  expect(kernel.leftOver()).toEqual([]);
});
