import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { bundled } from '@iommufd/testkit/program';

const PROGRAM = await bundled(new URL('./waiting-program.testing.ts', import.meta.url));

/** Runs a program that only waits. If it does not end, it is killed and has no status. */
function run(...args: readonly string[]): { readonly status: number | null; readonly lines: string[] } {
  const { status, stdout } = spawnSync(process.execPath, [PROGRAM, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, lines: stdout.trimEnd().split('\n') };
}

test('a wait keeps the process running until it ends, and not beyond', () => {
  const exited = /: poll: EBADF: The file is no longer open\. /;
  const { status, lines } = run();
  expect(lines).toEqual([
    'loop, close: ended',
    'loop, close all: ended',
    expect.stringMatching(exited),
    ...['events', 'readable', 'poll'].flatMap((how) => [
      `${how}, close: ended`,
      `${how}, close all: ended`,
      expect.stringMatching(exited),
      `${how}, abort: ended`,
    ]),
    'wait(): 0',
  ]);
  expect(status).toBe(0);
});

/** Node's exit status for an `await` at the top level that never settles. */
const UNSETTLED = 13;

test.each(['events', 'readable', 'poll'])('%s with ref: false does not', (how) => {
  expect(run(how)).toEqual({ status: UNSETTLED, lines: [''] });
});
