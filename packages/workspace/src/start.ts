/** `npm start`: prints tapes of a real kernel, decoded, and then runs examples. */
import { smmuv3_event } from '@iommufd/uapi';
import { annotate, fromHex } from '@iommufd/uapi/struct';
import { dump, type Paint, paintFor, standardIo } from '@iommufd/cli';
import { TAPES } from '@iommufd/conformance';
import { readTapes, type Tape, trace } from '@iommufd/tape';
import { runExamples } from './run-examples.js';

/**
 * The tapes that are printed, and the relevant calls of each: a queue that overflows, and an invalidation that fails in the middle of
 * its array.
 */
const SHOWN = [
  { name: 'veventq-overflow-tail', first: 8, end: Infinity },
  { name: 'invalidate-nested-array', first: 18, end: 23 },
];

/**
 * The data after the header that `read()` of a vEVENTQ returned after a device had read from an unmapped page: Linux 7.3.4,
 * arm-smmu-v3.
 */
const RECORD = fromHex('1000000023010000' + '0000000008020000' + '0020001000000000' + '0000000000000000');

function* printTape(tape: Tape, first: number, end: number, paint: Paint): Generator<string> {
  yield `\n${paint.head(tape.name)}  ${paint.dim(`${tape.calls} calls on Linux ${tape.kernel}, ${tape.arch}`)}\n`;
  const calls = [...trace(tape)];
  if (first > 0) yield paint.dim(`... ${first} calls\n`);
  for (const { call, result, failed, notes } of calls.slice(first, end)) {
    yield `${call} = ${failed ? paint.bad(result) : paint.value(result)}\n`;
    for (const note of notes) yield `    ${note.includes('lost') ? paint.head(note) : paint.dim(note)}\n`;
  }
  if (end < calls.length) yield paint.dim(`... ${calls.length - end} more calls\n`);
}

const io = standardIo();
const paint = paintFor(io);
const tapes = readTapes(TAPES.scenarios);
for (const { name, first, end } of SHOWN) {
  const tape = tapes.find((candidate) => candidate.name === name);
  if (tape === undefined) throw new Error(`there is no tape ${name}`);
  for (const text of printTape(tape, first, end, paint)) io.write(text);
}
io.write(`\n${paint.head('an SMMUv3 event record')}  ${paint.dim('a device read an unmapped page')}\n`);
io.write(dump(annotate(smmuv3_event, RECORD), paint, { docs: true, width: io.width }));
await runExamples(io, paint);
