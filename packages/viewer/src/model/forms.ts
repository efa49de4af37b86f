/** Forms for ioctls, made from their declarations, and the conversion of a form's values to the bytes of the argument. */
import {
  IOMMU_TEST_CMD,
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_BIND_IOMMUFD,
  VFIO_DEVICE_DETACH_IOMMUFD_PT,
} from '@iommufd/uapi';
import { allIoctls, type AnyStruct } from '@iommufd/uapi/registry';
import { textBytes } from '@iommufd/cli/decoders';
import {
  type AnyType,
  decode,
  encode,
  fromJson,
  Integer,
  type Ioctl,
  type Json,
  type ObjectKind,
  type Pointee,
  Struct,
  toJson,
} from '@iommufd/uapi/struct';

/** One option of a field. */
export interface FormOption {
  readonly name: string;
  readonly doc: string;
}

/** A field of a form. */
export interface FormField {
  readonly name: string;
  readonly doc: string;
  readonly kind: 'flags' | 'enum' | 'id' | 'fd' | 'pointer' | 'number' | 'json';
  /** The options of a field of flags or an enum. */
  readonly options: readonly FormOption[];
  /** For an id: the kinds of object that it may identify. */
  readonly of: readonly ObjectKind[];
  /** The initial value. */
  readonly initial: string;
}

/** An ioctl that can be made. */
export interface Form {
  readonly name: string;
  readonly doc: string;
  /** The kind of file that it is made on. */
  readonly on: 'iommufd' | 'vfio-device';
  readonly fields: readonly FormField[];
}

/** The values of a form, by field. */
export type Values = Readonly<Record<string, string>>;

const OF_DEVICES = [VFIO_DEVICE_BIND_IOMMUFD, VFIO_DEVICE_ATTACH_IOMMUFD_PT, VFIO_DEVICE_DETACH_IOMMUFD_PT];

/** The ioctls of the playground. */
const IOCTLS: readonly Ioctl[] = [
  ...[...allIoctls.values()].filter(
    (each) =>
      each.files.includes('iommufd') && each.name.startsWith('IOMMU_') && each.name !== IOMMU_TEST_CMD.name,
  ),
  ...OF_DEVICES,
];

/** Initial values of fields for which zero is invalid. */
const INITIAL: Readonly<Record<string, string>> = {
  'IOMMU_IOAS_MAP.flags': 'IOMMU_IOAS_MAP_FIXED_IOVA|IOMMU_IOAS_MAP_WRITEABLE|IOMMU_IOAS_MAP_READABLE',
  'IOMMU_IOAS_MAP.user_va': '0x20000000',
  'IOMMU_IOAS_MAP.length': '0x10000',
  'IOMMU_IOAS_MAP.iova': '0x1000000',
  'IOMMU_IOAS_UNMAP.iova': '0x1000000',
  'IOMMU_IOAS_UNMAP.length': '0x10000',
  'IOMMU_VEVENTQ_ALLOC.veventq_depth': '4',
  'IOMMU_VDEVICE_ALLOC.virt_id': '0x10',
  'VFIO_DEVICE_BIND_IOMMUFD.iommufd': '3',
};

/** The ioctl of the playground with this name. @throws RangeError if the playground does not have it */
export function ioctlNamed(name: string): Ioctl<AnyStruct> {
  const found = IOCTLS.find((each) => each.name === name);
  if (found === undefined || !(found.struct instanceof Struct))
    throw new RangeError(`${name}: the playground has no such ioctl`);
  return { ...found, struct: found.struct };
}

/** A struct or record of zeros, as JSON. */
function zeros(type: AnyType): Readonly<Record<string, Json>> {
  const json = toJson(type, decode(type, new Uint8Array(type.byteLength), { lenient: true }));
  // The JSON of a struct or record is an object.
  return json as Readonly<Record<string, Json>>;
}

function fieldOf(ioctl: string, name: string, type: AnyType, doc: string, zero: Json): FormField {
  const initial = INITIAL[`${ioctl}.${name}`];
  const base = { name, doc, options: [], of: [] };
  if (!(type instanceof Integer)) return { ...base, kind: 'json', initial: initial ?? JSON.stringify(zero) };
  const { role } = type;
  switch (role.kind) {
    case 'flags':
    case 'enum': {
      const set = role.kind === 'flags' ? role.set : role.of;
      const options = Object.entries(set.members).map(([member, [, text]]) => ({ name: member, doc: text }));
      return {
        ...base,
        kind: role.kind,
        options,
        initial: initial ?? (role.kind === 'flags' ? '' : (options[0]?.name ?? '0')),
      };
    }
    case 'id':
      return { ...base, kind: 'id', of: role.of, initial: initial ?? '' };
    case 'pointer':
      return { ...base, kind: 'pointer', initial: initial ?? '' };
    case 'fd':
      return { ...base, kind: 'fd', initial: initial ?? '' };
    default:
      return { ...base, kind: 'number', initial: initial ?? '0' };
  }
}

