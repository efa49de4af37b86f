/** The manual page knows every command and every option of the program. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { iommufd } from './program.testing.js';

const page = readFileSync(new URL('../man/iommufd.1', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => !line.startsWith('.\\"'))
  .join('\n')
  .replaceAll('\\-', '-');

/** The entries of a part of the help: what stands at the left. */
async function entries(args: readonly string[], part: string): Promise<string[]> {
  const { out } = await iommufd([...args, '--help']);
  const [, text = ''] = new RegExp(`^${part}:\\n((?: .*\\n)+)`, 'm').exec(out) ?? [];
  return [...text.matchAll(/^ {2}((?:-\w, )?[\w-]+)/gm)].map(([, name = '']) => name);
}

const COMMANDS = ['decode', 'encode', 'explain', 'layout', 'list', 'replay', 'view', 'completion', 'help'];

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
  for (const [option] of page.matchAll(/(?<![\w-])--[a-z]+(?:-[a-z]+)*/g))
    expect([...known]).toContain(option);
});
