/**
 * TypeScript types of decoded values: one interface per struct, record or form of a record, with the declared
 * documentation of each field, which editors show where the field is used.
 */
import {
  type AnyType,
  ArrayType,
  bitRange,
  BitStruct,
  FlexibleArray,
  Integer,
  layout,
  type LayoutRow,
  RawBytes,
  Struct,
  Union,
  Variants,
} from '@iommufd/uapi/struct';
import type { AnyVariants, Declared } from './declarations.js';
import { typeName } from './names.js';

/** The types of one declaration, as source. */
export interface TypesCode {
  readonly text: string;
  /** Exported types, without those of forms. */
  readonly names: readonly string[];
  /** For a record: the names of its forms, which are also the names of their types. */
  readonly forms: readonly string[];
  /** Tags of other structs that are types of its fields. */
  readonly uses: readonly string[];
}

/** The types of a declaration; undefined for a struct with parts without a type name, such as the cases of a tagged union. */
export function typesCode(type: Declared): TypesCode | undefined {
  const name = typeName(type.name);
  const { rows } = layout(type);
  if (type instanceof Variants) return variantsTypes(name, type, rows);
  if (type instanceof BitStruct) {
    const text = interfaceCode(name, type.description, bitProperties(type.members, rows));
    return { text, names: [name], forms: [], uses: [] };
  }
  const uses: string[] = [];
  const properties = type.members.flatMap((member, i) => structProperties(member, rows[i], uses));
  if (properties.some((property) => property === undefined)) return undefined;
  return { text: interfaceCode(name, type.description, properties), names: [name], forms: [], uses };
}

type StructMember = Struct<never, never>['members'][number];
type BitMember = BitStruct<never>['members'][number];

/** The properties of one member: several for an anonymous union; undefined if the type has no name. */
function structProperties(
  { name, type, added, doc }: StructMember,
  row: LayoutRow | undefined,
  uses: string[],
): (string | undefined)[] {
  if (name !== '') return [property(name, valueType(type, uses), { ...row, doc }, added)];
  if (!(type instanceof Union)) return [undefined];
  const members: Readonly<Record<string, AnyType>> = type.members;
  return Object.entries(members).map(([key, inner], i) =>
    property(
      key,
      valueType(inner, uses),
      { ...row?.rows[i], direction: row?.direction ?? 'none', doc },
      added,
    ),
  );
}

function property(
  name: string,
  type: string | undefined,
  row: Partial<LayoutRow>,
  isOptional = false,
): string | undefined {
  return type === undefined
    ? undefined
    : `${comment(documentation(row))}${name}${isOptional ? '?' : ''}: ${type};`;
}

/** The type of a decoded field; undefined if it has no name. */
function valueType(type: AnyType, uses: string[]): string | undefined {
  if (type instanceof Integer) return typeof type.max;
  if (type instanceof RawBytes) return 'Uint8Array';
  if (type instanceof ArrayType || type instanceof FlexibleArray) {
    const element = valueType(type.element, uses);
    if (element === undefined || type instanceof FlexibleArray) return element && `${element}[]`;
    return `readonly [${Array.from({ length: type.length }, () => element).join(', ')}]`;
  }
  if (!(type instanceof Struct) || !/^\w+$/.test(type.name)) return undefined;
  uses.push(type.name);
  return typeName(type.name);
}

function bitProperties(members: readonly BitMember[], rows: readonly LayoutRow[]): string[] {
  return members.map(({ name, hi, lo, max, fixed, doc }, i) => {
    const bits = bitRange({ hi, lo });
    // The number that selects a form has the description of the form, which is already above it.
    if (fixed !== undefined) return `${comment(`${bits} Marks this form.`)}${name}: ${fixed};`;
    return `${comment(`${bits} ${documentation({ ...rows[i], doc })}`)}${name}: ${typeof max};`;
  });
}

/** A type for each form, and the union of them. */
function variantsTypes(name: string, type: AnyVariants, rows: readonly LayoutRow[]): TypesCode {
  const forms = [...type.structs.keys()];
  const texts = [...type.structs.values()].map((form, i) => {
    const section = type.cases[form.name]?.section ?? '';
    const doc = section === '' ? form.description : `${form.description} Section ${section}.`;
    return interfaceCode(form.name, doc, bitProperties(form.members, rows[i]?.rows ?? []));
  });
  const tag = `'${type.tagName}'`;
  texts.push(
    `${comment(`A ${type.name} of a form that is known.`)}export type Known${name} = ${forms.join(' | ')};`,
    `${comment(`A ${type.name} whose ${type.tagName} has no form.`)}export type Unknown${name} = UnknownVariant<${tag}, Known${name}[${tag}]>;`,
    `${comment(type.description)}export type ${name} = Known${name} | Unknown${name};`,
  );
  return { text: texts.join('\n\n'), names: [name, `Known${name}`, `Unknown${name}`], forms, uses: [] };
}

function interfaceCode(name: string, doc: string, properties: readonly (string | undefined)[]): string {
  return `${comment(doc)}export interface ${name} {\n${properties.join('\n')}\n}`;
}

/** Meaning, role and direction of a field, as text. */
function documentation({ doc = '', role = '', direction = 'none' }: Partial<LayoutRow>): string {
  // The other roles are already clear from the type and the meaning.
  const what = /^(Flags|One|Id) of /.test(role) ? ` ${role}.` : '';
  return `${direction === 'out' || direction === 'inout' ? `(${direction}) ` : ''}${doc}${what}`;
}

const comment = (text: string): string => (text === '' ? '' : `/** ${text.replaceAll('*/', '* /')} */\n`);
