import { allNamed, type Named } from '../explain/names.js';
import type { Io } from '../io.js';
import { unknown } from '../nearest.js';
import { refuseContradictions } from '../options.js';
import { paintFor } from '../paint.js';
import { columns } from '../print/table.js';
import { VEVENTQ_TYPES } from '../queues.js';
import { printNames } from './explain.js';

/** The kinds of names that can be listed, with their descriptions and their kinds in {@link allNamed}. */
const KINDS: Readonly<Record<string, { readonly doc: string; readonly of: readonly string[] }>> = {
  structs: { doc: 'C structs, for --struct', of: ['struct'] },
  records: { doc: 'records and registers of the hardware, for --struct', of: ['record'] },
  ioctls: { doc: 'ioctls, for --ioctl', of: ['ioctl'] },
  queues: { doc: 'types of vEVENTQs, for --veventq', of: ['queue'] },
  events: { doc: 'events of the hardware', of: ['event', 'page request'] },
  commands: { doc: 'commands and descriptors of the hardware', of: ['command', 'descriptor'] },
  enums: { doc: 'enums', of: ['enum'] },
  flags: { doc: 'sets of flags', of: ['set of flags'] },
  values: { doc: 'values of enums, and single flags', of: ['value', 'flag'] },
  errnos: { doc: 'errnos', of: ['errno'] },
  constants: { doc: 'other numbers of the headers and of the arm-smmu-v3 driver', of: ['constant'] },
};

const queues = (): Named[] =>
  Object.entries(VEVENTQ_TYPES).map(([name, { description }]) => ({ kind: 'queue', name, doc: description }));

/** `iommufd list`: prints the names of a kind; without a kind, prints the kinds. @throws Failure if the kind is unknown */
export function listCommand(
  io: Io,
  kind: string | undefined,
  options: { readonly json?: boolean; readonly names?: boolean },
): void {
  refuseContradictions(options, [['json', 'names']]);
  const all = [...allNamed(), ...queues()];
  if (kind === undefined) return listKinds(io, all, options);
  const wanted = kind.toLowerCase();
  const key = Object.keys(KINDS).find((name) => name === wanted || name === `${wanted}s`);
  const chosen = key === undefined ? undefined : KINDS[key];
  if (chosen === undefined) throw unknown('kind', kind, Object.keys(KINDS), Object.keys(KINDS));
  const found = all.filter((named) => chosen.of.includes(named.kind));
  if (options.names === true) io.write(found.map(({ name }) => `${name}\n`).join(''));
  else printNames(io, `${found.length} ${chosen.doc}`, found, options);
}

function listKinds(
  io: Io,
  all: readonly Named[],
  options: { readonly json?: boolean; readonly names?: boolean },
): void {
  const kinds = Object.entries(KINDS).map(([name, { doc, of }]) => {
    const count = all.filter((named) => of.includes(named.kind)).length;
    return { name, count, doc };
  });
  if (options.json === true) io.write(`${JSON.stringify(kinds)}\n`);
  else if (options.names === true) io.write(kinds.map(({ name }) => `${name}\n`).join(''));
  else {
    const paint = paintFor(io);
    const rows = kinds.map(({ name, count, doc }) => [name, String(count), doc]);
    io.write(columns(rows, { paint: [paint.name, paint.value], width: io.width }));
  }
}
