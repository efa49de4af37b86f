/** All names that `iommufd explain` and `iommufd list` know, with their meanings. */
import {
  amd_command,
  amd_event,
  amd_ppr,
  arm_smmu_v3,
  errno,
  errnoMeaning,
  type ErrnoName,
  formatRequest,
  type Ioctl,
  isErrnoName,
  smmuv3_command,
  smmuv3_event,
  vtd_qi_desc,
} from '@iommufd/uapi';
import { sinceOf } from '@iommufd/uapi/history';
import {
  allConstants,
  allIoctls,
  allRecords,
  allSets,
  allStructs,
  type AnyRecord,
  type AnyStruct,
} from '@iommufd/uapi/registry';
import { layout, type LayoutRow } from '@iommufd/uapi/struct';
import type { Io } from '../io.js';
import { paintFor } from '../paint.js';
import { columns, layoutTable } from '../print/table.js';
import { wrap } from '../print/wrap.js';
import { hex, type Meaning } from './meaning.js';

/** A paragraph. */
const paragraph = (io: Io, text: string): string =>
  wrap(text, io.width)
    .map((line) => `${line}\n`)
    .join('');

/** The release of Linux that added a name, as data; empty if every supported release has it. */
function since(name: string): { readonly since?: string } {
  const release = sinceOf(name);
  return release === undefined ? {} : { since: release };
}

/** The same, as a sentence. */
function sinceSentence(name: string): string {
  const release = sinceOf(name);
  return release === undefined ? '' : ` Since Linux ${release}.`;
}

/** A heading and a sentence. Colour is added after the text is broken into lines. */
function headed(io: Io, name: string, rest: string): string {
  return paintFor(io).head(name) + paragraph(io, name + rest).slice(name.length);
}

export function ioctlMeaning({ name, request, files, struct, doc, errors }: Ioctl): Meaning {
  return {
    kind: 'ioctl',
    name,
    json: {
      request: hex(request),
      macro: formatRequest(request),
      files: [...files],
      ...(struct && { struct: struct.name }),
      ...since(name),
      doc,
      errors: { ...errors },
    },
    text: (io) => {
      const paint = paintFor(io);
      const what = ` = ${hex(request)}, ${formatRequest(request)}: an ioctl of ${files.join(' and ')}. ${doc}${sinceSentence(name)}`;
      const lines = [headed(io, name, what)];
      if (struct !== undefined)
        lines.push(`Its argument points at ${paint.name(`struct ${struct.name}`)}.\n`);
      const meanings = Object.entries(errors).map(([error, meaning]) => [error, meaning]);
      if (meanings.length > 0) lines.push('\n', columns(meanings, { paint: [paint.name], width: io.width }));
      if (struct !== undefined) lines.push('\n', layoutTable(layout(struct), paint, io.width));
      return lines.join('');
    },
  };
}

export function errnoMeaningOf(name: ErrnoName): Meaning {
  const rows = [...allIoctls.values()].flatMap((ioctl) => {
    const meaning = ioctl.errors[name];
    return meaning === undefined ? [] : [[ioctl.name, meaning] as const];
  });
  return {
    kind: 'errno',
    name,
    json: { value: errno[name], doc: errnoMeaning(name), ioctls: Object.fromEntries(rows) },
    text: (io) => {
      const head = headed(io, name, ` = ${errno[name]}: an errno. ${errnoMeaning(name)}`);
      const table = columns(rows, { paint: [paintFor(io).name], width: io.width });
      return rows.length === 0 ? head : `${head}\n${table}`;
    },
  };
}

export function typeMeaning(type: AnyStruct | AnyRecord): Meaning {
  const users = [...allIoctls.values()].filter(({ struct }) => struct === type).map(({ name }) => name);
  const isStruct = allStructs.has(type.name);
  return {
    kind: isStruct ? 'struct' : 'record',
    name: type.name,
    json: { ...since(type.name), doc: type.description, ioctls: users, layout: layoutJson(type) },
    text: (io) => {
      const use = users.length === 0 ? '' : `The argument of ${users.join(' and ')}.\n`;
      return `${paragraph(io, type.description + sinceSentence(type.name))}${use}\n${layoutTable(layout(type), paintFor(io), io.width)}`;
    },
  };
}

/** A layout as JSON: it has only strings, numbers and booleans. */
const layoutJson = (type: AnyStruct | AnyRecord): Meaning['json'] =>
  JSON.parse(JSON.stringify(layout(type))) as Meaning['json'];

