import {
  arm_smmu_v3,
  errno,
  errnoMeaning,
  errnoName,
  type ErrnoName,
  formatRequest,
  type Ioctl,
  isErrnoName,
  smmuv3_command,
  smmuv3_event,
} from '@iommufd/uapi';
import {
  allConstants,
  allIoctls,
  allRecords,
  allSets,
  allStructs,
  type AnyRecord,
  type AnyStruct,
  ioctlsByRequest,
  typeByName,
} from '@iommufd/uapi/registry';
import { layout } from '@iommufd/uapi/struct';
import { type Io, paintFor } from '../io.js';
import { parseNumber } from '../lookup.js';
import { unknown } from '../nearest.js';
import { columns, layoutTable } from '../print/table.js';

const hex = (value: number): string => `0x${value.toString(16)}`;

/**
 * `iommufd explain`: everything that a name or number is. A number may be a request, an errno and an event at
 * once; then all of it is said.
 * @throws Failure if it is nothing
 */
export function explainCommand(io: Io, term: string): void {
  const number = parseNumber(term.replace(/^-(?=[0-9])/, ''));
  const parts = number === undefined ? explainName(io, term) : explainNumber(io, number);
  if (parts.length === 0) throw unknown('ioctl, errno, struct, flag or event', term, everyName());
  io.write(parts.join('\n'));
}

function explainName(io: Io, name: string): string[] {
  const upper = name.toUpperCase();
  const parts: string[] = [];
  const ioctl = allIoctls.get(upper);
  if (ioctl !== undefined) parts.push(explainIoctl(io, ioctl));
  if (isErrnoName(upper)) parts.push(explainErrno(io, upper));
  const type = typeByName(name.replace(/^struct\s+/, ''));
  if (type !== undefined) parts.push(explainType(io, type));
  for (const set of allSets.values()) {
    if (set.name === name) parts.push(explainSet(io, set));
    for (const [member, [value, doc]] of Object.entries(set.members)) {
      if (member === upper || member === name) parts.push(explainMember(io, set, member, value, doc));
    }
  }
  parts.push(...explainForms(io, ({ name: form }) => form === upper));
  return parts.length > 0 ? parts : explainConstant(io, name);
}

/** What is a number and no more: of a header, or of the SMMUv3 driver. */
function explainConstant(io: Io, name: string): string[] {
  const { head } = paintFor(io);
  const value = allConstants.get(name);
  if (value !== undefined) return [`${head(name)} = ${hex(value)}: a constant.\n`];
  const mask = Object.entries(arm_smmu_v3).find(([driverName]) => driverName === name)?.[1];
  return mask === undefined
    ? []
    : [`${head(name)} = 0x${mask.toString(16)}: a name of the arm-smmu-v3 driver.\n`];
}

function explainNumber(io: Io, number: number): string[] {
  const parts = ioctlsByRequest(number).map((ioctl) => explainIoctl(io, ioctl));
  const error = errnoName(number);
  if (error !== undefined) parts.push(explainErrno(io, error));
  return [...parts, ...explainForms(io, ({ tag }) => tag === number)];
}

type Set = typeof allSets extends ReadonlyMap<string, infer S> ? S : never;

function explainSet(io: Io, { name, kind, doc, members }: Set): string {
  const paint = paintFor(io);
  const rows = Object.entries(members).map(([member, [value, meaning]]) => [member, hex(value), meaning]);
  const what = kind === 'flags' ? 'a set of flags' : 'an enum';
  return `${paint.head(name)}: ${what}. ${doc}\n\n${columns(rows, [paint.name, paint.value])}`;
}

function explainMember(io: Io, set: Set, member: string, value: number, doc: string): string {
  const what = set.kind === 'flags' ? 'a flag' : 'a value';
  return `${paintFor(io).head(member)} = ${hex(value)}: ${what} of ${set.name}. ${doc}\n`;
}

function explainIoctl(io: Io, { name, request, files, struct, doc, errors }: Ioctl): string {
  const paint = paintFor(io);
  const lines = [
    `${paint.head(name)} = ${hex(request)}, ${formatRequest(request)}: an ioctl of ${files.join(' and ')}. ${doc}\n`,
    struct === undefined ? '' : `Its argument points at ${paint.name(`struct ${struct.name}`)}.\n`,
  ];
  const meanings = Object.entries(errors).map(([error, meaning]) => [error, meaning]);
  if (meanings.length > 0) lines.push('\n', columns(meanings, [paint.name]));
  if (struct !== undefined) lines.push('\n', layoutTable(layout(struct), paint));
  return lines.join('');
}

function explainErrno(io: Io, name: ErrnoName): string {
  const paint = paintFor(io);
  const rows = [...allIoctls.values()].flatMap((ioctl) => {
    const meaning = ioctl.errors[name];
    return meaning === undefined ? [] : [[ioctl.name, meaning]];
  });
  const head = `${paint.head(name)} = ${errno[name]}: an errno. ${errnoMeaning(name)}\n`;
  return rows.length === 0 ? head : `${head}\n${columns(rows, [paint.name])}`;
}

function explainType(io: Io, type: AnyStruct | AnyRecord): string {
  const users = [...allIoctls.values()].filter(({ struct }) => struct === type).map(({ name }) => name);
  const use = users.length === 0 ? '' : `The argument of ${users.join(' and ')}.\n`;
  return `${type.description}\n${use}\n${layoutTable(layout(type), paintFor(io))}`;
}

interface Form {
  readonly name: string;
  readonly tag: number;
  readonly text: (io: Io) => string;
}

/** Every event and command of the SMMUv3, by its name and number. */
const forms: readonly Form[] = [smmuv3_event, smmuv3_command].flatMap((record) =>
  Object.entries(record.cases).map(([name, { tag, section, doc }]) => ({
    name,
    tag,
    text: (io: Io) => {
      const paint = paintFor(io);
      const form = record.structs.get(name);
      const rows = form === undefined ? '' : `\n${layoutTable(layout(form), paint)}`;
      const what = `${record.tagName} ${hex(tag)} of ${record.name} (Arm IHI 0070, ${section})`;
      return `${paint.head(name)}: ${what}. ${doc}\n${rows}`;
    },
  })),
);

function explainForms(io: Io, wanted: (form: Form) => boolean): string[] {
  return forms.filter(wanted).map(({ text }) => text(io));
}

function everyName(): string[] {
  const members = [...allSets.values()].flatMap((set) => [set.name, ...Object.keys(set.members)]);
  const names = [...allConstants.keys(), ...Object.keys(errno), ...allStructs.keys(), ...allRecords.keys()];
  return [...names, ...members, ...forms.map(({ name }) => name)];
}
