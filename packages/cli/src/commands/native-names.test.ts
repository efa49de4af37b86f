/** The values that help and completion list are those that the command accepts, which loads them only when it runs a program. */
import { expect, test } from '@jest/globals';
import { type CommandOptions, runCommand } from '@iommufd/native/command';
import { CAPABILITIES, DEVICE_KINDS } from './native-names.js';

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
