import { smmuv3_event } from '@iommufd/uapi';
import { annotate, fromHex } from '@iommufd/uapi/struct';
import { dump, type Paint, paintFor, standardIo } from '@iommufd/cli';
import { readTapes, type Tape, TAPES } from './tape.js';
import { trace } from './trace.js';

/** The tapes of the tour: a queue that overflows, and an invalidation that fails in the middle of its array. */
const TOUR = ['veventq-overflow-tail', 'invalidate-nested-array'];

/**
 * What `read()` of a vEVENTQ gave behind the header after a device had read from an unmapped page: Linux 7.3.4,
 * arm-smmu-v3.
 */
const RECORD = fromHex('1000000023010000' + '0000000008020000' + '0020001000000000' + '0000000000000000');

function* printTape(tape: Tape, paint: Paint): Generator<string> {
  yield `\n${paint.head(tape.name)}  ${paint.dim(`${tape.calls} calls on Linux ${tape.kernel}, ${tape.arch}`)}\n`;
  for (const { call, result, failed, notes } of trace(tape)) {
    yield `${call} = ${failed ? paint.bad(result) : paint.value(result)}\n`;
    for (const note of notes) yield `    ${note.includes('lost') ? paint.head(note) : paint.dim(note)}\n`;
  }
}

const io = standardIo();
const paint = paintFor(io);
const tapes = readTapes(TAPES.scenarios);
for (const name of TOUR) {
  const tape = tapes.find((candidate) => candidate.name === name);
  if (tape === undefined) throw new Error(`no tape is called ${name}`);
  for (const text of printTape(tape, paint)) io.write(text);
}
io.write(
  `\n${paint.head('an SMMUv3 event record')}  ${paint.dim('a device read from a page that nobody mapped')}\n`,
);
io.write(dump(annotate(smmuv3_event, RECORD), paint, true));
