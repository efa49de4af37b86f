import { expect, test } from '@jest/globals';
import { boot, explain, play, prepare, readTapes } from '@iommufd/tape';
import { TAPES, VERSION_TAPES } from '../tapes/checked-in.js';

const prepared = [...Object.values(TAPES), ...VERSION_TAPES].flatMap((url) =>
  readTapes(url).map((tape) => {
    const { kernel, arch, machine = arch, name } = tape;
    return [`${kernel} ${machine} ${name}`, prepare(tape)] as const;
  }),
);

test.each([
  ['7.3.4', 'x86_64', 1007],
  ['7.3.4', 'aarch64', 81],
  ['7.2.13', 'x86_64', 228],
  ['6.12.107', 'x86_64', 125],
])('of Linux %s on %s there are as many tapes as were recorded: %i', (kernel, arch, count) => {
  const found = prepared.filter(([, { tape }]) => tape.kernel === kernel && tape.arch === arch);
  expect(found).toHaveLength(count);
});

test.each(prepared)('%s replays as on Linux', (_name, tape) => {
  const played = play(tape, boot);
  // As text, so that a failure shows the call and both results.
  expect(played.finding && explain(tape.tape, played.finding)).toBeUndefined();
});
