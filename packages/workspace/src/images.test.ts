/** Checks that the documents show the command's actual output: transcripts of a shell, and images of a terminal. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Io, run } from '@iommufd/cli';
import { screenshot } from './screenshot.js';
import { ROOT } from './setup.mjs';

/** Runs the command. @returns its output in a terminal */
async function iommufd(args: readonly string[], stdin: string | undefined, style: Partial<Io> = {}) {
  let out = '';
  const io: Io = {
    colour: false,
    piped: stdin !== undefined,
    write: (text) => (out += text),
    read: () => new TextEncoder().encode(stdin),
    ...style,
  };
  const { complaint } = await run(args, io);
  return complaint === undefined ? out : `${out}iommufd: ${complaint}\n`;
}

/** The words of a command line, with or without quotes. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );

/** The commands in a document's transcripts, and the output that the document shows. */
function transcripts(document: string): [command: string, output: string][] {
  const text = readFileSync(join(ROOT, document), 'utf8');
  return [...text.matchAll(/^```\n(\$ [^]*?)^```$/gm)].flatMap(([, block = '']) =>
    block
      .split(/^\$ /m)
      .filter((each) => /\biommufd\b/.test(each.split('\n')[0] ?? ''))
      .map((each): [string, string] => {
        const [command = '', ...output] = each.split('\n');
        return [command, output.join('\n')];
      }),
  );
}

describe.each(['docs/decoding-bytes.md', 'packages/cli/README.md'])('%s shows', (document) => {
  test.each(transcripts(document))('%s', async (command, output) => {
    const [, echoed, line = ''] =
      /^(?:echo (?:'([^']*)') \| )?(?:pnpm -s )?iommufd (.*)$/.exec(command) ?? [];
    const printed = await iommufd(wordsOf(line), echoed === undefined ? undefined : `${echoed}\n`);
    // Dots at the end stand for the rest of the output.
    if (output.endsWith('...\n')) expect(printed.startsWith(output.slice(0, -'...\n'.length))).toBe(true);
    else expect(printed).toBe(output);
  });
});

/** Columns of the terminal. */
const COLUMNS = 96;

const LOG = `[  196.747107] arm-smmu-v3 arm-smmu-v3.0.auto: event 0x10 received:
[  196.747109] arm-smmu-v3 arm-smmu-v3.0.auto:  0x0000018000000010
[  196.747110] arm-smmu-v3 arm-smmu-v3.0.auto:  0x0000020800000000
[  196.747111] arm-smmu-v3 arm-smmu-v3.0.auto:  0x00000000ffffe040
[  196.747113] arm-smmu-v3 arm-smmu-v3.0.auto:  0x0000000000000000
[  196.751020] pcieport 0001:00:00.0: AER: enabled with IRQ 49
[  201.002311] DMAR: [DMA Read NO_PASID] Request device [01:00.0] fault addr 0xdead1000 [fault reason 0x06] PTE Read access is not set
`;

test('docs/images/decode-log.svg shows the output of decode for a log', async () => {
  const file = join(ROOT, 'docs/images/decode-log.svg');
  const printed = await iommufd(['decode', '--log'], LOG, { colour: true, width: COLUMNS });
  const picture = screenshot(`$ cat boot.log\n${LOG}$ iommufd decode --file boot.log\n${printed}`, 132);
  if (process.env['UPDATE_IMAGES'] !== undefined) writeFileSync(file, picture);
  expect(readFileSync(file, 'utf8')).toBe(picture);
});