const isOwn = (type: AnyType): boolean =>
  type instanceof Integer && (type.role.kind === 'size' || type.role.kind === 'argsz');

/** The forms of all ioctls of the playground. */
export function forms(): Form[] {
  return IOCTLS.flatMap(({ name, doc, struct }) => {
    if (!(struct instanceof Struct)) return [];
    const json = zeros(struct);
    const fields = struct.members
      .filter(
        ({ type, direction, name: member }) =>
          !isOwn(type) && direction !== 'out' && member !== '' && !/^__?reserved|^padding/.test(member),
      )
      .map(({ name: member, type, doc: text }) => fieldOf(name, member, type, text, json[member] ?? null));
    return [
      { name, doc, on: OF_DEVICES.some((each) => each.name === name) ? 'vfio-device' : 'iommufd', fields },
    ];
  });
}

/** Memory for the target of a pointer. */
export interface Buffer {
  readonly field: string;
  readonly to: Pointee;
  /** Its contents; undefined for a buffer that the kernel writes. */
  readonly bytes: Uint8Array | undefined;
}

const NUMBER = /^-?(0x[0-9a-f]+|[0-9]+)$/i;

function numberJson(name: string, text: string): Json {
  if (text.trim() === '') return 0;
  if (!NUMBER.test(text.trim())) throw new RangeError(`${name}: ${JSON.stringify(text)} is not a number`);
  const value = BigInt(text.trim());
  return value < 0n ? Number(value) : `0x${value.toString(16)}`;
}

/** The type of a pointer's target, as selected by other fields. */
function typeBehind(to: Pointee, values: Values, struct: AnyStruct): AnyType | undefined {
  if (to.type !== undefined || to.by === undefined) return to.type;
  const by = to.by;
  const member = struct.members.find(({ name }) => name === by);
  const text = values[by] ?? '0';
  const role = member?.type instanceof Integer ? member.type.role : undefined;
  const named = role?.kind === 'enum' ? role.of.members[text] : undefined;
  return to.cases?.[named?.[0] ?? Number(text)];
}

/** The contents of a pointer's target, from JSON of its type or bytes in hex. @returns undefined for an address */
function contentsOf(name: string, text: string, type: AnyType | undefined): Uint8Array | undefined {
  if (/^\s*[[{]/.test(text)) {
    if (type === undefined) throw new RangeError(`${name}: its type is unknown: enter bytes in hex`);
    const json = JSON.parse(text) as Json;
    const entries = Array.isArray(json) ? json : [json];
    // Missing fields are zero.
    const parts = entries.map((entry) =>
      encode(type, fromJson(type, { ...zeros(type), ...(entry as Readonly<Record<string, Json>>) })),
    );
    return Uint8Array.from(parts.flatMap((part) => [...part]));
  }
  return NUMBER.test(text.trim()) ? undefined : textBytes(text, undefined);
}

/**
 * The argument of an ioctl.
 * @param place allocates a buffer and returns its address, for pointers
 * @throws RangeError | SyntaxError | StructError | Failure that names the field, if a value is invalid
 */
export function argumentBytes(
  struct: AnyStruct,
  values: Values,
  place: (buffer: Buffer) => bigint,
): Uint8Array {
  const json: Record<string, Json> = { ...zeros(struct) };
  for (const { name, type, direction } of struct.members) {
    if (isOwn(type)) {
      json[name] = struct.byteLength;
      continue;
    }
    const text = values[name];
    if (text === undefined || direction === 'out') continue;
    if (!(type instanceof Integer)) {
      json[name] = JSON.parse(text) as Json;
      continue;
    }
    const { role } = type;
    if (role.kind === 'flags' || role.kind === 'enum')
      json[name] = text.trim() === '' ? 0 : NUMBER.test(text) ? numberJson(name, text) : text;
    else if (role.kind !== 'pointer') json[name] = numberJson(name, text);
    else if (text.trim() === '') {
      if (role.to.out === true)
        json[name] = `0x${place({ field: name, to: role.to, bytes: undefined }).toString(16)}`;
    } else {
      const bytes = contentsOf(name, text, typeBehind(role.to, values, struct));
      json[name] =
        bytes === undefined
          ? numberJson(name, text)
          : `0x${place({ field: name, to: role.to, bytes }).toString(16)}`;
      // Lengths and counts follow from the buffer, unless the form has them.
      const { length } = role.to;
      if (bytes !== undefined && length !== undefined && numberJson(length, values[length] ?? '') === '0x0')
        json[length] = bytes.length;
    }
  }
  return encode(struct, fromJson(struct, json));
}
