import { type AnyType, BitStruct, type Fields, Struct, Variants } from '@iommufd/uapi/struct';

/** The same declaration without its compiled code, so that the generic codec is used. */
export function withoutCode(type: AnyType): AnyType {
  const { name, byteLength } = type;
  if (type instanceof Variants)
    return new Variants(name, type.description, byteLength, type.tagName, type.cases);
  if (type instanceof BitStruct) return new BitStruct(name, type.description, byteLength, type.fields);
  if (type instanceof Struct)
    return new Struct(name, type.description, fieldsOf(type, false), fieldsOf(type, true));
  throw new TypeError(`${name} is never compiled`);
}

/** The fields of the first version of a struct, or those that were added to it. */
function fieldsOf({ members }: Pick<Struct<Fields, Fields>, 'members'>, added: boolean): Fields {
  return Object.fromEntries(
    members.flatMap((member) => (member.added === added ? [[member.name, member]] : [])),
  );
}
