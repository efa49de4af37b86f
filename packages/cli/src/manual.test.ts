/** The manual page knows every command and every option of the program. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { doctor } from './commands/doctor.js';
import { runNative } from './commands/run.js';
import { recordNative, traceNative } from './commands/trace.js';
import { iommufd } from './program.testing.js';

const page = readFileSync(new URL('../man/iommufd.1', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => !line.startsWith('.\\"'))
  .join('\n')
  .replaceAll('\\-', '-');

/** Commands with command lines of their own: those that run native programs. */
const NATIVE: Readonly<Record<string, typeof runNative>> = {
  run: runNative,
  trace: traceNative,
  record: recordNative,
  doctor,
};

async function helpOf(args: readonly string[]): Promise<string> {
  const native = NATIVE[args[0] ?? ''];
  if (native === undefined) return (await iommufd([...args, '--help'])).out;
  let out = '';
  const io = { colour: false, write: (text: string) => void (out += text), complain: () => undefined };
  await native(['--help'], io);
  return out;
}

/** The entries of a part of the help: what stands at the left. */
async function entries(args: readonly string[], part: string): Promise<string[]> {
  const out = await helpOf(args);
  const [, text = ''] = new RegExp(`^${part}:\\n((?: .*\\n)+)`, 'm').exec(out) ?? [];
  return [...text.matchAll(/^ {2}((?:-\w, )?[\w-]+)/gm)].map(([, name = '']) => name);
}

const COMMANDS = [
  ...['decode', 'encode', 'explain', 'layout', 'list', 'replay', 'view', 'completion', 'help'],
  ...Object.keys(NATIVE),
];

test('the commands are those of the help', async () => {
  expect(await entries([], 'Commands')).toEqual(expect.arrayContaining(COMMANDS));
});

describe.each(COMMANDS)('the manual page, of %s,', (command) => {
  test('has the command and its options', async () => {
    expect(page).toMatch(new RegExp(`^\\.SS ${command}$`, 'm'));
    const options = command === 'help' ? [] : await entries([command], 'Options');
    for (const option of options.flatMap((each) => each.split(', '))) {
      expect(page).toContain(option);
    }
  });
});

test('the manual page has no option that no command has', async () => {
  const all = await Promise.all(
    ['', ...COMMANDS].map((command) => entries(command === '' ? [] : [command], 'Options')),
  );
  const known = new Set(all.flat().flatMap((each) => each.split(', ')));
  for (const [option] of page.matchAll(/(?<![\w-])--[a-z][a-z\d-]*/g)) expect([...known]).toContain(option);
});