export type NamedSet = typeof allSets extends ReadonlyMap<string, infer S> ? S : never;

export function setMeaning({ name, kind, doc, members }: NamedSet): Meaning {
  const all = Object.entries(members);
  return {
    kind: kind === 'flags' ? 'set of flags' : 'enum',
    name,
    json: {
      doc,
      members: Object.fromEntries(
        all.map(([member, [value, meaning]]) => [member, { value: hex(value), doc: meaning }]),
      ),
    },
    text: (io) => {
      const paint = paintFor(io);
      const rows = all.map(([member, [value, meaning]]) => [member, hex(value), meaning]);
      const what = kind === 'flags' ? 'a set of flags' : 'an enum';
      const table = columns(rows, { paint: [paint.name, paint.value], width: io.width });
      return `${headed(io, name, `: ${what}. ${doc}`)}\n${table}`;
    },
  };
}

export function memberMeaning(set: NamedSet, name: string, value: number, doc: string): Meaning {
  const what = set.kind === 'flags' ? 'flag' : 'value';
  return {
    kind: what,
    name,
    json: { value: hex(value), of: set.name, ...since(name), doc },
    text: (io) =>
      headed(io, name, ` = ${hex(value)}: a ${what} of ${set.name}. ${doc}${sinceSentence(name)}`),
  };
}

/** Constants without an enum: those of a header, and of the SMMUv3 driver. */
function numberMeaning(name: string, value: number | bigint, what: string): Meaning {
  return {
    kind: 'constant',
    name,
    json: { value: hex(value), doc: what },
    text: (io) => headed(io, name, ` = ${hex(value)}: ${what}`),
  };
}

/** Records with several forms, the word for such a form, and its specification. */
const FORMS = [
  { record: smmuv3_event, kind: 'event', specification: 'Arm IHI 0070' },
  { record: smmuv3_command, kind: 'command', specification: 'Arm IHI 0070' },
  { record: vtd_qi_desc, kind: 'descriptor', specification: 'VT-d specification 4.1' },
  { record: amd_event, kind: 'event', specification: 'AMD I/O Virtualization' },
  { record: amd_command, kind: 'command', specification: 'AMD I/O Virtualization' },
  { record: amd_ppr, kind: 'page request', specification: 'AMD I/O Virtualization' },
] as const;

/** A form of a record, with its number. */
export interface Form {
  readonly tag: number;
  readonly meaning: Meaning;
}

/** Every event, command and descriptor. */
export const forms: readonly Form[] = FORMS.flatMap(({ record, kind, specification }) =>
  Object.entries(record.cases).map(([name, { tag, section, doc }]) => {
    const source = `${specification}, ${section}`;
    const meaning: Meaning = {
      kind,
      name,
      json: { record: record.name, [record.tagName]: tag, source, doc },
      text: (io) => {
        // Layouts are computed when they are printed, because there are many forms.
        const form = record.structs.get(name);
        const rows = form === undefined ? '' : `\n${layoutTable(layout(form), paintFor(io), io.width)}`;
        const what = `${record.tagName} 0x${tag.toString(16).padStart(2, '0')} of ${record.name} (${source})`;
        return `${headed(io, name, `: ${what}. ${doc}`)}${rows}`;
      },
    };
    return { tag, meaning };
  }),
);

/** A field, and the struct or record that it belongs to. */
interface FieldOfType {
  readonly type: string;
  readonly row: LayoutRow;
}

function* fieldsIn(type: string, rows: readonly LayoutRow[]): Generator<FieldOfType> {
  for (const row of rows) {
    if (row.name !== '' && row.rows.length === 0) yield { type, row };
    yield* fieldsIn(row.type === type ? row.name : type, row.rows);
  }
}

let fields: readonly FieldOfType[] | undefined;

/** All fields of all structs and records, computed at the first use. */
function allFields(): readonly FieldOfType[] {
  fields ??= [...allStructs.values(), ...allRecords.values()].flatMap((type) => [
    ...fieldsIn(type.name, layout(type).rows),
  ]);
  return fields;
}

