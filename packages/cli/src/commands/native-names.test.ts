/** The values that help and completion list are those that the command accepts, which loads them only when it runs a program. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type CommandOptions, runCommand, traceCommand } from '@iommufd/native/command';
import { iommufd } from '../program.testing.js';
import { CALL_GROUPS, CAPABILITIES, DEVICE_KINDS } from './native-names.js';
import { runNative } from './run.js';
import { traceNative } from './trace.js';

const GROUPS = Object.keys(CALL_GROUPS);

/** The message of a command that fails. */
async function complaintOf(options: Omit<CommandOptions, 'program' | 'args'>): Promise<string> {
  const lines: string[] = [];
  const io = { colour: false, complain: (line: string) => void lines.push(line) };
  await runCommand({ program: '/bin/true', args: [], ...options }, io);
  return lines.join('\n');
}

/** The list that follows these words of a message. */
const listAfter = (message: string, words: string): string[] =>
  message.slice(message.indexOf(words) + words.length).split(', ');

test('help and completion list the capabilities that the fake kernel checks', async () => {
  const message = await complaintOf({ capAdd: ['CAP_NONE'] });
  expect(listAfter(message, 'the fake kernel checks only ')).toEqual([...CAPABILITIES]);
});

test('help and completion list the kinds of devices', async () => {
  const message = await complaintOf({ devices: ['none'] });
  expect(listAfter(message, 'known are ').sort()).toEqual([...DEVICE_KINDS].sort());
});

test('help and completion list the groups of calls that the tracer knows', async () => {
  let message = '';
  const io = { colour: false, write: () => undefined, complain: (line: string) => void (message += line) };
  await traceCommand({ command: ['/bin/true'], groups: ['none'], print: { summary: false } }, io);
  expect(listAfter(message, 'or one of ')).toEqual(GROUPS);
});

describe.each([
  ['kinds of devices', DEVICE_KINDS, '--device', runNative, 'native-programs.md', '`--device KIND'],
  ['capabilities', CAPABILITIES, '--cap-add', runNative, 'native-programs.md', '`--cap-add'],
  ['groups of calls', GROUPS, '--expression', traceNative, 'recording.md', '`iommufd trace -e'],
] as const)('all %s', (_, names, option, command, guide, mention) => {
  /** The names that a text lacks. A name is a word of its own: `pci` is not in `pci-testdev`. */
  const missingIn = (text: string): string[] =>
    names.filter((name) => !new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text));
  const fileAt = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

  test('are in the help of the command', async () => {
    let help = '';
    const io = {
      colour: false,
      write: (text: string) => void (help += text),
      complain: () => undefined,
    };
    await command(['--help'], io);
    expect(missingIn(help)).toEqual([]);
  });

  test('are in the manual page', () => {
    const page = fileAt('../../man/iommufd.1').replaceAll('\\-', '-');
    expect(missingIn(paragraphOf(page, option))).toEqual([]);
  });

  test(`are in docs/${guide}`, () => {
    const paragraphs = fileAt(`../../../../docs/${guide}`).split(/\n(?=\n|- )/);
    const about = paragraphs.filter((each) => each.includes(mention));
    expect(about.map(missingIn)).toEqual([[]]);
  });

  test.each(['bash', 'zsh', 'fish'])('are completed by %s', async (shell) => {
    const { out } = await iommufd(['completion', shell]);
    expect(out).toContain(names.join(' '));
  });
});

/** The entry of an option in the manual page. */
const paragraphOf = (page: string, option: string): string =>
  page.split(/^\.(?:TP|SS|SH)\b/m).find((each) => each.split('\n', 2)[1]?.includes(option)) ?? '';