/** Finds fields by name, in all structs or in one: `iova`, `iommu_ioas_map.iova`. */
export function fieldMeaning(term: string): Meaning | undefined {
  const [, of, field = ''] = /^(?:struct\s+)?(?:(\w+)\.)?(\w+)$/.exec(term.toLowerCase()) ?? [];
  const found = allFields().filter(
    ({ type, row }) => row.name.toLowerCase() === field && (of === undefined || type.toLowerCase() === of),
  );
  const [first] = found;
  if (first === undefined) return undefined;
  const rows = found.map(({ type, row }) => {
    const { bits, offset } = row;
    const place =
      bits === undefined
        ? `offset ${offset}`
        : bits.hi === bits.lo
          ? `[${bits.hi}]`
          : `[${bits.hi}:${bits.lo}]`;
    return [`${type}.${row.name}`, place, [row.role === '' ? '' : `${row.role}. `, row.doc].join('')];
  });
  const whose = found.length === 1 ? first.type : `${found.length} structs and records`;
  return {
    kind: 'field',
    name: first.row.name,
    json: { fields: rows.map(([name = '', place = '', doc = '']) => ({ name, place, doc })) },
    text: (io) => {
      const paint = paintFor(io);
      const table = columns(rows, { paint: [paint.name, paint.value], width: io.width });
      return `${headed(io, first.row.name, `: a field of ${whose}.`)}\n${table}`;
    },
  };
}

/** All meanings of a name, the most likely first. Case is ignored. */
export function meaningsOfName(name: string): Meaning[] {
  const bare = name.replace(/^(struct|enum)\s+/, '');
  const wanted = bare.toLowerCase();
  const is = (candidate: string): boolean => candidate.toLowerCase() === wanted;
  const found: Meaning[] = [];
  for (const ioctl of allIoctls.values()) if (is(ioctl.name)) found.push(ioctlMeaning(ioctl));
  for (const type of [...allStructs.values(), ...allRecords.values()])
    if (is(type.name)) found.push(typeMeaning(type));
  for (const set of allSets.values()) if (is(set.name)) found.push(setMeaning(set));
  for (const { meaning } of forms) if (is(meaning.name)) found.push(meaning);
  for (const set of allSets.values()) {
    for (const [member, [value, doc]] of Object.entries(set.members)) {
      if (is(member)) found.push(memberMeaning(set, member, value, doc));
    }
  }
  const upper = bare.toUpperCase();
  if (isErrnoName(upper)) found.push(errnoMeaningOf(upper));
  if (found.length > 0) return found;
  for (const [constant, value] of allConstants)
    if (is(constant)) found.push(numberMeaning(constant, value, 'a constant.'));
  for (const [constant, value] of Object.entries(arm_smmu_v3)) {
    if (is(constant)) found.push(numberMeaning(constant, value, 'a name of the arm-smmu-v3 driver.'));
  }
  const field = found.length > 0 ? undefined : fieldMeaning(name);
  return field === undefined ? found : [field];
}

/** A name, its kind, and a sentence about it. */
export interface Named {
  readonly kind: string;
  readonly name: string;
  readonly doc: string;
}

/** All names except those of fields. */
export function allNamed(): Named[] {
  const named: Named[] = [];
  for (const { name, doc } of allIoctls.values()) named.push({ kind: 'ioctl', name, doc });
  for (const { name, description } of allStructs.values())
    named.push({ kind: 'struct', name, doc: description });
  for (const { name, description } of allRecords.values())
    named.push({ kind: 'record', name, doc: description });
  for (const { name, kind, doc } of allSets.values()) {
    named.push({ kind: kind === 'flags' ? 'set of flags' : 'enum', name, doc });
  }
  for (const { meaning } of forms)
    named.push({ kind: meaning.kind, name: meaning.name, doc: String(meaning.json['doc']) });
  for (const set of allSets.values()) {
    for (const [name, [, doc]] of Object.entries(set.members)) {
      named.push({ kind: set.kind === 'flags' ? 'flag' : 'value', name, doc });
    }
  }
  for (const name of Object.keys(errno)) {
    if (isErrnoName(name)) named.push({ kind: 'errno', name, doc: errnoMeaning(name) });
  }
  const seen = new Set(named.map(({ name }) => name));
  for (const name of allConstants.keys())
    if (!seen.has(name)) named.push({ kind: 'constant', name, doc: 'A constant.' });
  for (const name of Object.keys(arm_smmu_v3)) {
    if (!seen.has(name)) named.push({ kind: 'constant', name, doc: 'A name of the arm-smmu-v3 driver.' });
  }
  return named;
}
